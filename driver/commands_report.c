/* driver/commands_report.c - `report`: what a search did; without a name, which searches there are.
 *
 * A name is a recording's file, the folder of a run, an entry (called.h; its newest run), or the
 * first letters of a run of the cache (the newest that begins so). What is in the cache comes
 * before a folder of that name, which is one without '/' by chance. It only looks: a search that
 * goes on meanwhile is not disturbed. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cache/journal.h"
#include "cache/store.h"
#include "driver/called.h"
#include "driver/commands.h"
#include "driver/report_impl.h"
#include "driver/report_t4.h"
#include "runtime/base/arena.h"
#include "runtime/base/fs.h"
#include "runtime/base/status.h"
#include "runtime/base/utf8.h"

static const char *state_of(const struct journal *j, const char *path)
{
    return journal_fact(j, "end") ? "ended" : path && journal_is_held(path) ? "running" : "stopped";
}

/* ---- the list ------------------------------------------------------------------------------- */

static json_t *list_item(const char *dir, const char *run)
{
    char *path = journal_path(dir, run);
    struct error err = {0};
    struct journal *j = journal_open(path, JOURNAL_READ, NULL, &err);
    json_t *report, *item;

    if (!j) {
        free(path);
        return json_pack("{s:o, s:o}", "run", utf8_json(run), "error", utf8_json(err.text));
    }
    report = report_collect(j, run, state_of(j, path));
    item = json_pack("{s:O, s:O, s:O, s:I, s:O}", "run", json_object_get(report, "run"), "about",
                     json_object_get(report, "about"), "state", json_object_get(report, "state"),
                     "trials", (json_int_t)json_array_size(json_object_get(report, "trials")),
                     "best", json_object_get(report, "best"));
    json_decref(report);
    journal_close(j);
    free(path);
    return item;
}

static void print_item(const json_t *item)
{
    const json_t *about = json_object_get(item, "about");
    double best = report_number(json_object_get(item, "best"), "score");
    struct buf line;

    buf_init(&line, BUF_LIMIT);
    report_cell(&line, report_string(item, "run"), 26, true);
    buf_addc(&line, ' ');
    if (*report_string(item, "error")) {
        report_cell(&line, report_string(item, "error"), 200, false);
    } else {
        report_cell(&line, report_string(about, "entry"), 20, true);
        buf_addc(&line, ' ');
        report_cell(&line, report_string(about, "file"), 14, true);
        buf_addc(&line, ' ');
        report_cell(&line, report_string(about, "started"), 20, true);
        buf_addf(&line, " %-7s ", report_string(item, "state"));
        if (best > 0)
            buf_addf(&line, "%.3fx", 1 / best);
        else
            buf_addc(&line, '-');
    }
    puts(buf_text(&line));
    buf_release(&line);
}

static int list_runs(const char *dir, bool json)
{
    char **runs = journal_runs(dir);
    json_t *all = json_array(), *item;
    size_t i;
    int rc = 0;

    for (i = 0; runs[i]; i++) {
        json_array_append_new(all, list_item(dir, runs[i]));
        free(runs[i]);
    }
    free(runs);
    if (json) {
        rc = command_print_json(json_incref(all));
    } else {
        json_array_foreach(all, i, item) print_item(item);
        if (i == 0)
            printf("%s holds no searches\n", dir);
    }
    json_decref(all);
    return rc;
}

/* ---- one of them ---------------------------------------------------------------------------- */

/* the entry that a run was a search of, "" where that cannot be read */
static const char *entry_of(struct arena *a, const char *dir, const char *run)
{
    char *path = journal_path(dir, run);
    struct journal *j = journal_open(path, JOURNAL_READ, NULL, NULL);
    const char *entry = j ? arena_dup(a, report_string(journal_fact(j, "run"), "entry")) : "";

    journal_close(j);
    free(path);
    return entry;
}

/* the newest run of the entry that is called so; NULL: there is none, or there are several */
static const char *find_entry(struct called *c, const char *dir, char **runs)
{
    enum called_how best = CALLED_NOT;
    const char *found = NULL;

    for (size_t i = 0; runs[i]; i++) {
        enum called_how how = called_see(c, entry_of(c->arena, dir, runs[i]), NULL);
        if (how > best)
            best = how, found = runs[i];
    }
    return called_many(c) ? NULL : found;
}

/* the run of that name, else of that entry, else the newest whose name begins so; NULL when there
 * is none */
static const char *find_run(struct called *c, const char *dir, char **runs)
{
    const char *found;

    for (size_t i = 0; runs[i]; i++)
        if (strcmp(runs[i], c->word) == 0)
            return runs[i];
    found = find_entry(c, dir, runs);
    for (size_t i = 0; !found && !called_many(c) && runs[i]; i++)
        if (strncmp(runs[i], c->word, strlen(c->word)) == 0)
            found = runs[i];
    return found;
}

static int write_page(const json_t *report, const char *file)
{
    struct error err = {0};
    struct buf page;
    int rc = 0;

    buf_init(&page, BUF_LIMIT);
    report_html(report, &page);
    if (fs_write(file, buf_text(&page), page.len, &err) < 0)
        rc = command_fail(1, "%s", err.text);
    buf_release(&page);
    return rc;
}

static int write_t4(const struct journal *j, const char *file)
{
    json_t *results = t4_results(j);
    struct error err = {0};
    int rc = t4_write(results, file, &err) ? command_fail(1, "%s", err.text) : 0;

    json_decref(results);
    return rc;
}

static int print_text(const json_t *report)
{
    struct buf text;
    int rc = 0;

    buf_init(&text, BUF_LIMIT);
    report_text(report, &text);
    if (fputs(buf_text(&text), stdout) == EOF || fflush(stdout) == EOF)
        rc = command_fail(1, "cannot write the answer");
    buf_release(&text);
    return rc;
}

static int show(const struct command_call *call, const struct journal *j, const char *name,
                const char *path)
{
    json_t *report = report_collect(j, name, state_of(j, path));
    struct error err = {0};
    int rc = 0;

    if (call->html)
        rc = write_page(report, call->html);
    if (rc == 0 && call->recording && journal_export(j, call->recording, false, &err))
        rc = command_fail(1, "%s", err.text);
    if (rc == 0 && call->t4)
        rc = write_t4(j, call->t4);
    if (rc == 0 && call->json)
        rc = command_print_json(json_incref(report));
    else if (rc == 0 && !call->html && !call->recording && !call->t4)
        rc = print_text(report);
    json_decref(report);
    return rc;
}

static int show_path(const struct command_call *call, const char *name, const char *path)
{
    struct error err = {0};
    struct stat st;
    bool is_file = stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
    struct journal *j =
        is_file ? journal_import(path, &err) : journal_open(path, JOURNAL_READ, NULL, &err);
    int rc = j ? show(call, j, name, is_file ? NULL : path) : command_fail(1, "%s", err.text);

    journal_close(j);
    return rc;
}

static int show_run(const struct command_call *call, struct called *c, const char *dir, char **runs)
{
    struct stat st;
    bool exists = stat(c->word, &st) == 0;
    const char *run = NULL;
    char *path;
    int rc;

    if (!strchr(c->word, '/') && !(exists && S_ISREG(st.st_mode)))
        run = find_run(c, dir, runs);
    if (called_many(c))
        return command_fail(1, "'%s' is not one entry: there are searches of %s", c->word,
                            called_list(c, &c->names));
    if (!run && exists)
        return show_path(call, fs_base(c->word), c->word);
    if (!run)
        return command_fail(1,
                            "there is no search %s in %s, and no such file: ksnvcc report lists "
                            "them",
                            c->word, dir);
    path = journal_path(dir, run);
    rc = show_path(call, run, path);
    free(path);
    return rc;
}

static int show_named(const struct command_call *call, const char *dir)
{
    struct called called = {.arena = arena_new(), .word = call->words[0]};
    char **runs = journal_runs(dir);
    int rc = show_run(call, &called, dir, runs);

    for (size_t i = 0; runs[i]; i++)
        free(runs[i]);
    free(runs);
    arena_free(called.arena);
    return rc;
}

int command_report(const struct command_call *call)
{
    char *dir;
    int rc;

    if (call->n > 1 || ((call->html || call->recording || call->t4) && call->n == 0))
        return command_fail(EXIT_USAGE, "which search? usage: ksnvcc report [--json] [--html FILE] "
                                        "[--export FILE] [--t4 FILE] [RUN | FILE]");
    dir = store_default_dir();
    if (!dir)
        return command_fail(1, "no cache folder: set KSEARCH_CACHE_DIR or HOME");
    rc = call->n ? show_named(call, dir) : list_runs(dir, call->json);
    free(dir);
    return rc;
}
