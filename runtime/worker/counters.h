/* runtime/worker/counters.h - the hardware's counters, kernel by kernel, over launches of one's
 * own.
 *
 * What counters cannot be had for is refused with class unsupported and "counters need ...". */
#ifndef KS_COUNTERS_H
#define KS_COUNTERS_H

#include <jansson.h>
#include "runtime/worker/cuda.h"

enum {
    TIER_MOST = 3
}; /* 0: nothing is counted, and only told what is launched
    * and how long each kernel took */

struct counters_work {
    int (*prepare)(void *arg, struct refusal *r); /* before each run; not counted */
    int (*launch)(void *arg, struct refusal *r);  /* the same launches each time; waits for them */
    void *arg;
};

/* Runs the work twice, to see what it launches and to count. `cupti` is the path of libcupti; NULL:
 * wherever the dynamic linker finds it. *kernels: a list of {"name", "launches", "metrics", "grid",
 * "block", "smem", "cluster"} in the order of first launches (a new reference); *passes: times that
 * each kernel ran in the second run.
 */
int counters_run(struct device *d, const char *cupti, int tier, const struct counters_work *work,
                 json_t **kernels, int *passes, struct refusal *r);

#endif
