/* driver/search/bench_request.c - what a worker is asked about variants and its card.
 *
 * The deadline of a request follows what the original took for the same kind of request: ten times
 * as long, at least five seconds; before the original was measured, a minute. A variant whose
 * request ends the worker is failed; but what a SIGKILL of somebody else ended (an operator, the
 * kernel short of memory) is asked once more. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "driver/search/bench_impl.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"

#define LEAST_DEADLINE 5.0
#define DEADLINE_FACTOR 10.0
#define ADDED_DEADLINE 10.0
#define LENGTHY 4 /* times fewer samples, with objective(energy) */
#define PAIRS_LEAST 8
#define SINGLES 8       /* launches in the place of a sample, with objective(p90) */
#define PROFILE_SEEDS 4 /* checks of a seed that a profile may take, besides CUPTI's start */

static json_t *values_json(const struct bench *b, const int64_t *values)
{
    json_t *array = json_array();
    for (size_t i = 0; i < b->spec->ntunables; i++)
        json_array_append_new(array, json_integer(values[i]));
    return array;
}

/* makes sure that the worker has the variant */
static int bench_tell_variant(struct bench *b, size_t v, struct error *err)
{
    struct variant *x = &b->variants[v];
    if (v == BENCH_ORIGINAL || x->told == b->generation)
        return 0;
    struct module *m = &b->modules[x->module];
    if (m->told != b->generation) {
        json_t *load = json_pack("{s:s,s:I,s:s}", "op", "module", "module", (json_int_t)x->module,
                                 "kind", m->is_shared ? "so" : "cubin");
        if (bench_tell(b, load, &m->blob, err))
            return -1;
        m->told = b->generation;
    }
    json_t *name = json_pack("{s:s,s:I,s:I}", "op", "variant", "variant", (json_int_t)v, "module",
                             (json_int_t)x->module);
    if (x->name)
        json_object_set(name, "name", x->name);
    if (x->plan) {
        json_object_set(name, "plan", x->plan);
    } else {
        json_object_set_new(name, "symbol", json_string(x->symbol));
        json_object_set_new(name, "tunables", values_json(b, x->values));
    }
    if (x->smem >= 0)
        json_object_set_new(name, "smem", json_integer(x->smem));
    if (bench_tell(b, name, NULL, err))
        return -1;
    x->told = b->generation;
    return 0;
}

/* A checker of the user's is asked about variants that round otherwise, and never about the
 * original: what that took tells nothing. */
bool bench_has_checker(const struct spec *spec)
{
    for (size_t i = 0; i < spec->narrays; i++)
        if (spec->arrays[i].check.by.text)
            return true;
    return false;
}

/* seconds that a request of `units` samples or seeds on one point may take */
static double bench_deadline(const struct bench *b, enum cost kind, size_t variant, size_t point,
                             int units)
{
    if (point >= b->spec->npoints) /* an added one is small, and its original may hang there */
        return b->tool ? FIRST_DEADLINE : ADDED_DEADLINE;
    if (b->tool) /* what it took without says nothing */
        return FIRST_DEADLINE;
    double known = b->cost[kind][point];
    if (variant == BENCH_ORIGINAL || known <= 0)
        return FIRST_DEADLINE + units * known * DEADLINE_FACTOR;
    return fmax(bench_has_checker(b->spec) ? FIRST_DEADLINE : LEAST_DEADLINE,
                DEADLINE_FACTOR * known * units);
}

json_t *bench_costs_json(const struct bench *b)
{
    json_t *all = json_array();
    for (size_t i = 0; i < b->spec->npoints; i++)
        json_array_append_new(all,
                              json_pack("[f, f]", b->cost[COST_CHECK][i], b->cost[COST_TIME][i]));
    return all;
}

void bench_costs_set(struct bench *b, const json_t *costs)
{
    for (size_t i = 0; i < b->spec->npoints; i++)
        for (int kind = 0; kind < COSTS; kind++) {
            const json_t *one = json_array_get(json_array_get(costs, i), (size_t)kind);
            b->cost[kind][i] = fmax(b->cost[kind][i], json_number_value(one));
        }
}

static void bench_learn(struct bench *b, enum cost kind, size_t variant, size_t point, int units,
                        double seconds)
{
    double a = seconds / (units > 0 ? units : 1);
    if (point >= b->spec->npoints || b->tool)
        return;
    if (variant == BENCH_ORIGINAL && a > b->cost[kind][point])
        b->cost[kind][point] = a;
}

/* a reply about a variant: did it pass? */
static enum bench_result reply_result(json_t *reply, struct error *err)
{
    if (bench_reply_ok(reply, err))
        return BENCH_FAILED;
    if (json_is_true(json_object_get(reply, "pass")))
        return BENCH_OK;
    const char *text = json_string_value(json_object_get(reply, "text"));
    error_set(err, "%s", text ? text : "gives another result than the original");
    return BENCH_FAILED;
}

/* asks about variant v (and w), whatever that does to the worker */
static enum bench_result ask_once(struct bench *b, size_t v, size_t w, json_t *request,
                                  double deadline, double *clock, json_t **reply, struct error *err)
{
    if (bench_ready(b, err))
        return BENCH_LOST;
    if (bench_tell_variant(b, v, err) || bench_tell_variant(b, w, err))
        return proc_interrupted() ? BENCH_LOST : BENCH_FAILED;
    double start = now_seconds();
    int rc = bench_ask(b, json_incref(request), NULL, deadline, reply, err);
    *clock += now_seconds() - start;
    if (rc == 0)
        return reply_result(*reply, err);
    return proc_interrupted() ? BENCH_LOST : BENCH_FAILED;
}

/* the same, and again while it is somebody else who ends the worker; takes the request */
static enum bench_result bench_ask_variant(struct bench *b, size_t v, size_t w, json_t *request,
                                           double deadline, double *clock, json_t **reply,
                                           struct error *err)
{
    enum bench_result r = BENCH_LOST;
    *reply = NULL;
    for (int i = 0; i < KILLED_MOST; i++) {
        struct error why = {""};
        r = ask_once(b, v, w, request, deadline, clock, reply, &why);
        if (r == BENCH_OK || b->worker || !b->was_killed || i + 1 == KILLED_MOST) {
            if (r != BENCH_OK)
                error_set(err, "%s", why.text);
            break;
        }
        log_debug("%s: it is asked again", why.text);
    }
    json_decref(request);
    return r;
}

enum bench_result bench_check_as(struct bench *b, size_t variant, size_t point,
                                 const struct bench_checking *c, bool *applies, struct error *err)
{
    json_t *reply;
    json_t *request =
        json_pack("{s:s,s:I,s:[I],s:i}", "op", "check", "variant", (json_int_t)variant, "points",
                  (json_int_t)point, "seeds", c->seeds);
    if (c->values)
        json_object_set_new(request, "values", json_string(c->values));
    if (c->runs)
        json_object_set_new(request, "runs", json_integer(c->runs));
    double start = now_seconds(), deadline = bench_deadline(b, COST_CHECK, variant, point,
                                                            c->seeds * (c->runs     ? c->runs
                                                                        : c->values ? 3
                                                                                    : 1));
    enum bench_result r = bench_ask_variant(b, variant, BENCH_ORIGINAL, request, deadline,
                                            &b->clock.check, &reply, err);
    if (applies)
        *applies = !json_is_false(json_object_get(reply, "applies"));
    json_decref(reply);
    if (r == BENCH_OK && !c->values && !c->runs)
        bench_learn(b, COST_CHECK, variant, point, c->seeds, now_seconds() - start);
    if (r != BENCH_OK && !b->worker && variant == BENCH_ORIGINAL && point >= b->spec->npoints)
        b->more[point - b->spec->npoints] = NULL; /* not again: it would fault again */
    return r;
}

enum bench_result bench_check(struct bench *b, size_t variant, const size_t *points, size_t npoints,
                              int seeds, struct error *err)
{
    enum bench_result r = BENCH_OK;
    for (size_t i = 0; r == BENCH_OK && i < npoints; i++)
        r = bench_check_as(b, variant, points[i], &(struct bench_checking){seeds, 0, NULL}, NULL,
                           err);
    return r;
}

/* Of single launches more are needed to know how the slowest tenth does. One of energy lasts 0.3 s,
 * and is a mean over all of it */
static int samples_of(const struct bench *b, int n)
{
    return b->spec->objective_p90      ? SINGLES * n
           : b->spec->objective_energy ? (n + LENGTHY - 1) / LENGTHY
                                       : n;
}

/* an interval of 99 % needs eight pairs */
static int pairs_of(const struct bench *b, int n)
{
    n = samples_of(b, n);
    return b->spec->objective_energy && n < PAIRS_LEAST ? PAIRS_LEAST : n;
}

enum bench_result bench_time(struct bench *b, size_t variant, size_t point, int n,
                             struct samples *out, struct error *err)
{
    return bench_screen(b, variant, point, n, &(struct bench_screening){0}, out, err);
}

enum bench_result bench_screen(struct bench *b, size_t variant, size_t point, int n,
                               const struct bench_screening *how, struct samples *out,
                               struct error *err)
{
    json_t *reply;
    n = samples_of(b, n);
    json_t *request = json_pack("{s:s,s:I,s:I,s:i}", "op", "time", "variant", (json_int_t)variant,
                                "point", (json_int_t)point, "samples", n);
    if (how->least_us > 0)
        json_object_set_new(request, "least_us", json_real(how->least_us));
    if (how->same_inputs)
        json_object_set_new(request, "same_inputs", json_true());
    double start = now_seconds();
    enum bench_result r = bench_ask_variant(b, variant, BENCH_ORIGINAL, request,
                                            bench_deadline(b, COST_TIME, variant, point, n + 3),
                                            &b->clock.time, &reply, err);
    if (r == BENCH_OK) {
        size_t before = out->n;
        samples_add(out, json_object_get(reply, b->spec->objective_energy ? "uj" : "us"),
                    json_object_get(reply, "mhz"));
        out->how = sampling_read(reply);
        bench_learn(b, COST_TIME, variant, point, n, now_seconds() - start);
        if (out->n == before) {
            error_set(err, "the worker gave no samples");
            r = BENCH_FAILED;
        }
    }
    json_decref(reply);
    return r;
}

enum bench_result bench_pair(struct bench *b, size_t v, size_t w, size_t point, int n,
                             struct samples *first, struct samples *second, struct error *err)
{
    json_t *reply;
    n = pairs_of(b, n);
    json_t *request = json_pack("{s:s,s:I,s:I,s:I,s:i}", "op", "pair", "a", (json_int_t)v, "b",
                                (json_int_t)w, "point", (json_int_t)point, "pairs", n);
    double deadline = bench_deadline(b, COST_TIME, w, point, 4 * n + 8) + LEAST_DEADLINE;
    enum bench_result r =
        bench_ask_variant(b, v, w, request, deadline, &b->clock.time, &reply, err);
    if (r == BENCH_OK) {
        bool energy = b->spec->objective_energy;
        samples_add(first, json_object_get(reply, energy ? "a_uj" : "a"),
                    json_object_get(reply, "a_mhz"));
        samples_add(second, json_object_get(reply, energy ? "b_uj" : "b"),
                    json_object_get(reply, "b_mhz"));
        first->how = second->how = sampling_read(reply);
        second->how.launches = (int)json_integer_value(json_object_get(reply, "b_launches"));
        if (!first->n || first->n != second->n) {
            error_set(err, "the worker gave no pairs");
            r = BENCH_FAILED;
        }
    }
    json_decref(reply);
    return r;
}

void bench_use_cupti(struct bench *b, const char *path)
{
    free(b->cupti);
    b->cupti = path ? strdup(path) : NULL;
}

static json_t *profile_json(const struct bench *b, size_t variant, size_t point, int tier)
{
    json_t *request = json_pack("{s:s,s:I,s:I,s:i}", "op", "profile", "variant",
                                (json_int_t)variant, "point", (json_int_t)point, "tier", tier);
    if (b->cupti)
        json_object_set_new(request, "cupti", json_string(b->cupti));
    return request;
}

/* Only what has been checked and timed is profiled, so a worker that is lost meanwhile is no
 * evidence against the variant: it is the profiler's doing, as far as anybody knows, and once is
 * enough. */
enum bench_result bench_profile(struct bench *b, size_t variant, size_t point, int tier,
                                json_t **out, struct error *err)
{
    json_t *reply;
    *out = NULL;
    if (bench_ready(b, err))
        return BENCH_LOST;
    if (*b->no_counters.text) {
        error_set(err, "%s", b->no_counters.text);
        return BENCH_OK;
    }
    if (bench_tell_variant(b, variant, err))
        return proc_interrupted() ? BENCH_LOST : BENCH_FAILED;
    double start = now_seconds(),
           deadline = FIRST_DEADLINE + bench_deadline(b, COST_CHECK, variant, point, PROFILE_SEEDS);
    int rc = bench_ask(b, profile_json(b, variant, point, tier), NULL, deadline, &reply,
                       &b->no_counters);
    b->clock.other += now_seconds() - start;
    if (rc) {
        error_set(err, "%s", b->no_counters.text);
        return proc_interrupted() ? BENCH_LOST : BENCH_OK;
    }
    enum bench_result r = BENCH_OK;
    json_t *kernels = json_object_get(reply, "kernels");
    if (json_object_get(reply, "pass"))
        r = reply_result(reply, err);
    else
        bench_reply_ok(reply, err);
    if (r == BENCH_OK && json_is_array(kernels))
        *out = json_incref(kernels);
    else
        error_set(err, "the worker gave no counters"); /* unless it said why: the first one wins */
    json_decref(reply);
    return r;
}

double bench_floor(struct bench *b, size_t point, double *bytes)
{
    json_t *reply;
    double us = 0;
    if (bytes)
        *bytes = 0;
    if (bench_ready(b, NULL))
        return 0;
    if (bench_ask(b, json_pack("{s:s,s:I}", "op", "floor", "point", (json_int_t)point), NULL,
                  FIRST_DEADLINE, &reply, NULL) == 0) {
        us = json_number_value(json_object_get(reply, "us"));
        if (bytes)
            *bytes = json_number_value(json_object_get(reply, "bytes"));
        json_decref(reply);
    }
    return us;
}

double bench_peak(struct bench *b, const char *type)
{
    json_t *reply;
    if (!b->peaks && !bench_ready(b, NULL) &&
        bench_ask(b, json_pack("{s:s}", "op", "peaks"), NULL, FIRST_DEADLINE, &reply, NULL) == 0) {
        json_t *ops = json_object_get(reply, "ops");
        b->peaks = json_is_object(ops) ? json_incref(ops) : json_object();
        json_decref(reply);
    }
    return json_number_value(json_object_get(b->peaks, type));
}
