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

#include "driver/build/copy.h"
#include "driver/build/harness.h"
#include "driver/build/plan_json.h"
#include "driver/build/structure_text.h"
#include "driver/search/files.h"
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

/* evaluations that the budget allows for each way of writing the entry: as given, else what so many
 * cores can compile in the time */
static size_t search_evals(const struct search *s)
{
    double a_second = units_jobs() * (rewrite_is_shared(s->spec) ? 0.7 : 2.0);
    double most = s->job->evals > 0 ? (double)s->job->evals : s->job->seconds * a_second;
    most /= (double)s->nforms;
    return most < 1 ? 1 : most > 1e6 ? 1000000 : (size_t)most;
}

/* -1 when its constraints leave nothing */
static int form_start(struct search *s, struct form *f, struct diag *d)
{
    struct units_target target = s->job->target;
    int jobs = units_jobs() / (int)s->nforms;
    f->space = space_new(f->spec, bench_gpu(s->bench), d);
    if (!f->space)
        return -1;
    target.spec = f->spec;
    f->tuner = tuner_new(f->space, s->job->seed, search_evals(s));
    f->units = units_new(&target, jobs > 0 ? jobs : 1);
    return 0;
}

/* the entry's own text, where it has tunables, and its structures. A structure whose constraints
 * leave nothing on this GPU is left out, with what was said of it */
static int forms_start(struct search *s, struct diag *d)
{
    size_t most = 1 + s->spec->nstructures;
    s->forms = arena_array(s->arena, struct form, most);
    s->nforms = most;
    s->forms[0].spec = s->spec;
    if (s->spec->ntunables && form_start(s, &s->forms[0], d))
        return -1;
    s->nforms = 1;
    for (size_t i = 1; i < most; i++) {
        struct form *f = &s->forms[s->nforms];
        *f = (struct form){.spec = &s->spec->structures[i - 1]};
        s->nforms += form_start(s, f, d) == 0;
    }
    return s->forms[0].space || s->nforms > 1 ? 0 : -1;
}

static int search_start(struct search *s, struct diag *d, struct error *err)
{
    const struct units_target *t = &s->job->target;
    if (!s->spec->ntunables && !s->spec->nstructures)
        return error_set(
            err, "nothing to search: add tune(NAME = values) for constants that may change");
    if (!copy_is_called(s->spec)) {
        diag_error(d, s->spec->file->src, s->spec->call.at.at,
                   "call(...) does not reach '%s' through what this file declares: call it, or a "
                   "function here that does",
                   s->spec->name);
        return error_set(err, "call(...) does not reach it");
    }
    if (forms_start(s, d))
        return error_set(err, "its tunables and constraints leave nothing to try");
    if (files_check(s->spec, d))
        return error_set(err, "a file of its inputs cannot be used");
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
    trials_release(&s->trials);
    for (size_t i = 0; i < s->nforms; i++) {
        struct form *f = &s->forms[i];
        units_free(f->units);
        tuner_free(f->tuner);
        space_free(f->space);
        free(f->module_of_unit);
    }
    arena_free(s->arena);
}

static void search_pump(void *arg)
{
    struct search *s = arg;
    for (size_t i = 0; i < s->nforms; i++)
        if (s->forms[i].units)
            units_pump(s->forms[i].units);
}

const int64_t *trial_values(const struct search *s, const struct trial *x)
{
    return space_values(s->forms[x->form].space, x->point);
}

const char *trial_text(const struct search *s, const struct trial *x, char *text, size_t cap)
{
    const struct form *f = &s->forms[x->form];
    size_t n = 0;
    *text = '\0';
    if (f->spec->structure)
        n = (size_t)snprintf(text, cap, "%s%s", f->spec->structure->path,
                             f->spec->ntunables ? " with " : "");
    if (n < cap && f->spec->ntunables)
        space_text(f->space, x->point, text + n, cap - n);
    return text;
}

struct trial *search_default(struct search *s)
{
    for (size_t i = 0; i < s->trials.n; i++)
        if (s->trials.trial[i].form == 0 &&
            s->trials.trial[i].point == space_default(s->forms[0].space))
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

static size_t search_module(struct search *s, struct form *f, const struct built *b)
{
    if (b->unit >= f->nmodules) {
        size_t n = b->unit + 64;
        f->module_of_unit = realloc(f->module_of_unit, n * sizeof *f->module_of_unit);
        if (!f->module_of_unit)
            fatal("out of memory");
        memset(f->module_of_unit + f->nmodules, 0, (n - f->nmodules) * sizeof *f->module_of_unit);
        f->nmodules = n;
    }
    if (!f->module_of_unit[b->unit])
        f->module_of_unit[b->unit] = bench_add_module(s->bench, b->is_shared, b->blob) + 1;
    return f->module_of_unit[b->unit] - 1;
}

/* tells the bench of a variant that compiled */
static size_t search_variant(struct search *s, struct form *f, const struct trial *x,
                             const struct built *b)
{
    size_t module = search_module(s, f, b);
    const int64_t *values = trial_values(s, x);
    if (!f->spec->structure)
        return bench_add_variant(s->bench, module, b->symbol, values);
    json_t *name = json_pack("[s]", f->spec->structure->path);
    for (size_t i = 0; i < f->spec->ntunables; i++)
        json_array_append_new(name, json_integer(values[i]));
    json_t *plan = b->symbols ? plan_json(f->spec, values, b->symbols) : NULL;
    return bench_add_structure(s->bench, module, b->symbol,
                               structure_entry_values(s->arena, f->spec, values), plan, name);
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
    log_debug("%s: %s:%s", s->name, trial_text(s, x, text, sizeof text), buf_text(&line));
    buf_release(&line);
}

static void search_measure(struct search *s, struct form *f, const struct built *b)
{
    struct trial *x = &s->trials.trial[b->tag];
    struct error why = {""};
    char text[256];
    /* the code as it is may be beyond a limit: only what would take its place must not be */
    bool limited = x->form != 0 || x->point != space_default(f->space);
    if (b->error) {
        trials_fail(x, TRIAL_NO_BUILD, b->error);
    } else if (limited && usage_check(&b->usage, s->spec, &why)) {
        trials_fail(x, TRIAL_LIMIT, why.text);
    } else {
        x->variant = search_variant(s, f, x, b);
        if (limited)
            bench_limit_variant(s->bench, x->variant);
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
        log_debug("%s: %s: %s", s->name, trial_text(s, x, text, sizeof text), x->why);
    tuner_report(f->tuner, x->point, failed, failed ? HUGE_VAL : x->score);
}

/* ---- the pipeline ---- */

static void search_queue(struct search *s, size_t form, size_t point)
{
    struct form *f = &s->forms[form];
    units_add(f->units, trials_add(&s->trials, form, point), space_values(f->space, point));
}

static void form_fill(struct search *s, size_t form)
{
    struct form *f = &s->forms[form];
    size_t depth = (size_t)units_jobs() * VARIANTS_A_JOB / s->nforms + 1, point[64];
    while (units_pending(f->units) < depth) {
        size_t want = depth - units_pending(f->units);
        size_t n = tuner_suggest(f->tuner, point, want < 64 ? want : 64);
        for (size_t i = 0; i < n; i++)
            search_queue(s, form, point[i]);
        if (!n)
            break;
    }
    units_pump(f->units);
}

static void search_fill(struct search *s)
{
    for (size_t i = 0; i < s->nforms; i++)
        if (s->forms[i].units)
            form_fill(s, i);
}

/* valid points of all forms */
double search_size(const struct search *s)
{
    double n = 0;
    for (size_t i = 0; i < s->nforms; i++)
        n += s->forms[i].space ? space_size(s->forms[i].space) : 0;
    return n;
}

static void search_progress(const struct search *s)
{
    const struct trial *best = trials_best(&s->trials);
    double took = now_seconds() - s->start;
    size_t tried = s->trials.n - trials_count(&s->trials, TRIAL_WAITING);
    char text[128] = "none yet";
    if (best)
        trial_text(s, best, text, sizeof text);
    log_progress("%s: %zu of %.0f tried, best %.2fx (%s), %.1f a second, %.0f of %.0f s", s->name,
                 tried, search_size(s), best ? 1 / best->score : 1.0, text,
                 took > 0 ? (double)tried / took : 0, took, s->job->seconds);
}

/* measures the next variant that was built; false when there is none yet */
static bool search_next(struct search *s)
{
    struct built b;
    for (size_t i = 0; i < s->nforms; i++) {
        struct form *f = &s->forms[i];
        if (!f->units || !units_next(f->units, &b))
            continue;
        search_measure(s, f, &b);
        search_progress(s);
        return true;
    }
    return false;
}

/* waits a little for a compiler; false when none runs */
static bool search_wait(struct search *s)
{
    double start = now_seconds();
    bool any = false;
    for (size_t i = 0; i < s->nforms; i++) {
        struct form *f = &s->forms[i];
        if (!f->units || !units_pending(f->units))
            continue;
        any = true;
        units_wait(f->units, 50 / (int)s->nforms + 1);
    }
    s->idle += now_seconds() - start;
    return any;
}

/* tries points until the tuner, the budget or the bench has had enough. true when the space (as far
 * as the tuner goes) is done */
static bool search_explore(struct search *s)
{
    while (!s->lost && !proc_interrupted()) {
        bool in_time = now_seconds() < s->deadline || !trials_best(&s->trials);
        if (!in_time)
            return false;
        search_fill(s);
        if (!search_next(s) && !search_wait(s))
            return true;
    }
    return false;
}

/* ---- one search ---- */

static struct record *search_measured(struct search *s, struct error *err)
{
    struct record *r = NULL;
    struct verdict v;
    bench_on_idle(s->bench, search_pump, s);
    for (size_t i = 0; i < s->nforms; i++)
        if (s->forms[i].space)
            search_queue(s, i, space_default(s->forms[i].space));
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
        const struct point *p = opened == BENCH_FAILED ? bench_refused(s.bench) : NULL;
        if (p)
            diag_error(d, s.spec->file->src, p->at.at, "%s", lost.text);
        error_set(err, "%s", p ? "one of its sizes cannot be measured" : lost.text);
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
