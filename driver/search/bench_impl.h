/* driver/search/bench_impl.h - shared by the files behind bench.h. */
#ifndef KS_BENCH_IMPL_H
#define KS_BENCH_IMPL_H

#include <jansson.h>
#include "driver/search/bench.h"

#define FIRST_DEADLINE 60.0
#define KILLED_MOST 3 /* times in a row that somebody may kill the worker */

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
    bool heard;      /* a worker has said which GPU it has */
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
    struct error no_counters;       /* why none are asked for any more; empty: they are */
    const char *sanitizer;          /* see bench_use_sanitizer */
    const struct worker_tool *tool; /* that the worker runs under; NULL: none */
    bool contained;
    struct arena *life; /* of `files` */
    const char **files; /* that contained workers are shown, NULL behind the last */
    size_t nfiles;
};

/* one request (taken) and its reply; -1: the worker is gone (and ended). 0: *reply, which may say
 * ok: false */
int bench_ask(struct bench *b, json_t *request, const struct buf *blob, double deadline,
              json_t **reply, struct error *err);
/* asks something that only must be answered with ok */
int bench_tell(struct bench *b, json_t *request, const struct buf *blob, struct error *err);
/* takes a reply that must say ok; -1 with its error else */
int bench_reply_ok(json_t *reply, struct error *err);
/* From here on workers run under the tool (worker.h), or none where it is NULL. Ends the one there
 * is; -1: none can be started under it */
int bench_use_tool(struct bench *b, const struct worker_tool *tool, struct error *err);
/* a worker that knows the current target; starts one if need be */
int bench_ready(struct bench *b, struct error *err);

#endif
