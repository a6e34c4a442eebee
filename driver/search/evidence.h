/* driver/search/evidence.h - what was measured, in words: for a language model, and for a report.
 *
 * Facts come in as they are known, with 0, -1 or NULL for what is not; the text says what is there
 * and nothing else. The same facts give the same text. */
#ifndef KS_EVIDENCE_H
#define KS_EVIDENCE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include "driver/build/sass.h"
#include "driver/build/usage.h"
#include "driver/lang/spec.h"
#include "driver/search/limit.h"
#include "runtime/base/buf.h"

struct evidence_time { /* of one workload; 0: not known */
    const char *label;
    double us, floor_us, original_us, parent_us;
    double weight;    /* 0 is 1 */
    const char *unit; /* "uJ" where the objective is energy; NULL: "us" */
};

struct evidence_launch { /* of one kernel, in the workload that counts most */
    const char *kernel;  /* as its text calls it, "merge<4>" */
    int64_t blocks;      /* of the grid; 0: not known */
    int64_t threads;     /* of a block; 0: not known */
    int64_t cluster;     /* blocks of a cluster; 0: none */
    int64_t dynamic;     /* bytes of shared memory a block that the launch asks for */
    struct usage usage;
    const struct sass_kernel *sass; /* NULL: not known */
};

struct evidence_counter { /* of the GPU: a metric's name as CUPTI has it */
    const char *name;
    double value;
};

struct evidence {          /* of one structure, or of the original, at its best point */
    const char *title;     /* "Split the context: WAVES=2, WARPS=4"; NULL: no heading */
    const struct gpu *gpu; /* NULL: not known */
    const struct evidence_time *times;
    size_t ntimes;
    const struct evidence_launch *launches;
    size_t nlaunches;
    const struct evidence_counter *counters;
    size_t ncounters;
    const char *counters_of; /* label of the workload that they were read in; NULL: not said */
};

/* Markdown: times beside the floor, the original and the parent; what each kernel uses, its
 * occupancy and instructions; each counter with what its value means */
void evidence_text(const struct evidence *e, struct buf *out);
/* a table of the workloads: weight, time of the original, floor, and the share of the whole (the
 * time by the weight, of the sum of those) */
void evidence_workloads(const struct evidence_time *times, size_t n, struct buf *out);

/* What limits it in the workload with the greatest share, by limit.h: "memory", "latency",
 * "compute", "launch", or "unknown" where nothing was measured. A text computes when its first
 * kernel has tensor core instructions, or more than 8 arithmetic instructions for each access to
 * global memory */
const char *evidence_bottleneck(const struct evidence *e);
/* the figures that this follows from */
struct limit_figures evidence_figures(const struct evidence *e);
/* the percentages among them, of all kernels that a worker counted: see counted.h */
void evidence_counted(const json_t *kernels, struct limit_figures *f);
/* the parts that evidence_text is made of, for a report of one's own: a kernel's line with its
 * instructions; a line for each counter */
/* how much of it a multiprocessor holds; false: not known */
struct occupancy;
bool evidence_occupancy(const struct evidence_launch *l, const struct gpu *gpu,
                        struct occupancy *o);
/* how often its blocks fill the card then; 0: not known */
double evidence_waves(const struct evidence_launch *l, const struct gpu *gpu,
                      const struct occupancy *o);
/* both, into the figures of what limits it */
void evidence_launched(const struct evidence_launch *l, const struct gpu *gpu,
                       struct limit_figures *f);
void evidence_launch_text(const struct evidence_launch *l, const struct gpu *gpu, struct buf *out);
void evidence_counter_lines(const struct evidence_counter *counters, size_t n, struct buf *out);

/* What a compiler or a check says, at most `most` bytes in whole lines and with a line that says
 * how many are left out: from the first line with an error on, without warnings' lines before it,
 * and with the names of files but not their folders */
void evidence_errors(const char *text, size_t most, struct buf *out);
/* the same under a line that says what it is about ("Proposal 2 did not compile"), fenced */
void evidence_failure(const char *what, const char *text, size_t most, struct buf *out);
#define EVIDENCE_MOST ((size_t)3000) /* bytes of errors, for a caller with no better limit */
/* what a check found wrong, from the worker's reply (runtime/worker/PROTOCOL.md, check): its
 * sentence, which names the workload or test, then the first elements, a line each */
void evidence_wrong(const json_t *reply, struct buf *out);

/* What kind of computation the text is, coarsely: "attention", "gemm", "scan", "gather",
 * "reduction", "stencil", "elementwise" or "other"; for priors. The rules are in evidence_class.c.
 * text NULL: the entry's own */
const char *evidence_class(const struct spec *spec, const char *text);

#endif
