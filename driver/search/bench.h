/* driver/search/bench.h - one target on one GPU: a worker, and what it has been told.
 *
 * The bench speaks the protocol of runtime/worker/PROTOCOL.md and outlives its worker: after a
 * fault, a hang or a crash it starts another and tells it again what the next request needs, so a
 * bad variant costs one worker and never the search. */
#ifndef KS_BENCH_H
#define KS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include "driver/lang/spec.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"

struct arena;
struct bench;
struct built;
struct json_t;

enum bench_result {
    BENCH_OK,     /* done; the variant passed */
    BENCH_FAILED, /* this variant is wrong, faults, hangs or asks for too much: *err says so */
    BENCH_LOST,   /* no worker can be had any more, or we are being stopped: the search must end */
};

struct sampling { /* how a sample was taken */
    int launches; /* in it; 0: not known */
    int sets;     /* of inputs, which take turns */
    bool graph;   /* the launches were captured, so no gaps are among them */
    int others;   /* processes beside ours that had the GPU open */
};
struct samples { /* free with samples_release */
    double *us;  /* microseconds a launch; with objective(energy) microjoules */
    double *mhz; /* the SM clock then; 0: not known */
    size_t n;
    struct sampling how; /* of the last ones */
};
void samples_release(struct samples *s);
/* appends the numbers of arrays; without clocks where mhz is NULL, or no array of as many */
void samples_add(struct samples *s, const struct json_t *us, const struct json_t *mhz);
struct json_t *samples_json(const struct samples *s);
struct json_t *samples_clocks_json(const struct samples *s);
/* {"launches", "sets", "graph", "others"} of an object, and into it */
struct sampling sampling_read(const struct json_t *object);
void sampling_write(const struct sampling *how, struct json_t *object);

/* starts a worker (KSEARCH_WORKER, else ksearch-worker beside this program); `contained`: it and
 * those after it run in a sandbox, for variants that a model wrote. NULL when it cannot be started.
 * CUDA takes a while to start, so the worker is heard of later: bench_await() comes next */
struct bench *bench_start(bool contained, struct error *err);
/* waits until the worker has said which GPU it has; -1 when it has none, or went */
int bench_await(struct bench *b, struct error *err);
/* reads what `hello` and `--probe` say of a GPU; -1 when something is missing */
int bench_gpu_from_json(const struct json_t *object, struct gpu *gpu);
/* the same the other way: a new object */
struct json_t *bench_gpu_json(const struct gpu *gpu);
const struct gpu *bench_gpu(const struct bench *b);
/* `idle` is called when the bench begins to wait for an answer, and about every 20 ms then */
void bench_on_idle(struct bench *b, void (*idle)(void *), void *arg);
/* makes a target the current one: the harness (copied) and all points of the spec. Closes the one
 * before */
enum bench_result bench_open(struct bench *b, const struct spec *spec, size_t instance,
                             const struct buf *harness, uint64_t seed, struct error *err);
/* the point that the worker did not take when bench_open failed; NULL: it was not for a point */
const struct point *bench_refused(const struct bench *b);
/* keeps a module's bytes and returns its number; the worker gets it when a variant of it is first
 * used */
size_t bench_add_module(struct bench *b, bool is_shared, const struct buf *blob);
/* a variant of a module: symbol as the protocol has it, values one a tunable of the entry (kept by
 * reference). Returns its number; BENCH_ORIGINAL stands for the original */
size_t bench_add_variant(struct bench *b, size_t module, const char *symbol, const int64_t *values);
/* a variant of what was compiled: a point of the spec, which may be a structure's. What is needed
 * of it for longer is in the arena */
size_t bench_add_built(struct bench *b, struct arena *a, size_t module, const struct spec *spec,
                       const int64_t *values, const struct built *built);
/* from here on every launch of the variant must keep to require(smem <= N) of the entry, where that
 * is given */
void bench_limit_variant(struct bench *b, size_t variant);
#define BENCH_ORIGINAL ((size_t)0)

/* one more size, which lasts as long as the target. BENCH_FAILED: it is not possible */
enum bench_result bench_add_point(struct bench *b, const struct point *p, size_t *id,
                                  struct error *err);

struct bench_checking {
    int seeds, runs; /* draws of inputs, and runs over each; 0: as few as will do */
    const char
        *values; /* other inputs than the generators', see the protocol's `check`; NULL: none */
};
/* *applies (may be NULL): false when such values make no difference, or nothing can be compared */
enum bench_result bench_check_as(struct bench *b, size_t variant, size_t point,
                                 const struct bench_checking *c, bool *applies, struct error *err);
enum bench_result bench_check(struct bench *b, size_t variant, const size_t *points, size_t npoints,
                              int seeds, struct error *err);
/* n samples of one workload, every launch checked; *out is appended to. With objective(p90) a
 * sample is some launches timed one by one, each of which is appended; so in pairs */
enum bench_result bench_time(struct bench *b, size_t variant, size_t point, int n,
                             struct samples *out, struct error *err);
struct bench_screening {
    double least_us;  /* more than that is known by the first sample, if that is long; 0: none is */
    bool same_inputs; /* those of the request before will do, where there are some */
};
/* the same for a first look: fewer samples where one tells enough */
enum bench_result bench_screen(struct bench *b, size_t variant, size_t point, int n,
                               const struct bench_screening *how, struct samples *out,
                               struct error *err);
/* n interleaved pairs on fresh inputs */
enum bench_result bench_pair(struct bench *b, size_t v, size_t w, size_t point, int n,
                             struct samples *first, struct samples *second, struct error *err);
/* Hardware counters of one launch of the variant, kernel by kernel: *out is the list "kernels" of
 * the protocol's `profile` (a new reference), of tier 0 to 3. BENCH_OK with *out NULL: they cannot
 * be had here and now, *err says why, and nothing is wrong with the variant. BENCH_FAILED: it ran
 * and was wrong */
enum bench_result bench_profile(struct bench *b, size_t variant, size_t point, int tier,
                                struct json_t **out, struct error *err);
/* Another worker takes this one's place, in which nothing is left of what variants did so far */
enum bench_result bench_renew(struct bench *b, struct error *err);
/* where libcupti is, for bench_profile (copied); NULL: the worker looks for itself */
void bench_use_cupti(struct bench *b, const char *path);
/* where compute-sanitizer is, for sanitize_run (sanitize.h; copied); NULL: nowhere */
void bench_use_sanitizer(struct bench *b, const char *path);
/* least time for the point's bytes on this card, 0 when unknown; *bytes (NULL: nobody asks): how
 * many these are */
double bench_floor(struct bench *b, size_t point, double *bytes);
/* operations a second of "f32", "f64", "f16" or "bf16" (the tensor cores' where there are some)
 * that this card can do at most, measured once; 0 when unknown */
double bench_peak(struct bench *b, const char *type);

/* What requests about the original took, a list of [check, time] in seconds, one a point: deadlines
 * follow from it. Another bench may be told instead of finding out */
struct json_t *bench_costs_json(const struct bench *b);
void bench_costs_set(struct bench *b, const struct json_t *costs);

/* is any output judged by a function of the user's? */
bool bench_has_checker(const struct spec *spec);

/* seconds spent waiting for answers so far: checking, timing, and the rest (loading, opening) */
struct bench_clock {
    double check, time, other;
    int restarts;
};
struct bench_clock bench_clock(const struct bench *b);
void bench_free(struct bench *b);

#endif
