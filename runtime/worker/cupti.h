/* runtime/worker/cupti.h - CUPTI, opened at run time, and what its errors mean for a person.
 *
 * libcupti comes with the toolkit, not with the driver, so it may be anywhere or nowhere. Without
 * it there are no counters, and nothing else is missing: whatever fails here is refused with class
 * unsupported. */
#ifndef KS_WORKER_CUPTI_H
#define KS_WORKER_CUPTI_H

#include <cupti.h>
#include <cupti_profiler_host.h>
#include <cupti_profiler_target.h>
#include <cupti_range_profiler.h>
#include <cupti_target.h>
#include "runtime/worker/refusal.h"

/* since 12.6 */
#define CUPTI_FUNCTIONS(X)                          \
    X(cuptiGetResultString)                         \
    X(cuptiSubscribe)                               \
    X(cuptiUnsubscribe)                             \
    X(cuptiEnableCallback)                          \
    X(cuptiActivityRegisterCallbacks)               \
    X(cuptiActivityEnable)                          \
    X(cuptiActivityDisable)                         \
    X(cuptiActivityFlushAll)                        \
    X(cuptiActivityGetNextRecord)                   \
    X(cuptiProfilerInitialize)                      \
    X(cuptiProfilerDeInitialize)                    \
    X(cuptiProfilerDeviceSupported)                 \
    X(cuptiProfilerGetCounterAvailability)          \
    X(cuptiDeviceGetChipName)                       \
    X(cuptiProfilerHostInitialize)                  \
    X(cuptiProfilerHostDeinitialize)                \
    X(cuptiProfilerHostGetMetricProperties)         \
    X(cuptiProfilerHostConfigAddMetrics)            \
    X(cuptiProfilerHostGetConfigImageSize)          \
    X(cuptiProfilerHostGetConfigImage)              \
    X(cuptiProfilerHostGetNumOfPasses)              \
    X(cuptiProfilerHostEvaluateToGpuValues)         \
    X(cuptiRangeProfilerEnable)                     \
    X(cuptiRangeProfilerDisable)                    \
    X(cuptiRangeProfilerGetCounterDataSize)         \
    X(cuptiRangeProfilerCounterDataImageInitialize) \
    X(cuptiRangeProfilerSetConfig)                  \
    X(cuptiRangeProfilerStart)                      \
    X(cuptiRangeProfilerStop)                       \
    X(cuptiRangeProfilerDecodeData)                 \
    X(cuptiRangeProfilerGetCounterDataInfo)

#define CUPTI_MEMBER(name) __typeof__(name) *name;
struct cupti {
    CUPTI_FUNCTIONS(CUPTI_MEMBER)
};
extern struct cupti cupti;

/* Opens the library of that path, or, where it is NULL, the one that the dynamic linker finds.
 * Stays open: the first one that opened is the process's */
int cupti_open(const char *path, struct refusal *r);
/* 0 when result is success; else refuses with the call's name, CUPTI's own text and what to do */
int cupti_check(CUptiResult result, const char *call, struct refusal *r);
/* calls a function of the table, whose name is told when it fails */
#define CUPTI_CALL(name, params, r) cupti_check(cupti.name(params), #name, r)
/* a parameter structure of a call, all else zero */
#define CUPTI_PARAMS(type) ((type){.structSize = type##_STRUCT_SIZE})

#endif
