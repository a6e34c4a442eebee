/* tests/journal_fill.c - makes a run of a cache folder from a recording.
 *
 *     journal_fill RECORDING CACHE RUN [FILE]
 *
 * With FILE, what was written is then exported to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cache/journal.h"

struct copy {
    struct journal *to;
    struct error *err;
    int rc;
};

static void copy_fact(void *arg, const char *name, const json_t *fact)
{
    struct copy *c = arg;

    if (c->rc == 0)
        c->rc = journal_put(c->to, name, json_deep_copy(fact), c->err);
}

static int copy_all(const struct journal *from, struct journal *to, struct error *err)
{
    struct copy c = {to, err, 0};

    journal_each(from, "", copy_fact, &c);
    for (size_t i = 0; i < journal_steps(from) && c.rc == 0; i++) {
        struct journal_step step = journal_step_at(from, i);
        c.rc = journal_step(to, step.seconds, step.name, err);
    }
    return c.rc;
}

int main(int argc, char **argv)
{
    struct error err = {""};
    char *path = argc > 3 ? journal_path(argv[2], argv[3]) : NULL;
    struct journal *from = path ? journal_import(argv[1], &err) : NULL,
                   *to = from ? journal_open(path, JOURNAL_WRITE, NULL, &err) : NULL;
    int rc = to ? copy_all(from, to, &err) : -1;

    if (rc == 0 && argc > 4)
        rc = journal_export(to, argv[4], true, &err);
    if (rc < 0)
        fprintf(stderr, "journal_fill: %s\n", err.text);
    journal_close(to);
    journal_close(from);
    free(path);
    return rc < 0;
}
