/* driver/search/loop.c - a search from its first compile to its verdict.
 *
 * Compilers and models run ahead of the GPU: while one variant is checked and timed, the next units
 * compile and the next proposals are written (lab.c pumps them). Each variant is screened (tests,
 * then RACE_SCREEN samples a workload, every launch checked); verdict.c decides about the good
 * ones. A fifth of the time is kept for that. */
#include "driver/search/loop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "driver/build/copy.h"
#include "driver/build/harness.h"
#include "driver/search/files.h"
#include "driver/search/gain.h"
#include "driver/search/propose.h"
#include "driver/search/recall.h"
#include "driver/search/search.h"
#include "driver/search/teach.h"
#include "runtime/base/arena.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/utf8.h"

#define AT_FLOOR 1.1 /* times the floor: there is nothing left to gain */
#define AT_PEAK 90   /* percent of what an arithmetic pipe can do: the same */
#define BETTER 0.97  /* times the score: the best is another one, to be counted anew */

/* ---- setting up ---- */

static void search_points(struct search *s)
{
    const struct spec *spec = s->spec;
    s->timed = arena_array(s->arena, size_t, spec->npoints + 1);
    s->tests = arena_array(s->arena, size_t, spec->npoints + 1);
    s->weight = arena_array(s->arena, double, spec->npoints + 1);
    s->original_us = arena_array(s->arena, double, spec->npoints + 1);
    s->floor_us = arena_array(s->arena, double, spec->npoints + 1);
    s->arithmetic = arena_array(s->arena, double, spec->npoints + 1);
    s->best_us = arena_array(s->arena, double, spec->npoints + 1);
    for (size_t i = 0; i < spec->npoints; i++) {
        if (spec->points[i].timed) {
            s->weight[s->ntimed] = spec->points[i].weight;
            s->timed[s->ntimed++] = i;
        } else {
            s->tests[s->ntests++] = i;
        }
    }
    s->trials.workloads = s->ntimed;
}

/* the entry's own text, where it has tunables. -1 when its constraints leave nothing */
static int search_own(struct search *s)
{
    if (s->spec->ntunables && !form_add(s, s->spec, "", "own", NULL, 0, 1, s->diag))
        return -1;
    return 0;
}

/* is there anything beside its own tunables that may be tried? */
static bool search_has_more(const struct search *s)
{
    return s->spec->nstructures || s->nknobs || s->job->models || s->job->recording;
}

static bool search_is_empty(struct search *s)
{
    if (s->spec->ntunables || search_has_more(s))
        return false;
    diag_warning(s->diag, s->spec->file->src, s->spec->block.at,
                 "'%s' has nothing to search: add tune(NAME = values) for constants that may "
                 "change, or structure(\"FILE\") for another way to write it%s",
                 s->spec->name, s->run.knobs ? "" : "; the built-in knobs are switched off");
    return true;
}

static bool search_is_single(struct search *s)
{
    if (search_has_more(s) || space_size(s->forms[0]->space) > 1)
        return false;
    diag_warning(s->diag, s->spec->file->src, s->spec->tunables[0].at.at,
                 "the tunables of '%s' and their constraints leave one point, which is the code as "
                 "it is: there is nothing to choose from",
                 s->spec->name);
    return true;
}

static bool search_is_vast(struct search *s)
{
    const struct form *f = s->nforms ? s->forms[0] : NULL;
    if (!f || space_is_enumerated(f->space))
        return false;
    diag_error(s->diag, s->spec->file->src, s->spec->tunables[0].at.at,
               "'%s' has about %.2g points, too many for --exhaustive, which tries a million at "
               "most: search with a budget, or add constraints",
               s->spec->name, space_size(f->space));
    return true;
}

static int search_start(struct search *s, struct error *err)
{
    const struct units_target *t = &s->job->target;
    builtin_start(s);
    if (search_is_empty(s))
        return error_set(err, "there is nothing to search");
    if (!copy_is_called(s->spec)) {
        diag_error(s->diag, s->spec->file->src, s->spec->call.at.at,
                   "call(...) does not reach '%s' through what this file declares: call it, or a "
                   "function here that does",
                   s->spec->name);
        return error_set(err, "call(...) does not reach it");
    }
    if (search_own(s))
        return error_set(err, "its tunables cannot be searched");
    if (search_is_single(s))
        return error_set(err, "there is nothing to choose from");
    if (s->run.all && search_is_vast(s))
        return error_set(err, "it is not for all of its points to be tried");
    if (files_check(s->spec, s->diag))
        return error_set(err, "a file of its inputs cannot be used");
    snprintf(s->name, sizeof s->name, "%s", target_name(t->file->arena, s->spec, t->instance));
    return 0;
}

/* ---- what every trial of every form shares ---- */

const int64_t *trial_values(const struct search *s, const struct trial *x)
{
    return space_values(s->forms[x->form]->space, x->point);
}

const char *trial_text(const struct search *s, const struct trial *x, char *text, size_t cap)
{
    const struct form *f = s->forms[x->form];
    size_t n = 0;
    *text = '\0';
    if (f->spec->structure)
        n = (size_t)snprintf(text, cap, "%s%s", f->name, f->spec->ntunables ? " with " : "");
    if (n < cap && f->spec->ntunables)
        space_text(f->space, x->point, text + n, cap - n);
    return text;
}

const double *trial_us(struct search *s, const struct trial *x)
{
    double *us = arena_array(s->arena, double, s->ntimed + 1);
    for (size_t w = 0; w < s->ntimed; w++)
        us[w] = x->samples[w].n ? samples_figure(&x->samples[w], s->spec->objective_p90) : 0;
    return us;
}

struct trial *search_default(struct search *s)
{
    for (size_t i = 0; i < s->trials.n; i++) {
        const struct form *f = s->forms[s->trials.trial[i].form];
        if (!*f->name && !f->has_knobs && s->trials.trial[i].point == space_default(f->space))
            return &s->trials.trial[i];
    }
    return NULL;
}

/* how fast it is on each workload, as the original's time over its own */
static void search_debug(const struct search *s, const struct trial *x)
{
    struct buf line;
    char text[256];
    if (!log_is_debug())
        return;
    buf_init(&line, 1 << 16);
    for (size_t w = 0; w < s->ntimed && x->state == TRIAL_GOOD; w++)
        if (x->samples[w].n)
            buf_addf(&line, " %.3fx",
                     s->original_us[w] / samples_figure(&x->samples[w], s->spec->objective_p90));
    log_debug("%s: %s:%s", s->name, trial_text(s, x, text, sizeof text),
              x->state == TRIAL_GOOD ? buf_text(&line)
              : x->why               ? x->why
                                     : "");
    buf_release(&line);
}

/* what may be tried yet, in the time that is left */
static double search_more(const struct search *s)
{
    double rate = s->lab.now > 0 ? (double)s->tried / s->lab.now : 0;
    double more = fmin(forms_size(s) - (double)s->tried, rate * (s->deadline - s->lab.now));
    return fmax(0, s->run.evals > 0 ? fmin(more, (double)(s->run.evals + 1) - (double)s->tried)
                                    : more);
}

static double search_gain_left(const struct search *s)
{
    double *logs = malloc((s->trials.n + 1) * sizeof *logs);
    size_t n = 0;
    if (!logs)
        fatal("out of memory");
    for (size_t i = 0; i < s->trials.n; i++)
        if (s->trials.trial[i].state == TRIAL_GOOD && !s->trials.trial[i].twin)
            logs[n++] = log(s->trials.trial[i].score);
    double gain = gain_left(logs, n, search_more(s));
    free(logs);
    return gain;
}

static void search_progress(const struct search *s)
{
    const struct trial *best = trials_best(&s->trials);
    char text[128] = "none yet", left[64] = "", end[48] = "";
    double gain = search_gain_left(s);
    if (best)
        trial_text(s, best, text, sizeof text);
    if (gain >= 0)
        snprintf(left, sizeof left, ", about %.1f %% to gain", 100 * gain);
    if (!s->run.all || s->job->seconds < SEARCH_FOR_EVER)
        snprintf(end, sizeof end, " of %.0f", s->job->seconds);
    log_progress("%s: best %.2fx, %zu of %.0f tried, %.1f a second%s, %.0f%s s: %s", s->name,
                 best ? 1 / best->score : 1.0, s->tried, forms_size(s),
                 s->lab.now > 0 ? (double)s->tried / s->lab.now : 0, left, s->lab.now, end, text);
}

/* ---- exploring ---- */

static bool is_at_floor(const struct search *s, size_t w)
{
    return s->best_us[w] <= AT_FLOOR * s->floor_us[w];
}

/* Where arithmetic is the limit the floor, which is of bytes, is never reached: counters of the
 * best tell then whether more is left; of the original at first, and of each that is clearly
 * better. They cost some ten runs: what was declared is tried in any case, so there is time until
 * that was, and then until the GPU waits for a compiler */
static void search_count(struct search *s)
{
    struct trial *x = (struct trial *)trials_best(&s->trials);
    size_t first = 0;
    if (!s->computes || builtin_owed(s))
        return;
    x = x && x->score < 1 ? x : NULL;
    double score = x ? x->score : 1;
    if (s->counted > 0 && score > BETTER * s->counted)
        return;
    while (first < s->ntimed && is_at_floor(s, first))
        first++;
    if (first < s->ntimed && !lab_has_time(s, x, first))
        return;
    s->counted = score;
    memset(s->arithmetic, 0, s->ntimed * sizeof *s->arithmetic);
    for (size_t w = 0; w < s->ntimed && !s->lost; w++) {
        if (is_at_floor(s, w))
            continue;
        s->arithmetic[w] = lab_arithmetic(s, x, w);
        if (!(s->arithmetic[w] >= AT_PEAK) && !s->lab.recording)
            return; /* there is something left, whatever the others say */
    }
}

/* why nothing is left to gain; NULL: something is */
static const char *search_at_floor(const struct search *s)
{
    const char *why = "the best is within a tenth of what the memory allows";
    for (size_t w = 0; w < s->ntimed; w++) {
        if (is_at_floor(s, w))
            continue;
        if (!(s->arithmetic[w] >= AT_PEAK))
            return NULL;
        why = "the best is within a tenth of what memory and arithmetic allow";
    }
    return s->ntimed ? why : NULL;
}

static void search_built(struct search *s, size_t trial)
{
    struct trial *x = &s->trials.trial[trial];
    s->chore = true;
    if (x->state == TRIAL_WAITING)
        lab_screen(s, x);
    s->chore = false;
    if (s->lost)
        return;
    s->tried++;
    search_debug(s, x);
    cycles_trial(s, trial);
    search_progress(s);
}

/* Runs cycles until nothing is left or something ends it; says in s->ended what that was. True when
 * nothing was left */
static bool search_explore(struct search *s)
{
    int quiet = 0;
    s->ended = "everything worth trying was tried";
    while (!s->lost && !proc_interrupted()) {
        if (!s->run.all)
            search_count(s);
        const char *why = s->run.all || builtin_owed(s) ? NULL : search_at_floor(s);
        if (why) {
            s->ended = why;
            return true;
        }
        cycles_fill(s);
        struct lab_event e = lab_next(s, trials_best(&s->trials) ? s->deadline : HUGE_VAL);
        if (e.kind == LAB_BUILT)
            search_built(s, e.id);
        else if (e.kind == LAB_REPLY)
            cycles_reply(s, e.id, e.fact);
        else if (e.kind == LAB_DEADLINE)
            s->ended = "the time was up";
        else if (e.kind == LAB_FINISH)
            s->ended = "it was told to come to its end";
        if (e.kind == LAB_WAITS)
            s->waits = true;
        quiet = e.kind == LAB_NOTHING ? quiet + 1 : 0;
        if (e.kind == LAB_NOTHING && cycles_busy(s) && quiet < 3)
            continue; /* what was over may make room for something else */
        if (e.kind != LAB_BUILT && e.kind != LAB_REPLY)
            return e.kind == LAB_NOTHING;
    }
    return false;
}

/* ---- one search ---- */

static const char *count_limit(struct search *s)
{
    const char *bottleneck = propose_bottleneck(s);
    s->computes = strcmp(bottleneck, "compute") == 0;
    s->is_limit_known = true;
    return bottleneck;
}

void search_limit(struct search *s)
{
    if (!s->is_limit_known)
        world_limit(s->world, count_limit(s));
}

static void search_world(struct search *s)
{
    const char **labels = arena_array(s->arena, const char *, s->ntimed + 1);
    for (size_t w = 0; w < s->ntimed; w++)
        labels[w] = s->spec->points[s->timed[w]].label;
    /* what limits it tells ideas apart; counting that takes a second, for which declared tunables
     * need not wait where there is no other idea at first */
    bool choice = s->spec->nstructures || s->run.asks ||
                  (s->nknobs && (!s->spec->ntunables || s->lab.recording));
    const char *bottleneck = choice ? count_limit(s) : "unknown";
    s->world = world_new(&(struct world_config){
        .seed = s->run.seed,
        .workloads = s->ntimed,
        .labels = labels,
        .weight = s->weight,
        .original_us = s->original_us,
        .kernel_class = propose_class(s),
        .bottleneck = bottleneck,
        .arch = arena_printf(s->arena, "sm_%d%d", s->job->gpu.major, s->job->gpu.minor),
        .priors = (json_t *)lab_priors(s),
    });
}

/* The last word has compute-sanitizer. True: a winner is refused, and the verdict with it */
static bool search_refutes(struct search *s, struct verdict *v)
{
    struct trial **x = arena_array(s->arena, struct trial *, v->nparts + 1);
    struct error why = {""};
    size_t n = 0;
    for (size_t i = 0; i < v->nparts; i++) {
        bool again = false;
        for (size_t k = 0; k < n; k++)
            again |= x[k] == v->part[i].trial;
        if (!again)
            x[n++] = v->part[i].trial;
    }
    if (s->lost || proc_interrupted())
        return false;
    struct trial *bad = lab_sanitize(s, x, n, &why);
    if (!bad)
        return false;
    trials_fail(bad, TRIAL_WRONG, why.text);
    verdict_release(s, v);
    return true;
}

static struct record *search_judged(struct search *s, bool done, struct error *err)
{
    struct record *r = NULL;
    struct verdict v;
    if (s->lost || proc_interrupted() || contest_noise(s, err))
        return NULL;
    do {
        verdict_reach(s, &v);
    } while (search_refutes(s, &v));
    if (!s->lost && !proc_interrupted())
        r = outcome_record(s, &v, done, err);
    verdict_release(s, &v);
    return r;
}

static struct record *search_measured(struct search *s, struct error *err)
{
    struct record *r = NULL;
    if (lab_baseline(s, err))
        return NULL;
    search_world(s);
    cycles_start(s);
    bool done = search_explore(s);
    s->judged = pace_start(s);
    log_progress_end();
    if (s->waits)
        error_set(err, "it waits for replies");
    else
        r = search_judged(s, done, err);
    if (!r)
        error_set(err, "the search was stopped");
    return r;
}

/* It takes the place of one compiler, and no time of the budget: it serves all entries of the file
 */
static int search_harness(struct search *s, struct error *err)
{
    double start = now_seconds();
    if (!s->job->harness_ready)
        return 0;
    s->compilers++;
    int rc = s->job->harness_ready(s->job->harness_arg, lab_pump, s, err);
    s->compilers--;
    s->harness_wait = now_seconds() - start;
    s->lab.zero += s->harness_wait;
    s->began = pace_start(s);
    return rc;
}

static int search_open(struct search *s, struct error *err)
{
    const struct search_job *job = s->job;
    struct error lost = {""};
    if (s->nforms) { /* compiles while the harness does, and while the original is measured */
        form_begin(s, s->forms[0]);
        forms_early(s);
    }
    if (!s->bench)
        return 0;
    if (search_harness(s, err))
        return -1;
    enum bench_result opened =
        bench_open(s->bench, s->spec, job->target.instance, job->harness, job->seed, &lost);
    if (opened == BENCH_OK)
        return 0;
    const struct point *p = opened == BENCH_FAILED ? bench_refused(s->bench) : NULL;
    if (p)
        diag_error(s->diag, s->spec->file->src, p->at.at, "%s", lost.text);
    return error_set(err, "%s", p ? "one of its sizes cannot be measured" : lost.text);
}

/* what there is to say at the end; without it the run can be gone on with */
static void search_end(struct search *s, const struct record *r, const struct error *err)
{
    struct pace pace = pace_of(s);
    json_t *end;
    if (s->job->waits)
        *s->job->waits = s->waits;
    if (s->waits || s->lost || proc_interrupted())
        return;
    end =
        json_pack("{s:s, s:o?, s:o, s:f, s:f, s:f, s:f, s:I, s:f, s:o}", "reason",
                  s->ended ? s->ended : "it could not begin", "record",
                  r ? record_to_json(r, false) : NULL, "error", utf8_json(r ? "" : err->text),
                  "gpu_seconds", pace.checking + pace.timing, "compile_seconds", pace.compilers,
                  "model_seconds", pace.models, "idle_seconds", pace.compilers + pace.models,
                  "tokens", (json_int_t)s->lab.tokens, "money", s->lab.money, "pace", pace_json(s));
    lab_note(s, "end", end);
    if (s->job->learned && s->world)
        *s->job->learned = world_priors(s->world);
    if (s->job->made)
        *s->job->made = recall_made(s);
    if (s->job->taught)
        *s->job->taught = teach_made(s);
}

struct record *search_run(const struct search_job *job, struct diag *d, struct error *err)
{
    struct search s = {.arena = arena_new(),
                       .job = job,
                       .diag = d,
                       .spec = job->target.spec,
                       .bench = job->recording ? NULL : job->bench};
    struct record *r = NULL;
    search_points(&s);
    lab_open(&s);
    s.began = pace_start(&s);
    if (lab_run(&s, err) == 0 && search_start(&s, err) == 0 && search_open(&s, err) == 0) {
        s.deadline = verdict_begins(&s, s.run.seconds);
        r = search_measured(&s, err);
        outcome_say_failures(&s);
        if (r)
            outcome_say(&s, r);
    }
    search_end(&s, r, err);
    lab_close(&s);
    trials_release(&s.trials);
    forms_release(&s);
    teach_release(&s);
    world_free(s.world);
    arena_free(s.arena);
    return r;
}
