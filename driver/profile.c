/* driver/profile.c - see profile.h.
 *
 * Time first, as the search measures it; then counters, which disturb. Where they cannot be had,
 * the launches alone are looked at, and what follows from them and from the compiler is told. */
#include "driver/profile.h"

#include <math.h>
#include <stdlib.h>

#include "driver/build/symbol.h"
#include "driver/explain_spec.h"
#include "driver/search/counted.h"
#include "driver/search/evidence.h"
#include "driver/search/judge.h"
#include "driver/search/occupancy.h"
#include "runtime/base/proc.h"
#include "runtime/base/utf8.h"

enum { SAMPLES = 21, TIER = 3, TIER_ONCE = 1, TIER_LAUNCHES = 0 };

struct profiled { /* one code on one workload, while it is looked at */
    const struct codes *c;
    const struct code *code;
    const struct ceilings *ceilings;
    const struct sass *sass; /* of the code; none: not known */
    size_t point;
    double bytes, floor_us, us;
    json_t *kernels; /* of the worker; NULL: not known */
};

/* only what is known */
static void put(json_t *object, const char *name, double value)
{
    if (value >= 0 && isfinite(value))
        json_object_set_new(object, name, json_real(value));
}

/* what could not be had, once */
static void lack(json_t *lacks, const char *what, const char *why)
{
    json_t *text = json_sprintf("%s: %s", what, why), *old;
    size_t i;
    json_array_foreach(lacks, i, old)
    {
        if (json_equal(old, text)) {
            json_decref(text);
            return;
        }
    }
    json_array_append_new(lacks, text ? text : json_string(what));
}

/* ---- one kernel ---- */

static struct evidence_launch launch_of(const struct profiled *p, const json_t *kernel)
{
    struct arena *a = p->c->stage->in->arena;
    const char *symbol = json_string_value(json_object_get(kernel, "name"));
    return (struct evidence_launch){
        .kernel = symbol ? symbol_text(a, symbol) : "a kernel whose name is not known",
        .blocks = counted_blocks(kernel),
        .threads = counted_threads(kernel),
        .cluster = counted_cluster(kernel),
        .dynamic = json_integer_value(json_object_get(kernel, "smem")),
        .usage = code_usage(p->code, symbol),
        .sass = symbol ? sass_find(p->sass, symbol) : NULL,
    };
}

static json_t *occupancy_json(const struct profiled *p, const struct evidence_launch *l)
{
    const struct gpu *gpu = bench_gpu(p->c->stage->bench);
    struct occupancy o;
    if (!evidence_occupancy(l, gpu, &o))
        return NULL;
    json_t *object = json_pack("{s:i, s:i, s:i, s:s}", "blocks", o.blocks, "warps", o.warps, "most",
                               o.most, "limit", o.limit);
    if (evidence_waves(l, gpu, &o) > 0)
        put(object, "waves", evidence_waves(l, gpu, &o));
    return object;
}

static json_t *instructions_json(const struct sass_kernel *k)
{
    json_t *object = json_pack("{s:I}", "all", (json_int_t)k->total);
    for (int i = 0; i < SASS_KINDS; i++)
        if (k->count[i])
            json_object_set_new(object, sass_kind_name(i), json_integer(k->count[i]));
    return object;
}

static void put_usage(json_t *object, const struct usage *u)
{
    const struct {
        const char *name;
        int64_t value;
    } all[] = {
        {"regs", u->regs}, {"static_smem", u->smem}, {"spills", u->spills}, {"stack", u->stack}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].value >= 0)
            json_object_set_new(object, all[i].name, json_integer(all[i].value));
}

static json_t *kernel_json(const struct profiled *p, const json_t *kernel)
{
    struct evidence_launch l = launch_of(p, kernel);
    json_t *object = json_copy((json_t *)kernel), *symbol = json_object_get(object, "name");
    json_t *occupancy = occupancy_json(p, &l);
    double us = counted_us(kernel), all = counted_all_us(p->kernels);
    double launches = (double)counted_launches(kernel);
    struct buf text;
    if (json_is_string(symbol))
        json_object_set(object, "symbol", symbol);
    json_object_set_new(object, "name", utf8_json(l.kernel));
    buf_init(&text, 1 << 16);
    evidence_launch_text(&l, bench_gpu(p->c->stage->bench), &text);
    json_object_set_new(object, "text", utf8_json(buf_text(&text) + 2)); /* no "- " */
    buf_release(&text);
    put(object, "us", us >= 0 && launches > 0 ? us / launches : -1);
    put(object, "share", us >= 0 && all > 0 ? us / all : -1);
    put_usage(object, &l.usage);
    if (occupancy)
        json_object_set_new(object, "occupancy", occupancy);
    if (l.sass)
        json_object_set_new(object, "instructions", instructions_json(l.sass));
    return object;
}

/* ---- one code on one workload ---- */

/* all operations; *least: the time that they take at the least; *roof: the peak of those that take
 * longest. -1: not counted */
static double operations(const struct profiled *p, json_t *ops, double *least, double *roof)
{
    double all = -1;
    *least = *roof = 0;
    for (int i = 0; i < COUNTED_OPS; i++) {
        double n = counted_operations(p->kernels, i);
        double peak = ceiling_of(p->ceilings, counted_ops_peak(i));
        if (n < 0)
            continue;
        all = fmax(all, 0) + n;
        if (n > 0)
            json_object_set_new(ops, counted_ops_name(i), json_real(n));
        if (peak > 0 && 1e6 * n / peak > *least) {
            *least = 1e6 * n / peak;
            *roof = peak;
        }
    }
    return all;
}

static struct limit_figures figures(const struct profiled *p, double ops_us)
{
    struct limit_figures f = limit_nothing();
    const json_t *k = counted_longest(p->kernels);
    struct evidence_launch l = k ? launch_of(p, k) : (struct evidence_launch){.kernel = ""};
    f.us = p->us, f.floor_us = p->floor_us, f.ops_us = ops_us;
    for (size_t i = 0; i < json_array_size(p->kernels); i++)
        f.launches += (double)counted_launches(json_array_get(p->kernels, i));
    f.counted_us = fmax(0, counted_all_us(p->kernels));
    evidence_counted(p->kernels, &f);
    if (k)
        evidence_launched(&l, bench_gpu(p->c->stage->bench), &f);
    return f;
}

static void put_limit(const struct profiled *p, double ops_us, json_t *object)
{
    struct limit_figures f = figures(p, ops_us);
    enum limit limit = limit_of(&f);
    struct buf why;
    if (limit == LIMIT_LATENCY && !f.has_counters) /* what is left when nothing else was found */
        limit = LIMIT_UNKNOWN;
    buf_init(&why, 1 << 12);
    limit_why(&f, limit, &why);
    json_object_set_new(object, "limit", json_string(limit_name(limit)));
    json_object_set_new(object, "why", json_string(buf_text(&why)));
    json_object_set_new(object, "advice", json_string(limit_advice(limit)));
    buf_release(&why);
}

static void put_counted(const struct profiled *p, json_t *object)
{
    double counted = counted_all_us(p->kernels), dram = counted_dram(p->kernels), least, roof;
    json_t *ops = json_object(), *kernels = json_array();
    double all = operations(p, ops, &least, &roof);
    for (size_t i = 0; i < json_array_size(p->kernels); i++)
        json_array_append_new(kernels, kernel_json(p, json_array_get(p->kernels, i)));
    put(object, "counted_us", counted);
    put(object, "gaps_us", counted >= 0 ? fmax(0, p->us - counted) : -1);
    put(object, "dram_bytes", dram);
    put(object, "dram_bandwidth", dram >= 0 && p->us > 0 ? 1e6 * dram / p->us : -1);
    if (all >= 0) {
        put(object, "rate", p->us > 0 ? 1e6 * all / p->us : -1);
        put(object, "intensity", dram > 0 ? all / dram : -1);
        put(object, "ops_us", least);
        put(object, "roof", roof > 0 ? roof : -1);
        json_object_set(object, "ops", ops);
    }
    put(object, "arithmetic", counted_arithmetic(p->kernels));
    put_limit(p, least, object);
    json_object_set_new(object, "kernels", kernels);
    json_decref(ops);
}

static void put_times(struct profiled *p, struct samples *s, json_t *object)
{
    json_t *us = samples_json(s);
    p->us = median_of(s->us, s->n); /* sorts them */
    put(object, "us", p->us);
    put(object, "low_us", s->us[s->n / 4]);
    put(object, "high_us", s->us[s->n - 1 - s->n / 4]);
    put(object, "mhz", median_of(s->mhz, s->n));
    sampling_write(&s->how, object);
    put(object, "bandwidth", p->bytes > 0 ? 1e6 * p->bytes / p->us : -1);
    json_object_set_new(object, "samples_us", us);
}

static json_t *count_tier(const struct profiled *p, int tier, bool *wrong, struct error *err)
{
    json_t *kernels = NULL;
    *wrong = bench_profile(p->c->stage->bench, p->code->variant, p->point, tier, &kernels, err) ==
             BENCH_FAILED;
    return kernels;
}

/* what was counted of the same kernels in another run takes the place of what is there */
static void put_metrics(json_t *kernels, const json_t *others)
{
    size_t i;
    json_t *kernel;
    json_array_foreach(kernels, i, kernel)
    {
        const json_t *other = json_array_get(others, i);
        if (json_equal(json_object_get(kernel, "name"), json_object_get(other, "name")))
            json_object_update(json_object_get(kernel, "metrics"),
                               json_object_get(other, "metrics"));
    }
}

/* Counters, or at least the launches; NULL: neither. *wrong: the code does not do what it should.
 * Passes after the first of a run find the caches as CUPTI leaves them, so what one pass can count
 * is of a run of its own: what was moved to and from DRAM is in it. */
static json_t *count(const struct profiled *p, json_t *lacks, bool *wrong)
{
    struct error err = {""}, again = {""};
    json_t *once = count_tier(p, TIER_ONCE, wrong, &err), *all = NULL;
    if (*wrong)
        return once;
    if (!once) {
        lack(lacks, "no counters", err.text);
        return count_tier(p, TIER_LAUNCHES, wrong, &again);
    }
    all = count_tier(p, TIER, wrong, &again);
    if (!all)
        return once;
    put_metrics(all, once);
    json_decref(once);
    return all;
}

static json_t *measured_json(struct profiled *p, json_t *lacks)
{
    struct samples s = {0};
    struct error err = {""};
    bool wrong = false;
    json_t *object = json_pack("{s:o}", "code", utf8_json(p->code->name));
    if (p->code->why)
        json_object_set_new(object, p->code->is_there ? "warning" : "error",
                            utf8_json(p->code->why));
    if (!p->code->is_there)
        return object;
    if (bench_time(p->c->stage->bench, p->code->variant, p->point, SAMPLES, &s, &err) == BENCH_OK) {
        put_times(p, &s, object);
        p->kernels = count(p, lacks, &wrong);
        if (!wrong)
            put_counted(p, object);
        json_decref(p->kernels);
    } else {
        json_object_set_new(object, "error", utf8_json(err.text));
    }
    samples_release(&s);
    return object;
}

/* ---- all of them ---- */

static json_t *workload_json(const struct codes *c, const struct ceilings *ceilings,
                             const struct sass *sass, size_t point, json_t *lacks)
{
    struct profiled p = {.c = c, .ceilings = ceilings, .point = point};
    json_t *all = json_array(), *object;
    double floor_us = bench_floor(c->stage->bench, point, &p.bytes);
    p.floor_us = ceilings->bandwidth > 0 ? 1e6 * p.bytes / ceilings->bandwidth : floor_us;
    for (size_t i = 0; i < c->n && !proc_interrupted(); i++) {
        struct profiled one = p;
        one.code = &c->code[i];
        one.sass = &sass[i];
        if (code_is_for(c, &c->code[i], point))
            json_array_append_new(all, measured_json(&one, lacks));
    }
    object = json_pack("{s:o}", "label", utf8_json(c->target->spec->points[point].label));
    put(object, "bytes", p.bytes > 0 ? p.bytes : -1);
    put(object, "floor_us", p.floor_us > 0 ? p.floor_us : -1);
    json_object_set_new(object, "codes", all);
    return object;
}

static struct sass *instructions(const struct codes *c, json_t *lacks)
{
    struct sass *all = arena_array(c->stage->in->arena, struct sass, c->n + 1);
    for (size_t i = 0; i < c->n; i++) {
        struct error err = {""};
        if (c->code[i].is_there && code_instructions(c, &c->code[i], &all[i], &err))
            lack(lacks, "no instructions", err.text);
    }
    return all;
}

json_t *profile_collect(const struct codes *c, const struct ceilings *ceilings)
{
    json_t *lacks = json_array(), *workloads = json_array();
    const struct sass *sass = instructions(c, lacks);
    if (ceilings->ops[CEILING_F32] <= 0)
        lack(lacks, "no peaks", "the worker did not measure what the card can compute");
    for (size_t i = 0; i < c->ntimed && !proc_interrupted(); i++)
        json_array_append_new(workloads, workload_json(c, ceilings, sass, c->timed[i], lacks));
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "file",
                     utf8_json(c->stage->source->src->path), "entry", utf8_json(c->target->name),
                     "gpu", bench_gpu_json(bench_gpu(c->stage->bench)), "ceilings",
                     ceilings_json(ceilings), "lacks", lacks, "workloads", workloads);
}
