/* tests/keyof.c - prints the keys of a command's entries, for tests.
 *
 *   keyof KEEP_DIR COMMAND...
 *
 * One line an entry and instance: its name, then a hash for each part of its key. */
#include <stdio.h>
#include <string.h>
#include "driver/build/harness.h"
#include "driver/build/meaning.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"

static void print_key(const char *name, const struct key *key)
{
    char hex[65];

    printf("%s", name);
    for (int i = 0; i < KEY_PARTS; i++) {
        hash_hex(&key->part[i], hex);
        printf(" %.8s", hex);
    }
    putchar('\n');
}

static int keys_of(struct arena *a, const struct command *c, const struct plan *p,
                   const struct file *f, struct error *err)
{
    char *toolkit = command_toolkit(a, c, NULL, err);
    struct meaning *m = toolkit ? meaning_open(a, f, p, err) : NULL;

    for (size_t i = 0; m && i < f->nspecs; i++) {
        for (size_t k = 0; k < f->specs[i].ninstances; k++) {
            struct key key;
            meaning_target(a, m, &f->specs[i], k, toolkit, &key);
            print_key(target_name(a, &f->specs[i], k), &key);
        }
    }
    return m ? 0 : -1;
}

static int keyof(struct arena *a, char **argv, struct error *err)
{
    struct diag d;
    const struct source *src;
    struct file *f = NULL;
    struct command c;
    struct buf text;
    struct plan p;
    int rc = -1;

    diag_init(&d, a);
    buf_init(&text, BUF_LIMIT);
    if (command_parse(a, (const char *const *)argv + 2, &c, err) == 0 &&
        plan_make(a, &c, argv[1], &p, err) == 0 && (src = source_read(a, c.inputs[0], err))) {
        f = annotations_read(a, src, &(struct reading){0}, &d);
        rc = f ? keys_of(a, &c, &p, f, err) : -1;
    }
    diag_text(&d, &text);
    fputs(buf_text(&text), stderr);
    buf_release(&text);
    return rc;
}

int main(int argc, char **argv)
{
    struct arena *a = arena_new();
    struct error err = {""};
    int rc;

    if (argc < 4)
        return 97;
    proc_init();
    rc = keyof(a, argv, &err);
    if (rc < 0)
        fprintf(stderr, "keyof: %s\n", err.text);
    arena_free(a);
    return rc < 0;
}
