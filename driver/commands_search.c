/* driver/commands_search.c - search: what a build would search, outside of it, with a budget of its
 * own.
 *
 * The compile is what it is for `explain`: flags behind `--`, or a compile_commands.json whose
 * compiles of annotated sources are taken one after the other. What is found goes where a build's
 * results go, the cache and the lockfile, so the next build has it. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "driver/commands.h"
#include "driver/emission.h"
#include "driver/finder.h"
#include "driver/recordings.h"
#include "driver/report_t4.h"
#include "driver/sources.h"
#include "runtime/base/arena.h"
#include "runtime/base/duration.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/status.h"
#include "runtime/base/utf8.h"

struct asked { /* the command line */
    struct arena *arena;
    const struct command_call *call;
    struct settings settings;
    const char **files;
    size_t nfiles;
    const char *commands; /* a compile_commands.json */
    const char *t4;       /* where results go in that format; NULL: nowhere */
    bool again, resume;
    json_t *results;
    bool waits, failed;
    struct finder *begun; /* whose harness compiles already */
    const struct unit_source *begun_for;
};

/* ---- options ---- */

static int usage(const char *format, const char *word)
{
    char text[300];

    snprintf(text, sizeof text, format, word);
    return command_fail(EXIT_USAGE, "search: %s; ksnvcc search --help says how", text);
}

static int apply_budget(struct asked *q, const char *budget, const char *evals, const char *seed)
{
    char *end = NULL;

    if (budget && (q->settings.seconds = duration_seconds(budget)) < 0)
        return usage("--budget takes a time, like 90s, 10min or 2h, not '%s'", budget);
    if (evals && ((q->settings.evals = strtoll(evals, &end, 10)) <= 0 || *end))
        return usage("--evals takes a number of variants, not '%s'", evals);
    if (seed && (q->settings.seed = strtoull(seed, &end, 10), *end))
        return usage("--seed takes a number, not '%s'", seed);
    return 0;
}

static int apply_tuner(struct asked *q, const char *tuner)
{
    if (tuner && (q->settings.tuner = tuner_kind_named(tuner)) == TUNER_KINDS)
        return usage("there is no tuner '%s': surrogate, ga, random", tuner);
    return 0;
}

static int apply_models(struct asked *q, const char *model, const char *planner)
{
    struct models_about about;
    struct error err = {""};

    if (model)
        setenv("KSEARCH_MODEL", model, 1);
    if (planner)
        setenv("KSEARCH_PLANNER", planner, 1);
    if (!model && !planner)
        return 0;
    q->settings.replay = recordings_path(getenv("KSEARCH_MODEL"));
    if (q->settings.replay)
        return 0;
    q->settings.has_models = models_config_read(&q->settings.models, &err) > 0;
    if (!*err.text && models_look(&q->settings.models, &about, &err) == 0)
        return 0;
    return usage("%s", err.text);
}

/* 0, or the status to end with */
static int read_options(struct asked *q)
{
    const char *budget = NULL, *evals = NULL, *seed = NULL, *model = NULL, *planner = NULL;
    const char *money = NULL, *tokens = NULL, *run = NULL, *tuner = NULL;
    bool step = false, finish = false, all = false;
    const struct {
        const char *name;
        const char **value;
    } options[] = {{"--budget", &budget}, {"--evals", &evals},     {"--seed", &seed},
                   {"--model", &model},   {"--planner", &planner}, {"--run", &run},
                   {"--tokens", &tokens}, {"--money", &money},     {"-p", &q->commands},
                   {"--tuner", &tuner},   {"--t4", &q->t4}};
    const struct {
        const char *name;
        bool *value;
    } flags[] = {{"--again", &q->again},
                 {"--resume", &q->resume},
                 {"--step", &step},
                 {"--finish", &finish},
                 {"--exhaustive", &all}};
    const struct command_call *call = q->call;
    size_t n = sizeof options / sizeof *options, nflags = sizeof flags / sizeof *flags, k;

    for (size_t i = 0; i < call->n; i++) {
        const char *word = call->words[i], *equals = strchr(word, '=');
        size_t len = equals ? (size_t)(equals - word) : strlen(word);
        if (*word != '-') {
            *(const char **)arena_push(q->arena, q->files, q->nfiles) = word;
            continue;
        }
        for (k = 0; k < nflags && strcmp(flags[k].name, word) != 0; k++)
            ;
        if (k < nflags) {
            *flags[k].value = true;
            continue;
        }
        for (k = 0;
             k < n && (strlen(options[k].name) != len || strncmp(options[k].name, word, len)); k++)
            ;
        if (k == n)
            return usage("there is no option '%s'", word);
        if (!equals && i + 1 == call->n)
            return usage("%s wants a value", word);
        *options[k].value = equals ? equals + 1 : call->words[++i];
    }
    if (tokens)
        setenv("KSEARCH_TOKENS", tokens, 1);
    if (money)
        setenv("KSEARCH_MONEY", money, 1);
    settings_read(&q->settings);
    q->settings.step = step || finish;
    q->settings.finish = finish;
    q->settings.run = run;
    q->settings.all = all;
    q->settings.t4 = q->t4 ? json_array() : NULL;
    if (all && (model || planner))
        return usage("%s", "--exhaustive tries what is declared, and asks no model");
    q->settings.has_models &= !all;
    int rc = apply_budget(q, budget, evals, seed);
    rc = rc ? rc : apply_tuner(q, tuner);
    return rc ? rc : apply_models(q, model, planner);
}

/* ---- one compile ---- */

static void search_result(struct asked *q, const struct unit_source *u, const struct target *t,
                          bool waits)
{
    json_t *result = json_pack("{s:o, s:o, s:s, s:o, s:b}", "file", utf8_json(u->src->path),
                               "entry", utf8_json(t->name), "found", found_name(t->found), "why",
                               t->why ? utf8_json(t->why) : json_null(), "waits", (int)waits);

    if (t->record)
        json_object_set_new(result, "record", record_to_json(t->record, false));
    json_array_append_new(q->results, result);
    target_say(u, t);
    q->waits |= waits;
    q->failed |= !t->record && !waits;
}

/* builds do not search then; who searches by hand may still want to know, and to write it in */
static void search_warn(const struct inspection *in, const struct unit_source *u,
                        const struct target *t)
{
    struct error err = {""};

    if (emission_possible(in, u, t, &err))
        log_warn("%s: %s: no build can use what is found: %s", fs_base(u->src->path), t->name,
                 err.text);
}

/* the harness is what a search waits for first, so it compiles while the keys are made */
static void search_early(void *arg, struct inspection *in, struct unit_source *u)
{
    struct asked *q = arg;

    if (q->begun || !in->have_gpu || !u->ntargets || q->settings.run || q->resume)
        return;
    q->begun = finder_new(in, u, &q->settings);
    q->begun_for = u;
    finder_begin(q->begun);
}

static void search_source(void *arg, struct inspection *in, struct unit_source *u,
                          struct library *lib)
{
    struct asked *q = arg;
    bool is_begun = q->begun_for == u;
    struct finder *finder = is_begun ? q->begun : finder_new(in, u, &q->settings);

    for (size_t i = 0; i < u->ntargets && !proc_interrupted(); i++) {
        struct target *t = &u->targets[i];
        bool waits = false;
        if (!q->again && !q->settings.run && !q->resume)
            library_find(lib, in, t);
        if (!t->record && !in->have_gpu)
            t->why = in->no_gpu.text;
        else if (!t->record) {
            search_warn(in, u, t);
            waits = finder_search(finder, lib, t, q->again);
        }
        search_result(q, u, t, waits);
    }
    if (!is_begun)
        finder_free(finder);
}

static void search_leave(void *arg)
{
    struct asked *q = arg;

    finder_free(q->begun);
    q->begun = NULL;
    q->begun_for = NULL;
}

static int search_files(struct asked *q, const struct sources_use *use)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < q->nfiles && !proc_interrupted(); i++)
        rc = sources_of_file(q->files[i], q->call->rest, use);
    return rc;
}

int command_search(const struct command_call *call)
{
    struct asked q = {.arena = arena_new(), .call = call, .results = json_array()};
    struct sources_use use = {search_early, search_source, search_leave, &q};
    struct error err = {""};
    int rc = read_options(&q);

    proc_finish_first();

    if (rc == 0 && !q.nfiles && !q.commands)
        rc = command_fail(EXIT_USAGE, "search what? ksnvcc search --help says how");
    if (rc == 0)
        rc = q.commands ? sources_of_project(q.commands, q.files, q.nfiles, &use)
                        : search_files(&q, &use);
    if (q.t4 && q.settings.t4 && t4_write(q.settings.t4, q.t4, &err))
        rc = command_fail(1, "%s", err.text);
    json_decref(q.settings.t4);
    if (call->json && (rc == 0 || json_array_size(q.results)))
        command_print_json(json_incref(q.results));
    if (rc == 0 && !json_array_size(q.results) && !call->json)
        log_line("nothing is annotated there");
    json_decref(q.results);
    arena_free(q.arena);
    proc_end_by_signal();
    return rc ? rc : q.waits ? EXIT_WAITS : q.failed;
}
