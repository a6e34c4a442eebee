/* driver/search/bench.c - a worker and its target: starting another when one is lost.
 *
 * What the worker was told (open, points, modules, variants) is kept here and is told again after a
 * restart, modules only when they are next needed (bench_request.c). The bench is lost when no
 * other worker can be started, or a killed one does not go. */
#include <stdlib.h>
#include <string.h>

#include "driver/build/plan_json.h"
#include "driver/build/structure_text.h"
#include "driver/build/units.h"
#include "driver/search/bench_impl.h"
#include "driver/search/bench_json.h"
#include "driver/search/files.h"
#include "driver/search/worker.h"
#include "runtime/base/arena.h"
#include "runtime/base/log.h"
#include "runtime/base/proc.h"
#include "runtime/base/utf8.h"

/* ---- the worker's life ---- */

static int bench_idle(void *arg)
{
    struct bench *b = arg;
    if (b->idle)
        b->idle(b->idle_arg);
    return proc_interrupted();
}

/* takes the worker's answer, or what came of asking; a worker that has a fault is ended */
static int bench_answer(struct bench *b, int rc, json_t **reply, struct error *err)
{
    if (rc == 0)
        rc = worker_answer(b->worker, bench_idle, b, reply, err);
    b->was_killed = rc == WORKER_KILLED;
    if (rc == 0) {
        const char *class = json_string_value(json_object_get(*reply, "class"));
        if (!class || strcmp(class, "fault") != 0)
            return 0;
        error_set(err, "%s", json_string_value(json_object_get(*reply, "error")));
        json_decref(*reply);
        *reply = NULL;
    }
    /* a worker that tells of a fault goes by itself, and a tool has its log to finish then */
    b->wedged |= worker_end(b->worker, rc != 0 || !b->tool) != 0;
    b->worker = NULL;
    return -1;
}

int bench_ask(struct bench *b, json_t *request, const struct buf *blob, double deadline,
              json_t **reply, struct error *err)
{
    if (!b->worker) {
        json_decref(request);
        return error_set(err, "no worker");
    }
    return bench_answer(b, worker_ask(b->worker, request, blob, deadline, bench_idle, b, err),
                        reply, err);
}

int bench_reply_ok(json_t *reply, struct error *err)
{
    if (json_is_true(json_object_get(reply, "ok")))
        return 0;
    const char *why = json_string_value(json_object_get(reply, "error"));
    return error_set(err, "%s", why ? why : "the worker refused without a reason");
}

/* starts a worker and greets it; bench_hello() hears what it says */
static int bench_call(struct bench *b, struct error *err)
{
    struct worker_box box = {b->gpu.uuid, b->files};
    json_t *none;
    b->worker = worker_start(b->contained ? &box : NULL, b->tool, err);
    b->generation++;
    if (!b->worker)
        return -1;
    int rc = worker_ask(b->worker, json_pack("{s:s}", "op", "hello"), NULL, FIRST_DEADLINE,
                        bench_idle, b, err);
    return rc ? bench_answer(b, rc, &none, err) : 0;
}

static int bench_hello(struct bench *b, struct error *err)
{
    json_t *reply;
    if ((!b->worker && bench_call(b, err)) || bench_answer(b, 0, &reply, err))
        return -1;
    int rc = bench_reply_ok(reply, err);
    if (rc == 0 && (rc = bench_gpu_from_json(json_object_get(reply, "gpu"), &b->gpu)))
        error_set(err, "the worker does not say which GPU it has");
    json_decref(reply);
    b->heard |= rc == 0;
    return rc;
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

int bench_tell(struct bench *b, json_t *request, const struct buf *blob, struct error *err)
{
    json_t *reply;
    double start = now_seconds();
    int rc = bench_ask(b, request, blob, FIRST_DEADLINE, &reply, err);
    b->clock.other += now_seconds() - start;
    if (rc)
        return -1;
    rc = bench_reply_ok(reply, err);
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

/* Starts a worker, and tells it the target if there is one. One that somebody kills meanwhile is no
 * reason to do without */
static int bench_begin(struct bench *b, struct error *err)
{
    struct error why = {""};
    for (int i = 0; i < KILLED_MOST; i++) {
        why = (struct error){""};
        if (proc_interrupted())
            return error_set(err, "interrupted");
        if (b->wedged)
            return error_set(err, "a worker that was killed does not end: the driver holds it, and "
                                  "its GPU with it");
        if (bench_hello(b, &why) == 0 && (!b->spec || bench_tell_target(b, &why) == 0))
            return 0;
        if (b->worker || !b->was_killed)
            break;
    }
    return error_set(err, "%s", why.text);
}

int bench_ready(struct bench *b, struct error *err)
{
    if (b->worker)
        return 0;
    b->clock.restarts++;
    return bench_begin(b, err);
}

/* asks which GPU there is, before anything runs inside: its lock must be there */
static int bench_probe(struct bench *b, struct error *err)
{
    json_t *gpu = worker_probe(NULL, NULL, err);
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
    if ((!contained || bench_probe(b, err) == 0) && (bench_call(b, err) == 0 || b->was_killed))
        return b;
    bench_free(b);
    return NULL;
}

int bench_await(struct bench *b, struct error *err)
{
    return b->heard ? 0 : bench_begin(b, err);
}

enum bench_result bench_renew(struct bench *b, struct error *err)
{
    b->wedged |= worker_end(b->worker, false) != 0;
    b->worker = NULL;
    return bench_ready(b, err) ? BENCH_LOST : BENCH_OK;
}

int bench_use_tool(struct bench *b, const struct worker_tool *tool, struct error *err)
{
    if (b->worker)
        b->wedged |= worker_end(b->worker, false) != 0;
    b->worker = NULL;
    b->tool = tool;
    return tool ? bench_ready(b, err) : 0;
}

void bench_use_sanitizer(struct bench *b, const char *path)
{
    b->sanitizer = arena_dup(b->life, path);
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
static void bench_show(struct bench *b)
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
        return;
    *arena_push(b->life, b->files, b->nfiles) = NULL;
    b->nfiles--;
    worker_end(b->worker, false);
    b->worker = NULL;
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
    if (b->contained)
        bench_show(b);
    struct error why = {""};
    int rc = b->worker ? bench_tell_target(b, &why) : bench_ready(b, err);
    if (rc && *why.text)
        rc = !b->worker && b->was_killed ? bench_ready(b, err) : error_set(err, "%s", why.text);
    return rc == 0 ? BENCH_OK : b->worker ? BENCH_FAILED : BENCH_LOST;
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

/* a variant of a structure. Recordings know it by name, a JSON list; plan
 * (driver/build/plan_json.h) stands for symbol and values where it is not NULL. Both references are
 * taken. */
static size_t bench_add_structure(struct bench *b, size_t module, const char *symbol,
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
