/* driver/search/loop.c - a search from its first compile to its verdict.
 *
 * Compilers run ahead of the GPU: while one variant is checked and timed, the next units compile
 * (bench_on_idle pumps them). Each variant is screened (tests, then RACE_SCREEN samples a workload,
 * every launch checked); the good ones race; the best are confirmed against the original in
 * interleaved pairs on fresh inputs, and judge_win decides. A fifth of the time is kept for race
 * and confirmation. The original's own values, compiled as a variant, give the noise: original
 * against itself. */
#include "driver/search/loop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "driver/build/harness.h"
#include "driver/search/judge.h"
#include "driver/search/race.h"
#include "driver/search/trials.h"
#include "driver/search/tune.h"
#include "runtime/base/fs.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

#define PAIRS 20         /* of a confirmation */
#define MORE_PAIRS 60    /* on top, where the spread is 1 % or more */
#define FINALISTS 3      /* that may be confirmed, one after the other */
#define SEEDS_AT_LAST 5  /* fresh draws on which a winner is checked */
#define VARIANTS_A_JOB 4 /* queued for each compiler */
#define SLOWER 1.02      /* times slower than the original: taken for slower before it is proven */
#define HOPELESS 4.0 /* times slower than the original on one workload: not timed on the others */

struct search {
    const struct search_job *job;
    const struct spec *spec;
    struct bench *bench;
    struct space *space;
    struct tuner *tuner;
    struct units *units;
    struct trials trials;
    size_t *timed, *tests; /* point numbers */
    size_t ntimed, ntests;
    double *weight, *original_us; /* one a timed point */
    double noise;
    size_t *module_of_unit; /* bench module + 1; 0: not told yet */
    size_t nmodules;
    char name[256];
    double start, deadline;    /* now_seconds */
    struct bench_clock before; /* the bench's clock when this search began */
    double idle;               /* seconds in which the GPU waited for compilers */
    bool lost;
};

/* ---- setting up ---- */

static void search_points(struct search *s)
{
    const struct spec *spec = s->spec;
    s->timed = calloc(spec->npoints + 1, sizeof *s->timed);
    s->tests = calloc(spec->npoints + 1, sizeof *s->tests);
    s->weight = calloc(spec->npoints + 1, sizeof *s->weight);
    s->original_us = calloc(spec->npoints + 1, sizeof *s->original_us);
    if (!s->timed || !s->tests || !s->weight || !s->original_us)
        fatal("out of memory");
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
    double a_second = units_jobs() * (s->spec->kind == ENTRY_KERNEL ? 2.0 : 0.7);
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
    free(s->timed);
    free(s->tests);
    free(s->weight);
    free(s->original_us);
    free(s->module_of_unit);
}

static void search_pump(void *arg)
{
    units_pump(arg);
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

/* ---- race and confirmation ---- */

/* Less is better. Where workloads are not weighted nothing may get slower, so what clearly does is
 * out of the race, however fast it is elsewhere. */
static double search_merit(const struct search *s, const struct trial *x)
{
    if (x->state != TRIAL_GOOD)
        return HUGE_VAL;
    for (size_t w = 0; w < s->ntimed && !judge_is_weighted(s->weight, s->ntimed); w++)
        if (!x->samples[w].n || samples_median(&x->samples[w]) > SLOWER * s->original_us[w])
            return HUGE_VAL;
    return trials_score(x, s->original_us, s->weight, s->ntimed);
}

static size_t search_race(struct search *s, struct racer *racer)
{
    size_t n = 0, run;
    int more;
    for (size_t i = 0; i < s->trials.n; i++)
        racer[n++] = (struct racer){i, search_merit(s, &s->trials.trial[i]), RACE_SCREEN};
    double end = s->start + s->job->seconds * 0.9;
    while (!s->lost && !proc_interrupted() && now_seconds() < end &&
           (run = race_next(racer, n, &more)) > 0) {
        for (size_t i = 0; i < run && !s->lost; i++) {
            struct trial *x = &s->trials.trial[racer[i].id];
            struct error why = {""};
            enum bench_result r = BENCH_OK;
            for (size_t w = 0; r == BENCH_OK && w < s->ntimed; w++)
                r = bench_time(s->bench, x->variant, s->timed[w], more, &x->samples[w], &why);
            s->lost = r == BENCH_LOST;
            if (r == BENCH_FAILED)
                trials_fail(x, TRIAL_WRONG, why.text);
            x->score =
                r == BENCH_OK ? trials_score(x, s->original_us, s->weight, s->ntimed) : HUGE_VAL;
            racer[i].score = x->score;
            racer[i].samples += more;
        }
    }
    return n;
}

struct confirmation { /* of one variant: pairs and intervals, one a timed point */
    struct samples *original, *variant;
    struct interval *interval;
};

static void confirmation_init(struct confirmation *c, size_t workloads)
{
    c->original = calloc(workloads + 1, sizeof *c->original);
    c->variant = calloc(workloads + 1, sizeof *c->variant);
    c->interval = calloc(workloads + 1, sizeof *c->interval);
    if (!c->original || !c->variant || !c->interval)
        fatal("out of memory");
}

static void confirmation_release(struct confirmation *c, size_t workloads)
{
    for (size_t w = 0; w < workloads && c->original; w++) {
        samples_release(&c->original[w]);
        samples_release(&c->variant[w]);
    }
    free(c->original);
    free(c->variant);
    free(c->interval);
    *c = (struct confirmation){0};
}

/* interleaved pairs of the original and a variant on every workload */
static enum bench_result search_pairs(struct search *s, size_t variant, struct confirmation *c,
                                      struct error *why)
{
    enum bench_result r = BENCH_OK;
    for (size_t w = 0; r == BENCH_OK && w < s->ntimed; w++) {
        struct samples *a = &c->original[w], *b = &c->variant[w];
        r = bench_pair(s->bench, BENCH_ORIGINAL, variant, s->timed[w], PAIRS, a, b, why);
        if (r == BENCH_OK && judge_spread(a->us, b->us, a->n) >= 0.01)
            r = bench_pair(s->bench, BENCH_ORIGINAL, variant, s->timed[w], MORE_PAIRS, a, b, why);
        if (r == BENCH_OK)
            c->interval[w] = judge_pairs(a->us, b->us, a->n);
    }
    return r;
}

static struct trial *search_default(struct search *s)
{
    for (size_t i = 0; i < s->trials.n; i++)
        if (s->trials.trial[i].point == space_default(s->space))
            return &s->trials.trial[i];
    return NULL;
}

/* the original against its own values compiled as a variant: both the noise and a test of our
 * copies */
static int search_noise(struct search *s, struct error *err)
{
    const struct trial *own = search_default(s);
    if (!own || own->state != TRIAL_GOOD)
        return error_set(err, "a copy of the original does not work like the original: %s",
                         own && own->why ? own->why : "it was not measured");
    struct confirmation c;
    confirmation_init(&c, s->ntimed);
    int rc = search_pairs(s, own->variant, &c, err) == BENCH_OK ? 0 : -1;
    for (size_t w = 0; rc == 0 && w < s->ntimed; w++) {
        double up = c.interval[w].high - 1, down = 1 - c.interval[w].low;
        s->noise = fmax(s->noise, fmax(up, down));
    }
    confirmation_release(&c, s->ntimed);
    return rc;
}

/* confirms the best until one is a proven win; that one, or NULL. *c holds the last confirmation
 * that was made */
static struct trial *search_confirm(struct search *s, const struct racer *racer, size_t n,
                                    struct confirmation *c)
{
    int confirmed = 0;
    for (size_t i = 0; i < n && confirmed < FINALISTS && !s->lost; i++) {
        struct trial *x = &s->trials.trial[racer[i].id];
        struct error why = {""};
        if (x == search_default(s) || search_merit(s, x) >= 1)
            continue;
        confirmed++;
        confirmation_release(c, s->ntimed);
        confirmation_init(c, s->ntimed);
        enum bench_result r =
            bench_check(s->bench, x->variant, s->tests, s->ntests, SEEDS_AT_LAST, &why);
        if (r == BENCH_OK)
            r = bench_check(s->bench, x->variant, s->timed, s->ntimed, 2, &why);
        if (r == BENCH_OK)
            r = search_pairs(s, x->variant, c, &why);
        s->lost = r == BENCH_LOST;
        if (r == BENCH_FAILED)
            trials_fail(x, TRIAL_WRONG, why.text);
        if (r == BENCH_OK && judge_win(c->interval, s->weight, s->ntimed, s->noise))
            return x;
    }
    return NULL;
}

/* ---- the record ---- */

static char *now_text(void)
{
    char text[32];
    time_t now = time(NULL);
    struct tm tm;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    return strdup(text);
}

static json_t *samples_json(const struct samples *s)
{
    json_t *array = json_array();
    for (size_t i = 0; i < s->n; i++)
        json_array_append_new(array, json_real(s->us[i]));
    return array;
}

static void record_workloads(struct search *s, const struct confirmation *c, struct record *r)
{
    r->workloads = calloc(s->ntimed + 1, sizeof *r->workloads);
    r->nworkloads = s->ntimed;
    if (!r->workloads)
        fatal("out of memory");
    for (size_t w = 0; w < s->ntimed; w++) {
        struct record_workload *x = &r->workloads[w];
        bool confirmed = c->original && c->original[w].n;
        x->label = strdup(s->spec->points[s->timed[w]].label);
        x->weight = s->weight[w];
        x->floor_us = bench_floor(s->bench, s->timed[w]);
        x->original_us = x->winner_us = s->original_us[w];
        x->ratio = x->low = x->high = 1;
        if (!confirmed)
            continue;
        x->original_us = samples_median(&c->original[w]);
        x->winner_us = samples_median(&c->variant[w]);
        x->ratio = c->interval[w].ratio, x->low = c->interval[w].low, x->high = c->interval[w].high;
        x->samples = json_pack("{s:o,s:o}", "original", samples_json(&c->original[w]), "winner",
                               samples_json(&c->variant[w]));
    }
}

static void record_values(struct search *s, const struct trial *x, struct record *r)
{
    const int64_t *values = space_values(s->space, x ? x->point : space_default(s->space));
    r->nvalues = s->spec->ntunables;
    r->values = calloc(r->nvalues + 1, sizeof *r->values);
    if (!r->values)
        fatal("out of memory");
    for (size_t i = 0; i < r->nvalues; i++)
        r->values[i] = (struct record_value){strdup(s->spec->tunables[i].name), values[i]};
}

static struct record *search_record(struct search *s, struct trial *winner,
                                    const struct confirmation *c, bool done)
{
    const struct gpu *gpu = bench_gpu(s->bench);
    struct record *r = record_new();
    char model[160];
    gpu_model(gpu, model);
    r->key = *s->job->key;
    r->entry = strdup(s->name);
    r->file = strdup(fs_base(s->job->target.file->src->path));
    r->gpu = strdup(model);
    r->major = gpu->major, r->minor = gpu->minor;
    r->gpu_uuid = strdup(gpu->uuid);
    r->driver = gpu->driver;
    r->toolkit = strdup(s->job->toolkit);
    r->win = winner != NULL;
    record_values(s, winner, r);
    record_workloads(s, c, r);
    r->ratio = r->low = r->high = 1;
    if (c->interval) {
        struct interval mean = judge_mean(c->interval, s->weight, s->ntimed);
        r->ratio = mean.ratio, r->low = mean.low, r->high = mean.high;
    }
    r->noise = s->noise;
    r->space = (long long)space_size(s->space);
    r->trials = (long long)(s->trials.n - trials_count(&s->trials, TRIAL_WAITING));
    r->seconds = now_seconds() - s->start;
    r->interrupted = !done;
    r->created = now_text();
    r->version = strdup(KS_VERSION);
    return r;
}

/* ---- what a person reads ---- */

static void search_say_failures(const struct search *s)
{
    static const struct {
        enum trial_state state;
        const char *what;
    } kinds[] = {{TRIAL_NO_BUILD, "did not compile"}, {TRIAL_WRONG, "were refused"}};
    for (size_t i = 0; i < 2; i++) {
        size_t n = trials_count(&s->trials, kinds[i].state);
        const struct trial *x = trials_first(&s->trials, kinds[i].state);
        char text[256];
        if (n)
            log_line("%s: %zu of %zu variants %s; the first, %s: %s", s->name, n, s->trials.n,
                     kinds[i].what, space_text(s->space, x->point, text, sizeof text), x->why);
    }
}

static void search_say_time(const struct search *s, const struct record *r)
{
    struct bench_clock clock = bench_clock(s->bench);
    log_line("%s: %lld of %lld variants in %.1f s (%.1f a second): checking %.1f s, timing %.1f s, "
             "loading %.1f s, "
             "GPU waiting for compilers %.1f s%s",
             s->name, r->trials, r->space, r->seconds,
             r->seconds > 0 ? (double)r->trials / r->seconds : 0, clock.check - s->before.check,
             clock.time - s->before.time, clock.other - s->before.other, s->idle,
             r->interrupted ? "; stopped by the budget" : "");
}

/* each workload on a line, where there are several */
static void search_say_workloads(const struct search *s, const struct record *r)
{
    for (size_t i = 0; r->win && r->nworkloads > 1 && i < r->nworkloads; i++) {
        const struct record_workload *w = &r->workloads[i];
        log_line("%s: %s: %.2f us, was %.2f us: %.2fx [%.2f, %.2f]", s->name, w->label,
                 w->winner_us, w->original_us, w->ratio, w->low, w->high);
    }
}

/* ---- one search ---- */

static struct record *search_measured(struct search *s, struct error *err)
{
    struct confirmation c = {0};
    struct record *r = NULL;
    struct trial *winner = NULL;
    struct racer *racer = NULL;
    bench_on_idle(s->bench, search_pump, s->units);
    search_queue(s, space_default(s->space));
    search_fill(s);
    if (search_baseline(s, err))
        return NULL;
    bool done = search_explore(s);
    log_progress_end();
    racer = calloc(s->trials.n + 1, sizeof *racer);
    if (!racer)
        fatal("out of memory");
    size_t n = search_race(s, racer);
    if (!s->lost && !proc_interrupted() && search_noise(s, err) == 0) {
        struct hash code = {{0}};
        winner = search_confirm(s, racer, n, &c);
        bool ok = !winner || units_code(&s->job->target, space_values(s->space, winner->point),
                                        &code, err) == 0;
        if (ok && !s->lost && !proc_interrupted()) {
            r = search_record(s, winner, &c, done);
            r->code = code;
        }
    }
    if (!r && err && !*err->text)
        error_set(err, "the search was stopped");
    free(racer);
    confirmation_release(&c, s->ntimed);
    return r;
}

struct record *search_run(const struct search_job *job, struct diag *d, struct error *err)
{
    struct search s = {.job = job, .spec = job->target.spec, .bench = job->bench};
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
    search_say_failures(&s);
    if (r) {
        search_say_workloads(&s, r);
        search_say_time(&s, r);
    }
out:
    search_release(&s);
    return r;
}
