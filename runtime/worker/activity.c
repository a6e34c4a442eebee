/* runtime/worker/activity.c - see activity.h. CUPTI's callbacks for buffers carry nothing of their
 * caller's, so what is recorded into is a variable of the file. */
#include "runtime/worker/activity.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/cupti_records.h"
#include "runtime/worker/cupti.h"

enum { KERNELS_MOST = 4096 };

static struct activity *recorded; /* NULL: nobody listens */

static void keep(const CUpti_ActivityKernel9 *k)
{
    struct activity *a = recorded;

    if (!a || !k->name || k->end <= k->start || a->n == KERNELS_MOST)
        return;
    a->kernels[a->n++] = (struct activity_kernel){strdup(k->name), (double)(k->end - k->start)};
}

static void CUPTIAPI take_buffer(CUcontext context, uint32_t stream, uint8_t *buffer, size_t size,
                                 size_t used)
{
    CUpti_Activity *record = NULL;
    const CUpti_ActivityKernel9 *kernel;

    (void)context;
    (void)stream;
    (void)size;
    while ((kernel = records_next(cupti.cuptiActivityGetNextRecord, buffer, used, &record)))
        keep(kernel);
    free(buffer);
}

int activity_start(struct activity *a, struct refusal *r)
{
    *a = (struct activity){.kernels = calloc(KERNELS_MOST, sizeof *a->kernels)};
    if (!a->kernels)
        return refuse(r, REFUSE_LIMIT, "out of host memory");
    if (cupti_check(cupti.cuptiActivityRegisterCallbacks(records_give, take_buffer),
                    "cuptiActivityRegisterCallbacks", r) ||
        cupti_check(cupti.cuptiActivityEnable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL),
                    "cuptiActivityEnable", r))
        return -1;
    recorded = a;
    return 0;
}

int activity_stop(struct activity *a, struct refusal *r)
{
    struct refusal why = {0};
    int result;

    (void)a;
    if (!recorded)
        return 0;
    result = cupti_check(cupti.cuptiActivityFlushAll(0), "cuptiActivityFlushAll", &why) |
             cupti_check(cupti.cuptiActivityDisable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL),
                         "cuptiActivityDisable", &why);
    recorded = NULL;
    return result ? refuse(r, REFUSE_FAULT,
                           "the profiler cannot be switched off, and would be timed: %s", why.text)
                  : 0;
}

void activity_release(struct activity *a)
{
    for (size_t i = 0; i < a->n; i++)
        free(a->kernels[i].name);
    free(a->kernels);
    *a = (struct activity){0};
}
