/* driver/search/limit.h - what limits a kernel, and the figures that say so. */
#ifndef KS_LIMIT_H
#define KS_LIMIT_H

#include <stdbool.h>
#include "runtime/base/buf.h"

enum limit {
    LIMIT_UNKNOWN, /* nothing was measured */
    LIMIT_LAUNCH,
    LIMIT_MEMORY,
    LIMIT_COMPUTE,
    LIMIT_OCCUPANCY,
    LIMIT_LATENCY,
};

/* of one way of writing an entry, on one workload. Times are microseconds; what is not known is 0,
 * and of counters, which are percent, negative */
struct limit_figures {
    double us;         /* of one call, as it is timed */
    double floor_us;   /* what moving its bytes takes at the least */
    double ops_us;     /* what its operations take at the least */
    double launches;   /* of kernels; 0 is 1 */
    double counted_us; /* of the kernels alone: what is missing to us are gaps */
    bool has_counters;
    double dram, l2, tensor, fma, issue; /* busy */
    double active;                       /* multiprocessors that have work */
    double warps;                        /* resident, of those possible */
    double warps_most;                   /* the same as registers, shared memory and block allow */
    const char *warps_limit;             /* what of these allows no more; NULL: not known */
    double waves;                        /* the grid's blocks, over what all multiprocessors hold */
    bool computes; /* asked without counters: the text computes more than it loads */
};
/* all unknown */
struct limit_figures limit_nothing(void);

/* By these rules, the first that holds:
 *
 *   launch     at most 5 us a launch, and the floor is less than half of it; or two fifths of the
 *              time are no kernel's
 *   memory     the floor is 60 % or more of the time; or DRAM is 60 % busy, or L2 70 %
 *   compute    the operations take 60 % or more of the time at the measured peak; tensor cores
 *              50 %, the FMA pipe 60 %, or the schedulers 60 % busy; without counters: `computes`
 *   occupancy  few warps are resident (below 30 %), since the grid is less than one wave or since
 *              registers, shared memory or the block allow no more than half
 *   latency    otherwise */
enum limit limit_of(const struct limit_figures *f);
/* "memory", "occupancy" */
const char *limit_name(enum limit limit);
/* The same, coarser, as the world model has it (world_bottlenecks): too few warps are a way to not
 * hide latency */
const char *limit_class(enum limit limit);
/* one sentence without its end: "DRAM is 91 % busy, and moving its bytes takes 85 % of the time" */
void limit_why(const struct limit_figures *f, enum limit limit, struct buf *out);
/* and what can be done about it, in general */
const char *limit_advice(enum limit limit);

#endif
