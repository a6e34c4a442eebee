/* runtime/worker/counters_none.c - counters.h for a worker built where the toolkit has no CUPTI, or
 * an older one. */
#include "runtime/worker/counters.h"

int counters_run(struct device *d, const char *cupti, int tier, const struct counters_work *work,
                 json_t **kernels, int *passes, struct refusal *r)
{
    (void)d;
    (void)cupti;
    (void)tier;
    (void)work;
    (void)kernels;
    (void)passes;
    return refuse(r, REFUSE_UNSUPPORTED,
                  "counters need a worker that was built with cupti_range_profiler.h of the CUDA "
                  "toolkit (12.6 or newer, package cuda-cupti-dev)");
}
