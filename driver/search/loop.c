/* driver/search/loop.c - a search from its first compile to its verdict.
 *
 * Compilers run ahead of the GPU: while one variant is checked and timed, the next units compile
 * (bench_on_idle pumps them). Each variant is screened (tests, then RACE_SCREEN samples a workload,
 * every launch checked); verdict.c decides about the good ones. A fifth of the time is kept for
 * that. */
#include "driver/search/loop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "driver/build/harness.h"
#include "driver/search/race.h"
#include "driver/search/search.h"
#include "runtime/base/arena.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

#define VARIANTS_A_JOB 4 /* queued for each compiler */
#define HOPELESS 4.0 /* times slower than the original on one workload: not timed on the others */

/* ---- setting up ---- */

static void search_points(struct search *s)
{
    const struct spec *spec = s->spec;
    s->timed = arena_array(s->arena, size_t, spec->npoints + 1);
    s->tests = arena_array(s->arena, size_t, spec->npoints + 1);
    s->weight = arena_array(s->arena, double, spec->npoints + 1);
    s->original_us = arena_array(s->arena, double, spec->npoints + 1);
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

/* evaluations that the budget allows: as given, else what so many cores can compile in the time */
static size_t search_evals(const struct search *s)
{
    double a_second = units_jobs() * (rewrite_unit_is_shared(s->spec) ? 0.7 : 2.0);
    double most = s->job->evals > 0 ? (double)s->job->evals : s->job->seconds * a_second;
    return most < 1 ? 1 : most > 1e6 ? 1000000 : (size_t)most;
}

static int search_start(struct search *s, struct diag *d, struct error *err)
{
    const struct units_target *t = &s->job->target;
    if (!s->spec->ntunables)
        return error_set(
            err, "nothing to search: add tune(NAME = values) for constants that may change");
    s->space = space_new(s->spec, bench_gpu(s->bench), d);
    if (!s->space)
        return error_set(err, "its tunables and constraints leave nothing to try");
    s->tuner = tuner_new(s->space, s->job->seed, search_evals(s));
    s->units = units_new(t, units_jobs());
    search_points(s);
    snprintf(s->name, sizeof s->name, "%s", target_name(t->file->arena, s->spec, t->instance));
    s->start = now_seconds();
    s->before = bench_clock(s->bench);
    s->deadline = s->start + 0.8 * s->job->seconds;
    return 0;
}

static void search_release(struct search *s)
{
    bench_on_idle(s->bench, NULL, NULL);
    units_free(s->units);
    tuner_free(s->tuner);
    trials_release(&s->trials);
    space_free(s->space);
    free(s->module_of_unit);
    arena_free(s->arena);
}

static void search_pump(void *arg)
{
    units_pump(arg);
}

struct trial *search_default(struct search *s)
{
    for (size_t i = 0; i < s->trials.n; i++)
        if (s->trials.trial[i].point == space_default(s->space))
            return &s->trials.trial[i];
    return NULL;
}

/* ---- the original ---- */

/* checks the original against itself and times it: without that there is nothing to compare with */
static int search_baseline(struct search *s, struct error *err)
{
    struct error why = {""};
    enum bench_result r = BENCH_OK;
    for (size_t i = 0; r == BENCH_OK && i < s->spec->npoints; i++)
        r = bench_check(s->bench, BENCH_ORIGINAL, &i, 1, 1, &why);
    for (size_t w = 0; r == BENCH_OK && w < s->ntimed; w++) {
        struct samples us = {0};
        r = bench_time(s->bench, BENCH_ORIGINAL, s->timed[w], 5, &us, &why);
        if (r == BENCH_OK)
            s->original_us[w] = median_of(us.us, us.n);
        samples_release(&us);
    }
    return r == BENCH_OK ? 0 : error_set(err, "the original cannot be measured: %s", why.text);
}

/* ---- one variant ---- */

static size_t search_module(struct search *s, const struct built *b)
{
    if (b->unit >= s->nmodules) {
        size_t n = b->unit + 64;
        s->module_of_unit = realloc(s->module_of_unit, n * sizeof *s->module_of_unit);
        if (!s->module_of_unit)
            fatal("out of memory");
        memset(s->module_of_unit + s->nmodules, 0, (n - s->nmodules) * sizeof *s->module_of_unit);
        s->nmodules = n;
    }
    if (!s->module_of_unit[b->unit])
        s->module_of_unit[b->unit] = bench_add_module(s->bench, b->is_shared, b->blob) + 1;
    return s->module_of_unit[b->unit] - 1;
}

static enum bench_result search_screen(struct search *s, struct trial *x, struct error *why)
{
    enum bench_result r = bench_check(s->bench, x->variant, s->tests, s->ntests, 1, why);
    for (size_t w = 0; r == BENCH_OK && w < s->ntimed; w++) {
        r = bench_time(s->bench, x->variant, s->timed[w], RACE_SCREEN, &x->samples[w], why);
        x->score = trials_score(x, s->original_us, s->weight, s->ntimed);
        if (x->score > HOPELESS)
            break;
    }
    return r;
}

/* how fast it is on each workload, as the original's time over its own */
static void search_debug(const struct search *s, const struct trial *x)
{
    struct buf line;
    char text[256];
    if (!log_is_debug())
        return;
    buf_init(&line, 1 << 16);
    for (size_t w = 0; w < s->ntimed; w++)
        if (x->samples[w].n)
            buf_addf(&line, " %.3fx", s->original_us[w] / samples_median(&x->samples[w]));
    log_debug("%s: %s:%s", s->name, space_text(s->space, x->point, text, sizeof text),
              buf_text(&line));
    buf_release(&line);
}

static void search_measure(struct search *s, const struct built *b)
{
    struct trial *x = &s->trials.trial[b->tag];
    struct error why = {""};
    char text[256];
    if (b->error) {
        trials_fail(x, TRIAL_NO_BUILD, b->error);
    } else {
        x->variant = bench_add_variant(s->bench, search_module(s, b), b->symbol,
                                       space_values(s->space, x->point));
        enum bench_result r = search_screen(s, x, &why);
        s->lost = r == BENCH_LOST;
        if (r == BENCH_OK)
            x->state = TRIAL_GOOD;
        else
            trials_fail(x, TRIAL_WRONG, why.text);
    }
    bool failed = x->state != TRIAL_GOOD;
    if (!failed)
        search_debug(s, x);
    else
        log_debug("%s: %s: %s", s->name, space_text(s->space, x->point, text, sizeof text), x->why);
    tuner_report(s->tuner, x->point, failed, failed ? HUGE_VAL : x->score);
}

/* ---- the pipeline ---- */

static void search_queue(struct search *s, size_t point)
{
    units_add(s->units, trials_add(&s->trials, point), space_values(s->space, point));
}

static void search_fill(struct search *s)
{
    size_t depth = (size_t)units_jobs() * VARIANTS_A_JOB, point[64];
    while (units_pending(s->units) < depth) {
        size_t want = depth - units_pending(s->units);
        size_t n = tuner_suggest(s->tuner, point, want < 64 ? want : 64);
        for (size_t i = 0; i < n; i++)
            search_queue(s, point[i]);
        if (!n)
            break;
    }
    units_pump(s->units);
}

static void search_progress(const struct search *s)
{
    const struct trial *best = trials_best(&s->trials);
    double took = now_seconds() - s->start;
    size_t tried = s->trials.n - trials_count(&s->trials, TRIAL_WAITING);
    char text[128] = "none yet";
    if (best)
        space_text(s->space, best->point, text, sizeof text);
    log_progress("%s: %zu of %.0f tried, best %.2fx (%s), %.1f a second, %.0f of %.0f s", s->name,
                 tried, space_size(s->space), best ? 1 / best->score : 1.0, text,
                 took > 0 ? (double)tried / took : 0, took, s->job->seconds);
}

/* tries points until the tuner, the budget or the bench has had enough. true when the space (as far
 * as the tuner goes) is done */
static bool search_explore(struct search *s)
{
    while (!s->lost && !proc_interrupted()) {
        struct built b;
        bool in_time = now_seconds() < s->deadline || !trials_best(&s->trials);
        if (!in_time)
            return false;
        search_fill(s);
        if (units_next(s->units, &b)) {
            search_measure(s, &b);
            search_progress(s);
        } else if (units_pending(s->units)) {
            double start = now_seconds();
            units_wait(s->units, 50);
            s->idle += now_seconds() - start;
        } else {
            return true;
        }
    }
    return false;
}

/* ---- one search ---- */

static struct record *search_measured(struct search *s, struct error *err)
{
    struct record *r = NULL;
    struct verdict v;
    bench_on_idle(s->bench, search_pump, s->units);
    search_queue(s, space_default(s->space));
    search_fill(s);
    if (search_baseline(s, err))
        return NULL;
    bool done = search_explore(s);
    log_progress_end();
    if (!s->lost && !proc_interrupted() && contest_noise(s, err) == 0) {
        verdict_reach(s, &v);
        if (!s->lost && !proc_interrupted())
            r = outcome_record(s, &v, done, err);
        verdict_release(s, &v);
    }
    if (!r)
        error_set(err, "the search was stopped");
    return r;
}

struct record *search_run(const struct search_job *job, struct diag *d, struct error *err)
{
    struct search s = {
        .arena = arena_new(), .job = job, .spec = job->target.spec, .bench = job->bench};
    struct record *r = NULL;
    struct error lost = {""};
    if (search_start(&s, d, err))
        goto out;
    enum bench_result opened =
        bench_open(s.bench, s.spec, job->target.instance, job->harness, job->seed, &lost);
    if (opened != BENCH_OK) {
        error_set(err, "%s", lost.text);
        goto out;
    }
    r = search_measured(&s, err);
    outcome_say_failures(&s);
    if (r)
        outcome_say(&s, r);
out:
    search_release(&s);
    return r;
}
