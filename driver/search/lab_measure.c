/* driver/search/lab_measure.c - measurements of one trial, and of the original. */
#include "driver/search/lab_facts.h"

#include "driver/build/specific.h"

#include <stdlib.h>
#include <string.h>

#include "driver/search/counted.h"
#include "driver/search/proof.h"
#include "driver/search/sanitize.h"
#include "driver/search/sizes.h"
#include "driver/search/race.h"
#include "runtime/base/arena.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/utf8.h"

#define PROFILE_TIER 1 /* one pass: what is shown to a model */
#define CLOSE_TIER 2   /* and where it waits */
#define FULL_TIER 3    /* and all else */
#define DRAW_EVERY 8   /* screens that may have the same inputs */
#define HOPELESS 4.0   /* times slower than the original on one workload: not timed on the others */

/* ---- what the bench is told ---- */

static size_t lab_module(struct search *s, struct form *f, const struct built *b)
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

bool lab_built(struct search *s, struct trial *x)
{
    lab_compile(s, x);
    for (lab_pump(s); !x->is_built && !proc_interrupted(); lab_pump(s))
        units_wait(s->forms[x->form]->units, LAB_WAIT_MS);
    return x->is_built;
}

/* Tells the bench of a trial, which is compiled for that if its build is known from the journal
 * only. *variant; or why it cannot be had */
static enum bench_result lab_variant(struct search *s, struct trial *x, size_t *variant,
                                     struct error *err)
{
    *variant = BENCH_ORIGINAL;
    if (!x)
        return BENCH_OK;
    struct form *f = s->forms[x->form];
    if (!lab_built(s, x))
        return BENCH_LOST;
    if (x->built.error) {
        error_set(err, "%s", x->built.error);
        return BENCH_FAILED;
    }
    if (!x->variant) {
        x->variant = bench_add_built(s->bench, s->arena, lab_module(s, f, &x->built), f->spec,
                                     trial_values(s, x), &x->built);
        if (lab_is_limited(s, x))
            bench_limit_variant(s->bench, x->variant);
    }
    *variant = x->variant;
    return BENCH_OK;
}

/* ---- measurements ---- */

/* the k-th measurement of its kind */
static const char *measure_name(struct search *s, const char *kind, const struct trial *x,
                                size_t workload)
{
    size_t *n = x ? &((struct trial *)x)->measured[workload] : &s->lab.measured[workload];
    return arena_printf(s->arena, "%s/%s/%zu/%zu", kind, lab_id(s, x), workload, (*n)++);
}

struct measure { /* one request to the bench */
    struct trial *x;
    const size_t *points;
    size_t npoints;
    int n;
};

/* what became of it, as a fact; NULL when the bench was lost */
static json_t *measure_fact(enum bench_result r, double start, json_t *good,
                            const struct error *why)
{
    if (r != BENCH_OK)
        json_decref(good);
    if (r == BENCH_LOST)
        return NULL;
    if (r == BENCH_FAILED)
        good = json_pack("{s:o}", "failed", utf8_json(why->text));
    json_object_set_new(good, "seconds", json_real(now_seconds() - start));
    return good;
}

static enum bench_result fact_result(const json_t *fact, struct error *err)
{
    const char *failed = json_string_value(json_object_get(fact, "failed"));
    if (failed)
        error_set(err, "%s", failed);
    return !fact ? BENCH_LOST : failed ? BENCH_FAILED : BENCH_OK;
}

static json_t *make_check(struct search *s, void *arg)
{
    const struct measure *m = arg;
    struct error why = {""};
    double start = now_seconds();
    size_t variant;
    enum bench_result r = lab_variant(s, m->x, &variant, &why);
    if (r == BENCH_OK)
        r = bench_check(s->bench, variant, m->points, m->npoints, m->n, &why);
    return measure_fact(r, start, json_object(), &why);
}

enum bench_result lab_check(struct search *s, struct trial *x, const size_t *points, size_t npoints,
                            int seeds, struct error *err)
{
    struct measure m = {x, points, npoints, seeds};
    if (npoints == 0)
        return BENCH_OK;
    return fact_result(lab_fact(s, measure_name(s, "check", x, 0), make_check, &m), err);
}

static json_t *make_proof(struct search *s, void *arg)
{
    const struct measure *m = arg;
    struct error why = {""};
    double start = now_seconds();
    struct proof proof = {.spec = s->forms[m->x->form]->spec,
                          .values = trial_values(s, m->x),
                          .timed = s->timed,
                          .ntimed = s->ntimed};
    enum bench_result r = bench_renew(s->bench, &why);
    if (r == BENCH_OK)
        r = lab_variant(s, m->x, &proof.variant, &why);
    if (r == BENCH_OK)
        r = proof_run(s->bench, &proof, &why);
    return measure_fact(r, start, json_object(), &why);
}

enum bench_result lab_prove(struct search *s, struct trial *x, struct error *err)
{
    struct measure m = {x, NULL, 0, 0};
    const char *name =
        arena_printf(s->arena, "proof/%s%s", lab_id(s, x), x->is_whole ? "/whole" : "");
    if (s->lab.recording && !lab_known(&s->lab, name))
        return BENCH_OK; /* of a version that proved nothing; what it confirmed is recorded */
    return fact_result(lab_fact(s, name, make_proof, &m), err);
}

struct winners { /* of a verdict */
    struct trial **x;
    size_t n;
};

/* are the original and the winners right at the point? */
static bool all_are_right(struct search *s, const struct sanitizing *job, size_t point)
{
    const struct bench_checking once = {1, 0, NULL};
    struct error why = {""};
    bool applies = true;
    enum bench_result r = bench_check_as(s->bench, BENCH_ORIGINAL, point, &once, &applies, &why);
    for (size_t i = 0; r == BENCH_OK && applies && i < job->n; i++)
        r = bench_check_as(s->bench, job->variants[i], point, &once, NULL, &why);
    return r == BENCH_OK && applies;
}

/* a part of the smallest size that was named, where that works; else that size */
static size_t few_blocks(struct search *s, const struct sanitizing *job)
{
    struct sizes sizes = sizes_begin(s->spec, NULL);
    struct error why = {""};
    size_t id;
    for (int alone = 0; alone < 2; alone++) {
        const struct point *p = sizes_small(&sizes, s->arena, alone);
        if (!p || bench_add_point(s->bench, p, &id, &why) != BENCH_OK || !all_are_right(s, job, id))
            continue;
        log_debug("racecheck: at %s", p->label);
        return id;
    }
    return job->point;
}

static json_t *make_sanitized(struct search *s, void *arg)
{
    const struct winners *w = arg;
    struct sanitizing job = {.variants = arena_array(s->arena, size_t, w->n + 1),
                             .n = w->n,
                             .point = spec_least_point(s->spec)};
    struct error why = {""};
    double start = now_seconds();
    enum bench_result r = BENCH_OK;
    for (size_t i = 0; r == BENCH_OK && i < w->n; i++) {
        job.bad = i;
        r = lab_variant(s, w->x[i], &job.variants[i], &why);
        job.thorough |= s->forms[w->x[i]->form]->text != NULL;
    }
    job.few = r == BENCH_OK ? few_blocks(s, &job) : job.point;
    buf_init(&job.ran, BUF_LIMIT);
    if (r == BENCH_OK)
        r = sanitize_run(s->bench, &job, &why);
    json_t *good = json_pack("{s:s}", "ran", buf_text(&job.ran));
    if (r == BENCH_FAILED) {
        json_object_set_new(good, "refused", utf8_json(why.text));
        json_object_set_new(good, "which", json_integer((json_int_t)job.bad));
        r = BENCH_OK;
    }
    buf_release(&job.ran);
    return measure_fact(r, start, good, &why);
}

struct trial *lab_sanitize(struct search *s, struct trial **x, size_t n, struct error *why)
{
    struct winners w = {x, n};
    const char *name = "sanitized";
    for (size_t i = 0; i < n; i++)
        name = arena_printf(s->arena, "%s/%s", name, lab_id(s, x[i]));
    if (n == 0 || (s->lab.recording && !lab_known(&s->lab, name)))
        return NULL;
    const json_t *fact = lab_fact(s, name, make_sanitized, &w);
    const char *ran = json_string_value(json_object_get(fact, "ran"));
    const char *refused = json_string_value(json_object_get(fact, "refused"));
    size_t which = (size_t)json_integer_value(json_object_get(fact, "which"));
    for (size_t i = 0; i < n; i++)
        x[i]->sanitizer = ran && *ran ? ran : NULL;
    if (!refused || which >= n)
        return NULL;
    error_set(why, "%s", refused);
    return x[which];
}

static json_t *make_time(struct search *s, void *arg)
{
    const struct measure *m = arg;
    struct error why = {""};
    struct samples us = {0};
    double start = now_seconds();
    size_t variant;
    enum bench_result r = lab_variant(s, m->x, &variant, &why);
    if (r == BENCH_OK)
        r = bench_time(s->bench, variant, *m->points, m->n, &us, &why);
    json_t *good = json_pack("{s:o}", "us", samples_json(&us));
    samples_release(&us);
    return measure_fact(r, start, good, &why);
}

enum bench_result lab_time(struct search *s, struct trial *x, size_t w, int n, struct samples *out,
                           struct error *err)
{
    struct measure m = {x, &s->timed[w], 1, n};
    const json_t *fact = lab_fact(s, measure_name(s, "race", x, w), make_time, &m);
    enum bench_result r = fact_result(fact, err);
    if (r == BENCH_OK)
        samples_add(out, json_object_get(fact, "us"), NULL);
    return r;
}

static json_t *make_pair(struct search *s, void *arg)
{
    const struct measure *m = arg;
    struct error why = {""};
    struct samples a = {0}, b = {0};
    double start = now_seconds();
    size_t variant;
    enum bench_result r = lab_variant(s, m->x, &variant, &why);
    if (r == BENCH_OK)
        r = bench_pair(s->bench, BENCH_ORIGINAL, variant, *m->points, m->n, &a, &b, &why);
    json_t *good = json_pack("{s:o, s:o, s:o, s:o}", "a", samples_json(&a), "b", samples_json(&b),
                             "a_mhz", samples_clocks_json(&a), "b_mhz", samples_clocks_json(&b));
    sampling_write(&a.how, good);
    samples_release(&a);
    samples_release(&b);
    return measure_fact(r, start, good, &why);
}

enum bench_result lab_pair(struct search *s, struct trial *x, size_t w, int n, struct samples *a,
                           struct samples *b, struct error *err)
{
    struct measure m = {x, &s->timed[w], 1, n};
    const json_t *fact = lab_fact(s, measure_name(s, "pair", x, w), make_pair, &m);
    enum bench_result r = fact_result(fact, err);
    if (r == BENCH_OK) {
        samples_add(a, json_object_get(fact, "a"), json_object_get(fact, "a_mhz"));
        samples_add(b, json_object_get(fact, "b"), json_object_get(fact, "b_mhz"));
        a->how = b->how = sampling_read(fact);
        s->others = a->how.others > s->others ? a->how.others : s->others;
    }
    return r;
}

static json_t *make_profile(struct search *s, void *arg)
{
    const struct measure *m = arg;
    struct error why = {""};
    double start = now_seconds();
    size_t variant;
    json_t *counted = NULL;
    enum bench_result r = lab_variant(s, m->x, &variant, &why);
    if (r == BENCH_OK)
        r = bench_profile(s->bench, variant, *m->points, m->n, &counted, &why);
    if (r == BENCH_OK && !counted)
        r = BENCH_FAILED; /* of the card or the driver, not of the variant: nothing follows from it
                           */
    return measure_fact(r, start, json_pack("{s:o*}", "kernels", counted), &why);
}

const json_t *lab_profile(struct search *s, struct trial *x, size_t w, bool closely)
{
    struct measure m = {x, &s->timed[w], 1, closely ? CLOSE_TIER : PROFILE_TIER};
    const char *name = arena_printf(s->arena, "profile/%s/%zu", lab_id(s, x), w);
    const json_t *close = NULL;
    if (closely)
        close = json_object_get(
            lab_optional(s, arena_printf(s->arena, "%s/close", name), make_profile, &m), "kernels");
    m.n = PROFILE_TIER;
    return close ? close : json_object_get(lab_fact(s, name, make_profile, &m), "kernels");
}

static const char *full_name(struct search *s, const struct trial *x, size_t w)
{
    return arena_printf(s->arena, "profile/%s/%zu/full", lab_id(s, x), w);
}

bool lab_has_time(struct search *s, const struct trial *x, size_t w)
{
    double seconds;
    const char *expected = lab_expected(&s->lab, &seconds);
    return expected ? strcmp(expected, full_name(s, x, w)) == 0 : lab_starves(s);
}

double lab_arithmetic(struct search *s, struct trial *x, size_t w)
{
    struct measure m = {x, &s->timed[w], 1, FULL_TIER};
    const json_t *fact = lab_optional(s, full_name(s, x, w), make_profile, &m);
    return counted_arithmetic(json_object_get(fact, "kernels"));
}

/* ---- the original ---- */

static json_t *make_baseline(struct search *s, void *arg)
{
    struct error why = {""};
    enum bench_result r = BENCH_OK;
    double start = now_seconds();
    json_t *us = json_array(), *floors = json_array();
    (void)arg;
    for (size_t i = 0; r == BENCH_OK && i < s->spec->npoints; i++)
        r = bench_check(s->bench, BENCH_ORIGINAL, &i, 1, 1, &why);
    for (size_t w = 0; r == BENCH_OK && w < s->ntimed; w++) {
        struct samples sample = {0};
        r = bench_time(s->bench, BENCH_ORIGINAL, s->timed[w], 5, &sample, &why);
        if (r == BENCH_OK) {
            json_array_append_new(us, json_real(samples_figure(&sample, s->spec->objective_p90)));
            double floor = s->spec->objective_energy ? 0 /* that of a time, then */
                                                     : bench_floor(s->bench, s->timed[w], NULL);
            json_array_append_new(floors, json_real(floor));
        }
        samples_release(&sample);
    }
    return measure_fact(r, start,
                        json_pack("{s:o, s:o, s:o}", "us", us, "floor_us", floors, "costs",
                                  bench_costs_json(s->bench)),
                        &why);
}

int lab_baseline(struct search *s, struct error *err)
{
    struct error why = {""};
    const json_t *fact = lab_fact(s, "baseline", make_baseline, NULL);
    enum bench_result r = fact_result(fact, &why);
    const json_t *us = json_object_get(fact, "us"), *floors = json_object_get(fact, "floor_us");
    if (r == BENCH_OK && json_array_size(us) != s->ntimed)
        r = BENCH_FAILED, error_set(&why, "the journal is of other workloads");
    for (size_t w = 0; r == BENCH_OK && w < s->ntimed; w++) {
        s->original_us[w] = s->best_us[w] = json_number_value(json_array_get(us, w));
        s->floor_us[w] = json_number_value(json_array_get(floors, w));
    }
    if (s->bench) /* which did not measure it itself where the fact is the journal's */
        bench_costs_set(s->bench, json_object_get(fact, "costs"));
    return r == BENCH_OK ? 0 : error_set(err, "the original cannot be measured: %s", why.text);
}

/* ---- one trial ---- */

/* The user's own text gets the inputs of the variant before it most of the time: to make them, the
 * original must run on all of them. What a model wrote, and what is raced or confirmed, gets fresh
 * ones. A bad one is known by its first sample */
static enum bench_result screen_time(struct search *s, struct trial *x, size_t variant, size_t w,
                                     struct error *why)
{
    /* the worker compares with times */
    double best_us = s->spec->objective_energy ? 0 : s->best_us[w];
    struct bench_screening how = {.least_us = RACE_DROP * best_us,
                                  .same_inputs =
                                      !s->forms[x->form]->text && s->measured % DRAW_EVERY != 0};
    s->is_timing = true;
    enum bench_result r =
        bench_screen(s->bench, variant, s->timed[w], RACE_SCREEN, &how, &x->samples[w], why);
    s->is_timing = false;
    return r;
}

static enum bench_result screen_measure(struct search *s, struct trial *x, struct error *why)
{
    size_t variant;
    enum bench_result r = lab_variant(s, x, &variant, why);
    if (r == BENCH_OK)
        r = bench_check(s->bench, variant, s->tests, s->ntests, 1, why);
    for (size_t w = 0; r == BENCH_OK && w < s->ntimed; w++) {
        r = screen_time(s, x, variant, w, why);
        if (trials_score(x, s->original_us, s->weight, s->ntimed, s->spec->objective_p90) >
            HOPELESS)
            break;
    }
    return r;
}

static json_t *screen_fact(struct search *s, struct trial *x)
{
    struct error why = {""};
    double start = now_seconds();
    enum bench_result r = screen_measure(s, x, &why);
    s->measured++;
    json_t *us = json_array(), *all = json_array();
    double score = trials_score(x, s->original_us, s->weight, s->ntimed, s->spec->objective_p90);
    for (size_t w = 0; w < s->ntimed; w++) {
        json_array_append_new(us,
                              json_real(samples_figure(&x->samples[w], s->spec->objective_p90)));
        json_array_append_new(all, samples_json(&x->samples[w]));
        samples_release(&x->samples[w]); /* they are taken from the fact */
    }
    json_t *good = json_pack("{s:s, s:f, s:o, s:o}", "state", "good", "score",
                             r == BENCH_OK ? score : 0, "us", us, "samples", all);
    json_t *fact = measure_fact(r, start, good, &why);
    if (r == BENCH_FAILED) {
        json_object_set_new(fact, "state", json_string("wrong"));
        json_object_set_new(fact, "why", utf8_json(why.text));
    }
    return fact;
}

/* what was found of the other that launches the same machine code holds for this one */
static json_t *twin_fact(struct search *s, const struct trial *x)
{
    const char *twin = lab_id(s, &s->trials.trial[x->twin - 1]);
    json_t *fact = json_deep_copy(lab_known(&s->lab, arena_printf(s->arena, "trial/%s", twin)));
    if (fact) {
        json_object_set_new(fact, "same", json_string(twin));
        json_object_set_new(fact, "seconds", json_real(0));
    }
    return fact;
}

static json_t *make_screen(struct search *s, void *arg)
{
    struct trial *x = arg;
    json_t *fact = x->twin ? twin_fact(s, x) : NULL;
    fact = fact ? fact : screen_fact(s, x);
    if (fact) {
        json_object_set_new(fact, "form", json_string(s->forms[x->form]->hash));
        json_object_set_new(fact, "name", utf8_json(s->forms[x->form]->name));
        json_object_set_new(fact, "values", lab_values(s, x));
    }
    return fact;
}

void lab_screen(struct search *s, struct trial *x)
{
    struct error why = {""};
    const char *name = arena_printf(s->arena, "trial/%s", lab_id(s, x));
    const json_t *fact = lab_fact(s, name, make_screen, x);
    enum bench_result r = fact_result(fact, &why);
    if (r != BENCH_LOST && !x->twin) {
        s->took.screens += json_number_value(json_object_get(fact, "seconds"));
        s->took.nscreens++;
    }
    lab_think(s);
    if (r == BENCH_FAILED)
        trials_fail(x, TRIAL_WRONG, why.text);
    if (r != BENCH_OK)
        return;
    for (size_t w = 0; w < s->ntimed; w++)
        samples_add(&x->samples[w], json_array_get(json_object_get(fact, "samples"), w), NULL);
    x->score = trials_score(x, s->original_us, s->weight, s->ntimed, s->spec->objective_p90);
    x->state = TRIAL_GOOD;
}

/* how the compile is done that tells what its winner's object will have */
static struct units_target code_target(const struct search *s, const struct trial *x)
{
    struct units_target target = s->job->target;
    target.spec = s->forms[x->form]->spec;
    if (x->is_specific)
        target.suffix = SPECIFIC_SUFFIX;
    return target;
}

static json_t *make_code(struct search *s, void *arg)
{
    struct trial *x = arg;
    struct units_target target = code_target(s, x);
    const int64_t *values = trial_values(s, x);
    struct coding *coding = x->coding;
    struct error why = {""};
    struct hash code;
    char hex[65];
    x->coding = NULL;
    if (coding ? code_end(coding, &code, &why) : units_code(&target, values, &code, NULL, &why))
        return proc_interrupted() ? NULL : json_pack("{s:o}", "failed", utf8_json(why.text));
    bool specific = target.suffix == SPECIFIC_SUFFIX && units_need_specific(&target, values, &code);
    if (proc_interrupted())
        return NULL;
    hash_hex(&code, hex);
    return specific ? json_pack("{s:s, s:b}", "code", hex, "specific", 1)
                    : json_pack("{s:s}", "code", hex);
}

static const char *code_name(struct search *s, const struct trial *x)
{
    return arena_printf(s->arena, "code/%s", lab_id(s, x));
}

int lab_code(struct search *s, const struct trial *x, struct hash *code, bool *specific,
             struct error *err)
{
    const json_t *fact = lab_fact(s, code_name(s, x), make_code, (void *)x);
    const char *hex = json_string_value(json_object_get(fact, "code"));
    *specific = json_is_true(json_object_get(fact, "specific"));
    if (fact_result(fact, err) == BENCH_OK && hex && hash_parse(hex, code) == 0)
        return 0;
    return error_set(err, "the machine code of the winner is not known");
}

void lab_ask_code(struct search *s, struct trial *x)
{
    const struct units_target target = code_target(s, x);
    if (s->bench && !x->coding && !lab_known(&s->lab, code_name(s, x)))
        x->coding = code_begin(&target, trial_values(s, x));
}

bool lab_renew(struct search *s, struct trial *x)
{
    struct error why = {""};
    struct hash code;
    bool specific;
    char hex[65];
    if (!x->code || x->is_whole || (s->lab.recording && !lab_known(&s->lab, code_name(s, x))))
        return false;
    if (lab_code(s, x, &code, &specific, &why))
        return false;
    hash_hex(&code, hex);
    if (strncmp(hex, x->code, strlen(x->code)) == 0)
        return false;
    log_debug("%s: its code is another with all of the file", lab_id(s, x));
    x->is_whole = true;
    x->is_queued = x->is_built = false;
    x->variant = 0;
    return true;
}
