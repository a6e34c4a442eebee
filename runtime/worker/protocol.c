/* runtime/worker/protocol.c - from a request to the calls that do it, and back.
 *
 * Nothing is decided here but the class of an answer. The device is opened when the first request
 * needs it, and started with the first entry, so that `hello` costs no context. */
#include "runtime/worker/protocol.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/frame.h"
#include "runtime/base/gpulock.h"
#include "runtime/base/utf8.h"
#include "runtime/worker/graph.h"
#include "runtime/worker/nvml.h"
#include "runtime/worker/peaks.h"
#include "runtime/worker/plan.h"
#include "runtime/worker/profile.h"
#include "runtime/worker/replay.h"
#include "runtime/worker/timer.h"

enum { SAMPLES_MOST = 100000, SEEDS_MOST = 1000, RUNS_MOST = 1000 };

struct worker {
    const struct protocol *protocol;
    struct device device;
    bool is_open, has_lock;
    struct session session;
    struct names names;
    struct refusal refusal;
};

static json_t *refused(const struct refusal *r)
{
    return json_pack("{s:b, s:s, s:o}", "ok", 0, "class", r->class, "error", utf8_json(r->text));
}

static int device_ready(struct worker *w, struct refusal *r)
{
    if (!w->is_open && device_open(&w->device, r))
        return -1;
    if (!w->is_open)
        nvml_open(w->device.uuid);
    w->is_open = true;
    return 0;
}

static json_t *gpu_json(const struct device *d)
{
    return json_pack("{s:s, s:s, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:i}", "name", d->name, "uuid",
                     d->uuid, "major", d->major, "minor", d->minor, "sms", (json_int_t)d->sms,
                     "smem", (json_int_t)d->smem, "regs", (json_int_t)d->regs, "l2",
                     (json_int_t)d->l2, "memory", (json_int_t)d->memory, "driver", d->driver);
}

json_t *protocol_probe(struct error *err)
{
    struct device d;
    struct refusal r = {0};

    if (device_open(&d, &r)) {
        error_set(err, "%.1000s", r.text);
        return NULL;
    }
    return gpu_json(&d);
}

/* ---- one function a request: NULL when refused ---- */

static json_t *do_hello(struct worker *w, const json_t *request, const struct buf *blob)
{
    (void)request;
    (void)blob;
    if (device_ready(w, &w->refusal))
        return NULL;
    return json_pack("{s:b, s:i, s:o}", "ok", 1, "version", 1, "gpu", gpu_json(&w->device));
}

static json_t *do_open(struct worker *w, const json_t *request, const struct buf *blob)
{
    json_t *arrays;

    if (device_ready(w, &w->refusal) || device_start(&w->device, &w->refusal))
        return NULL;
    w->session.device = &w->device;
    if (session_open(&w->session, request, blob->data, blob->len, &w->refusal))
        return NULL;
    arrays = json_array();
    for (size_t i = 0; i < w->session.narrays; i++) {
        const struct array *a = &w->session.arrays[i];

        json_array_append_new(arrays, json_pack("{s:s, s:i, s:i}", "type", elem_name(a->type),
                                                "size", a->size * a->lanes, "lanes", a->lanes));
    }
    return json_pack("{s:b, s:o}", "ok", 1, "arrays", arrays);
}

static json_t *done(void)
{
    return json_pack("{s:b}", "ok", 1);
}

static json_t *do_point(struct worker *w, const json_t *request, const struct buf *blob)
{
    (void)blob;
    return session_add_point(&w->session, request, &w->refusal) ? NULL : done();
}

/* a number of the request between 0 and most; refuses what is none */
static int number(struct worker *w, const json_t *request, const char *key, long long most,
                  int *value)
{
    const json_t *n = json_object_get(request, key);

    if (!json_is_integer(n) || json_integer_value(n) < 0 || json_integer_value(n) > most)
        return refuse(&w->refusal, REFUSE_PROTOCOL, "'%s' must be an integer of 0 to %lld", key,
                      most);
    *value = (int)json_integer_value(n);
    return 0;
}

static json_t *do_module(struct worker *w, const json_t *request, const struct buf *blob)
{
    const char *kind = json_string_value(json_object_get(request, "kind"));
    bool is_cubin = kind && !strcmp(kind, "cubin");
    int id;

    if (number(w, request, "module", INT_MAX, &id))
        return NULL;
    if (!blob->len || !kind || (!is_cubin && strcmp(kind, "so"))) {
        refuse(&w->refusal, REFUSE_PROTOCOL, "a module needs a kind, cubin or so, and bytes");
        return NULL;
    }
    return module_load(&w->session, id, is_cubin, blob->data, blob->len, &w->refusal) ? NULL
                                                                                      : done();
}

/* the most that any of the variant's kernels takes */
static json_t *figures(const struct variant *v)
{
    int regs = v->function.regs, smem = v->function.smem, local = v->function.local;
    size_t n = 0;
    const struct function *f = v->plan ? plan_functions(v->plan, &n) : NULL;

    for (size_t i = 0; i < n; i++) {
        regs = f[i].regs > regs ? f[i].regs : regs;
        smem = f[i].smem > smem ? f[i].smem : smem;
        local = f[i].local > local ? f[i].local : local;
    }
    return json_pack("{s:b, s:i, s:i, s:i}", "ok", 1, "regs", regs, "smem", smem, "local", local);
}

static json_t *do_variant(struct worker *w, const json_t *request, const struct buf *blob)
{
    const char *symbol = json_string_value(json_object_get(request, "symbol"));
    const json_t *tunables = json_object_get(request, "tunables");
    const json_t *plan = json_object_get(request, "plan");
    size_t n = json_array_size(tunables);
    long long *values;
    struct variant *v;
    int id, module;

    (void)blob;
    if (number(w, request, "variant", INT_MAX, &id) ||
        number(w, request, "module", INT_MAX, &module))
        return NULL;
    if (!symbol && !plan) {
        refuse(&w->refusal, REFUSE_PROTOCOL, "a variant needs a symbol or a plan");
        return NULL;
    }
    values = calloc(n + 1, sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = json_integer_value(json_array_get(tunables, i));
    v = variant_add(&w->session, id, module, symbol, plan, values, n, &w->refusal);
    free(values);
    if (v && json_is_integer(json_object_get(request, "smem")))
        v->most_smem = json_integer_value(json_object_get(request, "smem"));
    return v ? figures(v) : NULL;
}

static json_t *do_drop(struct worker *w, const json_t *request, const struct buf *blob)
{
    int id;

    (void)blob;
    if (number(w, request, "module", INT_MAX, &id))
        return NULL;
    module_drop(&w->session, id);
    return done();
}

static json_t *do_check(struct worker *w, const json_t *request, const struct buf *blob)
{
    struct session *s = &w->session;
    const json_t *points = json_object_get(request, "points"), *id;
    struct variant *v =
        session_variant(s, json_integer_value(json_object_get(request, "variant")), &w->refusal);
    struct outcome o = {0};
    struct checking c = {.values =
                             values_find(json_string_value(json_object_get(request, "values")))};
    json_t *reply = NULL;
    int seeds, runs = 0;
    size_t i;

    (void)blob;
    if (!v || number(w, request, "seeds", SEEDS_MOST, &seeds) ||
        (json_object_get(request, "runs") && number(w, request, "runs", RUNS_MOST, &runs)))
        return NULL;
    if (c.values == VALUES_CASES) {
        refuse(&w->refusal, REFUSE_PROTOCOL, "there are no such values");
        return NULL;
    }
    c.seeds = (unsigned)seeds;
    c.runs = (unsigned)runs;
    json_array_foreach(points, i, id)
    {
        struct point *p = session_point(s, json_integer_value(id), &w->refusal);

        outcome_release(&o);
        if (!p || check_point(s, v, p, &c, &o, &w->refusal) || o.reason)
            break;
    }
    if (!w->refusal.class)
        reply = outcome_json(&o);
    outcome_release(&o);
    return reply;
}

/* the samples, as arrays of their numbers under these names; uj where they have it */
static void numbers(json_t *reply, const char *us, const char *mhz, const char *uj,
                    const struct sample *samples, unsigned n, bool is_energy)
{
    json_t *all[3] = {json_array(), json_array(), json_array()};

    for (unsigned i = 0; i < n; i++) {
        json_array_append_new(all[0], json_real(samples[i].us));
        json_array_append_new(all[1], json_real(samples[i].mhz));
        json_array_append_new(all[2], json_real(samples[i].uj));
    }
    json_object_set_new(reply, us, all[0]);
    json_object_set_new(reply, mhz, all[1]);
    if (is_energy)
        json_object_set_new(reply, uj, all[2]);
    else
        json_decref(all[2]);
}

static json_t *timed(struct variant *v, const struct point *p, bool graph)
{
    int others = nvml_others();

    return json_pack("{s:b, s:b, s:i, s:o*, s:i, s:b}", "ok", 1, "pass", 1, "launches",
                     (int)graph_launches(v, p), "others", others > 0 ? json_integer(others) : NULL,
                     "sets", (int)p->sets->active, "graph", (int)graph);
}

static json_t *do_time(struct worker *w, const json_t *request, const struct buf *blob)
{
    struct session *s = &w->session;
    struct point *p =
        session_point(s, json_integer_value(json_object_get(request, "point")), &w->refusal);
    struct variant *v =
        session_variant(s, json_integer_value(json_object_get(request, "variant")), &w->refusal);
    struct timing how = {
        .least_us = json_number_value(json_object_get(request, "least_us")),
        .same_inputs = json_is_true(json_object_get(request, "same_inputs")),
    };
    struct timed t = {0};
    struct outcome o = {0};
    json_t *reply = NULL;
    int n;

    (void)blob;
    if (!p || !v || number(w, request, "samples", SAMPLES_MOST, &n))
        return NULL;
    how.n = (unsigned)n;
    if (!timer_time(s, v, p, &how, &t, &o, &w->refusal)) {
        reply = o.reason ? outcome_json(&o) : timed(v, p, t.graph);
        if (!o.reason)
            numbers(reply, "us", "mhz", "uj", t.samples, t.n, s->is_energy);
    }
    outcome_release(&o);
    free(t.samples);
    return reply;
}

static json_t *do_pair(struct worker *w, const json_t *request, const struct buf *blob)
{
    struct session *s = &w->session;
    struct point *p =
        session_point(s, json_integer_value(json_object_get(request, "point")), &w->refusal);
    struct variant *a =
        session_variant(s, json_integer_value(json_object_get(request, "a")), &w->refusal);
    struct variant *b =
        session_variant(s, json_integer_value(json_object_get(request, "b")), &w->refusal);
    struct sample *samples[2] = {NULL, NULL};
    struct outcome o = {0};
    json_t *reply = NULL;
    bool graph;
    int n;

    (void)blob;
    if (!p || !a || !b || number(w, request, "pairs", SAMPLES_MOST, &n))
        return NULL;
    if (!timer_pair(s, a, b, p, (unsigned)n, samples, &graph, &o, &w->refusal)) {
        reply = o.reason ? outcome_json(&o) : timed(a, p, graph);
        if (!o.reason)
            json_object_set_new(reply, "b_launches", json_integer(graph_launches(b, p)));
        if (!o.reason)
            numbers(reply, "a", "a_mhz", "a_uj", samples[0], (unsigned)n, s->is_energy);
        if (!o.reason)
            numbers(reply, "b", "b_mhz", "b_uj", samples[1], (unsigned)n, s->is_energy);
    }
    outcome_release(&o);
    free(samples[0]);
    free(samples[1]);
    return reply;
}

/* the host of the worker knows better than the engine's where its libcupti is */
static const char *cupti_path(const json_t *request)
{
    const char *here = getenv("KSEARCH_CUPTI");

    return here && *here ? here : json_string_value(json_object_get(request, "cupti"));
}

static json_t *do_profile(struct worker *w, const json_t *request, const struct buf *blob)
{
    struct session *s = &w->session;
    struct point *p =
        session_point(s, json_integer_value(json_object_get(request, "point")), &w->refusal);
    struct variant *v =
        session_variant(s, json_integer_value(json_object_get(request, "variant")), &w->refusal);
    json_t *reply = NULL, *kernels = NULL;
    struct outcome o = {0};
    int tier, passes;

    (void)blob;
    if (!p || !v || number(w, request, "tier", TIER_MOST, &tier))
        return NULL;
    if (!profile_variant(s, v, p, cupti_path(request), tier, &kernels, &passes, &o, &w->refusal))
        reply = o.reason ? outcome_json(&o)
                         : json_pack("{s:b, s:b, s:i, s:O}", "ok", 1, "pass", 1, "passes", passes,
                                     "kernels", kernels);
    outcome_release(&o);
    json_decref(kernels);
    return reply;
}

static json_t *do_floor(struct worker *w, const json_t *request, const struct buf *blob)
{
    struct session *s = &w->session;
    struct point *p =
        session_point(s, json_integer_value(json_object_get(request, "point")), &w->refusal);
    double us;

    (void)blob;
    if (!p || timer_floor(s, p, &us, &w->refusal))
        return NULL;
    return json_pack("{s:b, s:I, s:f}", "ok", 1, "bytes", (json_int_t)point_bytes(s, p), "us", us);
}

static json_t *do_peaks(struct worker *w, const json_t *request, const struct buf *blob)
{
    json_t *ops = peaks_measure(&w->device, &w->refusal);

    (void)request;
    (void)blob;
    return ops ? json_pack("{s:b, s:o}", "ok", 1, "ops", ops) : NULL;
}

static json_t *do_close(struct worker *w, const json_t *request, const struct buf *blob)
{
    (void)request;
    (void)blob;
    session_close(&w->session);
    return done();
}

static const struct op {
    const char *name;
    json_t *(*run)(struct worker *w, const json_t *request, const struct buf *blob);
    bool needs_entry, needs_lock;
} ops[] = {
    {"hello", do_hello, false, false},    {"open", do_open, false, false},
    {"point", do_point, true, false},     {"module", do_module, true, false},
    {"variant", do_variant, true, false}, {"drop", do_drop, true, false},
    {"check", do_check, true, true},      {"time", do_time, true, true},
    {"pair", do_pair, true, true},        {"profile", do_profile, true, true},
    {"floor", do_floor, true, true},      {"peaks", do_peaks, true, true},
    {"close", do_close, false, false},
};

/* ---- serving ---- */

static int tell_waiting(void *arg, double seconds)
{
    const struct worker *w = arg;
    json_t *event = json_pack("{s:s, s:f}", "event", "waiting", "seconds", seconds);
    int result = frame_write(w->protocol->out, event, NULL, 0, NULL);

    json_decref(event);
    return result;
}

static json_t *run_locked(struct worker *w, const struct op *op, const json_t *request,
                          const struct buf *blob)
{
    struct error err = {{0}};
    int lock = gpulock_take(w->device.uuid, tell_waiting, w, &err);
    json_t *reply;

    /* measuring beside another is worse than measuring alone, but better than not at all */
    if (lock < 0 && !w->has_lock)
        fprintf(stderr, "ksearch-worker: measuring without a lock: %s\n", err.text);
    w->has_lock = true;
    reply = op->run(w, request, blob);
    gpulock_release(lock);
    return reply;
}

static json_t *answer(struct worker *w, const json_t *request, const struct buf *blob)
{
    const char *name = json_string_value(json_object_get(request, "op"));
    const struct op *op = NULL;
    json_t *reply = NULL;

    w->refusal = (struct refusal){0};
    for (size_t i = 0; i < sizeof ops / sizeof *ops && name; i++)
        if (!strcmp(ops[i].name, name))
            op = &ops[i];
    if (!op)
        refuse(&w->refusal, REFUSE_PROTOCOL, "there is no op '%.80s'", name ? name : "");
    else if (op->needs_entry && !w->session.entry)
        refuse(&w->refusal, REFUSE_PROTOCOL, "%s before an entry is open", name);
    else
        reply = op->needs_lock ? run_locked(w, op, request, blob) : op->run(w, request, blob);
    return reply ? reply : refused(&w->refusal);
}

/* A context takes a tenth of a second, in which whoever said hello still compiles. Where there can
 * be none, the request that needs it says so */
static void start_early(struct worker *w)
{
    struct refusal later = {0};

    if (w->is_open)
        device_start(&w->device, &later);
}

/* one request, one reply; sets *status to the exit status when the worker must end */
static int serve_one(struct worker *w, struct replay *replay, const json_t *request,
                     const struct buf *blob, int *status, struct error *err)
{
    struct error why = {{0}};
    json_t *reply;
    int result;

    names_note(&w->names, request);
    reply = replay ? replay_answer(replay, &w->names, request) : answer(w, request, blob);
    if (w->protocol->record && !replay &&
        (!w->refusal.class || strcmp(w->refusal.class, REFUSE_NO_GPU)) &&
        record_append(w->protocol->record, &w->names, request, reply, &why))
        fprintf(stderr, "ksearch-worker: %s\n", why.text);
    result = frame_write(w->protocol->out, reply, NULL, 0, err);
    json_decref(reply);
    if (!replay && w->refusal.class && !strcmp(w->refusal.class, REFUSE_FAULT))
        *status = EXIT_FAULT;
    else if (!replay && result == 0)
        start_early(w);
    return result;
}

int protocol_serve(const struct protocol *p, struct error *err)
{
    struct worker w = {.protocol = p};
    struct replay *replay = NULL;
    struct buf blob;
    json_t *request;
    int got, status = 0;

    if (p->replay && !(replay = replay_open(p->replay, err)))
        return 1;
    names_init(&w.names);
    buf_init(&blob, BUF_LIMIT);
    do {
        buf_clear(&blob);
        got = frame_read(p->in, -1, NULL, NULL, &request, &blob, err);
        if (got > 0) {
            if (serve_one(&w, replay, request, &blob, &status, err))
                got = -1;
            json_decref(request);
        }
    } while (got > 0 && !status);
    /* after a fault nothing of the context can be given back, and trying may hang */
    if (!status) {
        session_close(&w.session);
        timer_close();
    }
    names_release(&w.names);
    replay_close(replay);
    buf_release(&blob);
    return got < 0 ? 1 : status;
}
