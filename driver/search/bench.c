/* driver/search/bench.c - asking a worker, and starting another when one is lost.
 *
 * What the worker was told (open, points, modules, variants) is kept here and is told again after a
 * restart, modules only when they are next needed. The deadline of a request follows what the
 * original took for the same kind of request: ten times as long, at least five seconds; before the
 * original was measured, a minute. A variant whose request ends the worker is failed; but what a
 * SIGKILL of somebody else ended (an operator, the kernel short of memory) is asked once more. The
 * bench is lost when no other worker can be started, or a killed one does not go. */
#include "driver/search/bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "driver/build/plan_json.h"
#include "driver/build/structure_text.h"
#include "driver/build/units.h"
#include "driver/search/bench_json.h"
#include "driver/search/files.h"
#include "driver/search/worker.h"
#include "runtime/base/arena.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/utf8.h"

#define FIRST_DEADLINE 60.0
#define LEAST_DEADLINE 5.0
#define DEADLINE_FACTOR 10.0
#define KILLED_MOST 3 /* times in a row that somebody may kill the worker */
#define ADDED_DEADLINE 10.0
#define PROFILE_SEEDS 4 /* checks of a seed that a profile may take, besides CUPTI's start */

enum cost { COST_CHECK, COST_TIME, COSTS };

struct module {
    struct buf blob;
    bool is_shared;
    int told; /* generation of the worker that has it */
};

struct variant {
    size_t module;
    char *symbol; /* NULL: it has a plan */
    const int64_t *values;
    json_t *plan, *name; /* of a structure */
    int64_t smem;        /* bytes that a block may have; negative: as many as the GPU gives */
    int told;
};

struct bench {
    struct worker *worker;
    int generation;  /* counts workers, from 1 */
    bool was_killed; /* the last worker, by somebody else */
    bool wedged;     /* a killed worker holds the GPU */
    struct gpu gpu;
    struct arena *arena; /* of the current target */
    const struct spec *spec;
    size_t instance;
    uint64_t seed;
    struct buf harness;
    struct module *modules;
    struct variant *variants; /* [0] is the original */
    size_t nmodules, nvariants;
    double *cost[COSTS]; /* [point]: seconds a sample or seed that the original took; 0 unknown */
    const struct point **more; /* points that were added, behind the spec's; NULL: refused */
    size_t nmore;
    void (*idle)(void *);
    void *idle_arg;
    struct bench_clock clock;
    const struct point *refused; /* see bench_refused */
    json_t *peaks;               /* by type; NULL: not asked yet */
    char *cupti;
    struct error no_counters; /* why none are asked for any more; empty: they are */
    bool contained;
    struct arena *life; /* of `files` */
    const char **files; /* that contained workers are shown, NULL behind the last */
    size_t nfiles;
};

/* ---- the worker's life ---- */

static int bench_idle(void *arg)
{
    struct bench *b = arg;
    if (b->idle)
        b->idle(b->idle_arg);
    return proc_interrupted();
}

/* one request and its reply; -1: the worker is gone (and ended). 0: *reply, which may say ok: false
 */
static int bench_ask(struct bench *b, json_t *request, const struct buf *blob, double deadline,
                     json_t **reply, struct error *err)
{
    if (!b->worker) {
        json_decref(request);
        return error_set(err, "no worker");
    }
    int rc = worker_request(b->worker, request, blob, deadline, bench_idle, b, reply, err);
    b->was_killed = rc == WORKER_KILLED;
    if (rc == 0) {
        const char *class = json_string_value(json_object_get(*reply, "class"));
        if (!class || strcmp(class, "fault") != 0)
            return 0;
        error_set(err, "%s", json_string_value(json_object_get(*reply, "error")));
        json_decref(*reply);
        *reply = NULL;
    }
    b->wedged |= worker_end(b->worker, true) != 0;
    b->worker = NULL;
    return -1;
}

/* takes a reply that must say ok; -1 with its error else */
static int reply_ok(json_t *reply, struct error *err)
{
    if (json_is_true(json_object_get(reply, "ok")))
        return 0;
    const char *why = json_string_value(json_object_get(reply, "error"));
    return error_set(err, "%s", why ? why : "the worker refused without a reason");
}

static int bench_hello_once(struct bench *b, struct error *err)
{
    json_t *reply;
    int rc = -1;
    struct worker_box box = {b->gpu.uuid, b->files};
    b->worker = worker_start(b->contained ? &box : NULL, err);
    b->generation++;
    if (!b->worker || bench_ask(b, json_pack("{s:s}", "op", "hello"), NULL, 60, &reply, err))
        return -1;
    if (reply_ok(reply, err) == 0) {
        rc = bench_gpu_from_json(json_object_get(reply, "gpu"), &b->gpu);
        if (rc)
            error_set(err, "the worker does not say which GPU it has");
    }
    json_decref(reply);
    return rc;
}

/* a worker that somebody kills is no reason to do without */
static int bench_hello(struct bench *b, struct error *err)
{
    struct error why = {""};
    for (int i = 0; i < KILLED_MOST; i++) {
        why = (struct error){""};
        if (bench_hello_once(b, &why) == 0)
            return 0;
        if (!b->was_killed || proc_interrupted())
            break;
    }
    return error_set(err, "%s", why.text);
}

/* asks which GPU there is, before anything runs inside: its lock must be there */
static int bench_probe(struct bench *b, struct error *err)
{
    json_t *gpu = worker_probe(err);
    if (!gpu)
        return -1;
    int rc = bench_gpu_from_json(gpu, &b->gpu);
    json_decref(gpu);
    return rc ? error_set(err, "the worker does not say which GPU it has") : 0;
}

struct bench *bench_start(bool contained, struct error *err)
{
    struct bench *b = calloc(1, sizeof *b);
    if (!b)
        fatal("out of memory");
    buf_init(&b->harness, BUF_LIMIT);
    b->contained = contained;
    b->life = arena_new();
    if ((!contained || bench_probe(b, err) == 0) && bench_hello(b, err) == 0)
        return b;
    bench_free(b);
    return NULL;
}

const struct gpu *bench_gpu(const struct bench *b)
{
    return &b->gpu;
}

void bench_on_idle(struct bench *b, void (*idle)(void *), void *arg)
{
    b->idle = idle;
    b->idle_arg = arg;
}

struct bench_clock bench_clock(const struct bench *b)
{
    return b->clock;
}

/* ---- the current target ---- */

/* asks something that only must be answered with ok */
static int bench_tell(struct bench *b, json_t *request, const struct buf *blob, struct error *err)
{
    json_t *reply;
    double start = now_seconds();
    int rc = bench_ask(b, request, blob, FIRST_DEADLINE, &reply, err);
    b->clock.other += now_seconds() - start;
    if (rc)
        return -1;
    rc = reply_ok(reply, err);
    json_decref(reply);
    return rc;
}

static int bench_tell_target(struct bench *b, struct error *err)
{
    if (bench_tell(b, bench_open_json(b->arena, b->spec, b->instance, b->seed), &b->harness, err))
        return -1;
    for (size_t i = 0; i < b->spec->npoints; i++)
        if (bench_tell(b, bench_point_json(b->spec, &b->spec->points[i], i), NULL, err)) {
            b->refused = &b->spec->points[i];
            return -1;
        }
    for (size_t i = 0; i < b->nmore; i++)
        if (b->more[i] &&
            bench_tell(b, bench_point_json(b->spec, b->more[i], b->spec->npoints + i), NULL, err))
            return -1;
    return 0;
}

const struct point *bench_refused(const struct bench *b)
{
    return b->refused;
}

/* a worker that knows the current target; starts one if need be */
static int bench_ready(struct bench *b, struct error *err)
{
    struct error why = {""};
    if (b->worker)
        return 0;
    for (int i = 0; i < KILLED_MOST; i++) {
        if (proc_interrupted())
            return error_set(err, "interrupted");
        if (b->wedged)
            return error_set(err, "a worker that was killed does not end: the driver holds it, and "
                                  "its GPU with it");
        b->clock.restarts++;
        if (bench_hello(b, &why) == 0 && bench_tell_target(b, &why) == 0)
            return 0;
        if (b->worker || !b->was_killed)
            break;
    }
    return error_set(err, "%s", why.text);
}

enum bench_result bench_renew(struct bench *b, struct error *err)
{
    b->wedged |= worker_end(b->worker, false) != 0;
    b->worker = NULL;
    return bench_ready(b, err) ? BENCH_LOST : BENCH_OK;
}

static void bench_forget(struct bench *b)
{
    for (size_t i = 0; i < b->nmodules; i++)
        buf_release(&b->modules[i].blob);
    for (size_t i = 1; i < b->nvariants; i++) {
        free(b->variants[i].symbol);
        json_decref(b->variants[i].plan);
        json_decref(b->variants[i].name);
    }
    free(b->modules);
    free(b->variants);
    b->modules = NULL;
    b->variants = NULL;
    b->nmodules = b->nvariants = b->nmore = 0;
    b->more = NULL;
    arena_free(b->arena);
    b->arena = NULL;
}

static bool bench_shows(const struct bench *b, const char *file)
{
    for (size_t i = 0; i < b->nfiles; i++)
        if (strcmp(b->files[i], file) == 0)
            return true;
    return false;
}

/* a sandbox is made once: a worker that is to see other files is another worker */
static int bench_show(struct bench *b, struct error *err)
{
    const char *const *files = files_list(b->arena, b->spec);
    bool more = false;
    for (; *files; files++) {
        if (bench_shows(b, *files))
            continue;
        *arena_push(b->life, b->files, b->nfiles) = arena_dup(b->life, *files);
        more = true;
    }
    if (!more)
        return 0;
    *arena_push(b->life, b->files, b->nfiles) = NULL;
    b->nfiles--;
    worker_end(b->worker, false);
    b->worker = NULL;
    return bench_hello(b, err);
}

enum bench_result bench_open(struct bench *b, const struct spec *spec, size_t instance,
                             const struct buf *harness, uint64_t seed, struct error *err)
{
    bench_forget(b);
    b->arena = arena_new();
    b->spec = spec, b->instance = instance, b->seed = seed;
    b->refused = NULL;
    buf_clear(&b->harness);
    buf_add(&b->harness, harness->data, harness->len);
    b->variants = calloc(1, sizeof *b->variants);
    b->nvariants = 1;
    for (int i = 0; i < COSTS; i++)
        b->cost[i] = arena_array(b->arena, double, spec->npoints + 1);
    if (b->contained && bench_show(b, err))
        return BENCH_LOST;
    if (!b->worker)
        return bench_ready(b, err) ? BENCH_LOST : BENCH_OK;
    struct error why = {""};
    if (bench_tell_target(b, &why) == 0 ||
        (!b->worker && b->was_killed && bench_ready(b, &why) == 0))
        return BENCH_OK;
    error_set(err, "%s", why.text);
    return b->worker ? BENCH_FAILED : BENCH_LOST;
}

static const struct point *point_copy(struct arena *a, const struct spec *spec,
                                      const struct point *from)
{
    struct point *p = arena_alloc(a, sizeof *p);

    *p = *from;
    p->label = arena_dup(a, from->label);
    p->dims = arena_array(a, int64_t, spec->ndims + 1);
    memcpy(p->dims, from->dims, spec->ndims * sizeof *p->dims);
    return p;
}

enum bench_result bench_add_point(struct bench *b, const struct point *p, size_t *id,
                                  struct error *err)
{
    *id = b->spec->npoints + b->nmore;
    if (bench_ready(b, err))
        return BENCH_LOST;
    const struct point *kept = point_copy(b->arena, b->spec, p);
    if (bench_tell(b, bench_point_json(b->spec, kept, *id), NULL, err))
        return b->worker ? BENCH_FAILED : BENCH_LOST;
    *arena_push(b->arena, b->more, b->nmore) = kept;
    return BENCH_OK;
}

size_t bench_add_module(struct bench *b, bool is_shared, const struct buf *blob)
{
    b->modules = realloc(b->modules, (b->nmodules + 1) * sizeof *b->modules);
    if (!b->modules)
        fatal("out of memory");
    struct module *m = &b->modules[b->nmodules];
    *m = (struct module){.is_shared = is_shared};
    buf_init(&m->blob, BUF_LIMIT);
    buf_add(&m->blob, blob->data, blob->len);
    return b->nmodules++;
}

static size_t bench_add(struct bench *b, struct variant v)
{
    b->variants = realloc(b->variants, (b->nvariants + 1) * sizeof *b->variants);
    if (!b->variants)
        fatal("out of memory");
    b->variants[b->nvariants] = v;
    b->variants[b->nvariants].smem = -1;
    return b->nvariants++;
}

void bench_limit_variant(struct bench *b, size_t variant)
{
    b->variants[variant].smem = b->spec->require.smem;
}

size_t bench_add_variant(struct bench *b, size_t module, const char *symbol, const int64_t *values)
{
    return bench_add(
        b, (struct variant){.module = module, .symbol = strdup(symbol), .values = values});
}

size_t bench_add_structure(struct bench *b, size_t module, const char *symbol,
                           const int64_t *values, json_t *plan, json_t *name)
{
    return bench_add(b, (struct variant){.module = module,
                                         .symbol = symbol ? strdup(symbol) : NULL,
                                         .values = values,
                                         .plan = plan,
                                         .name = name});
}

size_t bench_add_built(struct bench *b, struct arena *a, size_t module, const struct spec *spec,
                       const int64_t *values, const struct built *built)
{
    if (!spec->structure)
        return bench_add_variant(b, module, built->symbol, values);
    json_t *name = json_pack("[o]", utf8_json(spec->structure->path));
    for (size_t i = 0; i < spec->ntunables; i++)
        json_array_append_new(name, json_integer(values[i]));
    json_t *plan = built->symbols ? plan_json(spec, values, built->symbols) : NULL;
    return bench_add_structure(b, module, built->symbol, structure_entry_values(a, spec, values),
                               plan, name);
}

/* ---- requests about variants ---- */

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
        return ADDED_DEADLINE;
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
    if (point >= b->spec->npoints)
        return;
    if (variant == BENCH_ORIGINAL && a > b->cost[kind][point])
        b->cost[kind][point] = a;
}

/* a reply about a variant: did it pass? */
static enum bench_result reply_result(json_t *reply, struct error *err)
{
    if (reply_ok(reply, err))
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

enum bench_result bench_time(struct bench *b, size_t variant, size_t point, int n,
                             struct samples *out, struct error *err)
{
    json_t *reply;
    json_t *request = json_pack("{s:s,s:I,s:I,s:i}", "op", "time", "variant", (json_int_t)variant,
                                "point", (json_int_t)point, "samples", n);
    double start = now_seconds();
    enum bench_result r = bench_ask_variant(b, variant, BENCH_ORIGINAL, request,
                                            bench_deadline(b, COST_TIME, variant, point, n + 3),
                                            &b->clock.time, &reply, err);
    if (r == BENCH_OK) {
        size_t before = out->n;
        samples_add(out, json_object_get(reply, "us"), json_object_get(reply, "mhz"));
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
    json_t *request = json_pack("{s:s,s:I,s:I,s:I,s:i}", "op", "pair", "a", (json_int_t)v, "b",
                                (json_int_t)w, "point", (json_int_t)point, "pairs", n);
    double deadline = bench_deadline(b, COST_TIME, w, point, 4 * n + 8) + LEAST_DEADLINE;
    enum bench_result r =
        bench_ask_variant(b, v, w, request, deadline, &b->clock.time, &reply, err);
    if (r == BENCH_OK) {
        samples_add(first, json_object_get(reply, "a"), json_object_get(reply, "a_mhz"));
        samples_add(second, json_object_get(reply, "b"), json_object_get(reply, "b_mhz"));
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
        reply_ok(reply, err);
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

void bench_free(struct bench *b)
{
    if (!b)
        return;
    worker_end(b->worker, proc_interrupted() != 0);
    bench_forget(b);
    buf_release(&b->harness);
    free(b->cupti);
    json_decref(b->peaks);
    arena_free(b->life);
    free(b);
}
