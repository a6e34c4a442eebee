/* driver/runs.c */
#include "driver/runs.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"

#define MOST_TRIES 1000

/* letters and digits of text, in lower case, with '-' for all that is between */
static void add_words(struct buf *name, const char *text)
{
    bool between = false;
    for (; *text; text++) {
        if (!isalnum((unsigned char)*text)) {
            between = true;
            continue;
        }
        if (between && name->len && name->data[name->len - 1] != '-')
            buf_addc(name, '-');
        buf_addc(name, (char)tolower((unsigned char)*text));
        between = false;
    }
}

static void run_base(struct buf *name, const char *entry, const struct key *key,
                     const struct gpu *gpu, bool replay)
{
    const char *card = strstr(gpu->name, "NVIDIA ") == gpu->name ? gpu->name + 7 : gpu->name;
    char hex[65];
    hash_hex(&key->all, hex);
    add_words(name, entry);
    buf_addf(name, "-%.8s-", hex);
    add_words(name, card);
    if (replay)
        buf_adds(name, "-replay");
}

static bool run_has_ended(const struct journal *j)
{
    return journal_fact(j, "end") != NULL;
}

/* its end is that it could not be done: there is nothing in it to keep */
static bool run_came_to_nothing(const struct journal *j)
{
    return run_has_ended(j) && !json_is_object(json_object_get(journal_fact(j, "end"), "record"));
}

/* 1 when the run of that name is ours now, 0 when it is another's or came to its end; -1 */
static int run_take(const char *cache_dir, const char *name, bool named, bool ended_too,
                    struct run *run, struct error *err)
{
    char *path = journal_path(cache_dir, name);
    bool was_there = fs_exists(path), busy = false;
    struct error why = {""};
    struct journal *j = journal_open(path, JOURNAL_WRITE, &busy, &why);
    if (j && !named && run_came_to_nothing(j)) {
        journal_close(j);
        fs_remove(path);
        was_there = false;
        j = journal_open(path, JOURNAL_WRITE, &busy, &why);
    }
    free(path);
    if (!j)
        return busy ? 0 : error_set(err, "%s", why.text);
    if (run_has_ended(j) && !ended_too) {
        journal_close(j);
        return 0;
    }
    *run = (struct run){strdup(name), j, was_there && journal_steps(j) > 0};
    return 1;
}

static void runs_prune(const char *cache_dir)
{
    char **names = journal_runs(cache_dir);
    for (size_t i = 0; names && names[i]; i++) {
        char *path = journal_path(cache_dir, names[i]);
        if (i >= RUNS_KEPT && !journal_is_held(path))
            fs_remove(path);
        free(path);
        free(names[i]);
    }
    free(names);
}

struct run runs_open(const char *cache_dir, const char *entry, const struct key *key,
                     const struct gpu *gpu, const char *name, bool replay, bool again,
                     struct error *err)
{
    struct run run = {0};
    struct buf text;
    if (!cache_dir) {
        error_set(err, "no cache folder is known");
        return run;
    }
    if (name) {
        if (run_take(cache_dir, name, true, true, &run, err) == 0)
            error_set(err, "another process is at the run %s", name);
        return run;
    }
    runs_prune(cache_dir);
    buf_init(&text, 4096);
    run_base(&text, entry, key, gpu, replay);
    size_t base = text.len;
    int rc = 0;
    for (int i = 1; rc == 0 && i < MOST_TRIES; i++) {
        text.len = base;
        if (i > 1)
            buf_addf(&text, "-%d", i);
        else
            text.data[base] = '\0';
        rc = run_take(cache_dir, buf_text(&text), false, !again, &run, err);
    }
    buf_release(&text);
    return run;
}

void runs_close(struct run *run)
{
    journal_close(run->journal);
    free(run->name);
    *run = (struct run){0};
}
