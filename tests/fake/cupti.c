/* tests/fake/cupti.c - a libcupti with a range profiler, over the fake driver of cuda.cc.
 *
 * It is strict about the order of calls: what comes out of turn is CUPTI_ERROR_INVALID_OPERATION.
 * Metric m of range i has the value 1000 * (i + 1) + m; the second is no number. Kernel i whose
 * activity is recorded took 1000 * (i + 1) ns.
 *
 *   FAKE_CUPTI_FAIL=CALL:CODE[:TIMES]  this call fails, always or so often
 *   FAKE_CUPTI_EXTRA=N                 N ranges more than launches are counted */
#include <cupti.h>
#include <cupti_profiler_host.h>
#include <cupti_profiler_target.h>
#include <cupti_range_profiler.h>
#include <cupti_target.h>
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static CUpti_CallbackFunc callback;
static void *callback_user;
static size_t ranges, ranges_most;
static int ids, is_initialized, is_enabled, is_configured, is_started, metrics;
static char image[64];
enum { RECORDS_MOST = 1000 };
static const char
    *records[RECORDS_MOST]; /* names of kernels that ran while activity was recorded */
static size_t nrecords;
static int is_recording;
static CUpti_BuffersCallbackRequestFunc give_buffer;
static CUpti_BuffersCallbackCompleteFunc take_buffer;

static int fails(const char *call, CUptiResult *result)
{
    static int failed;
    const char *what = getenv("FAKE_CUPTI_FAIL");
    size_t n = strlen(call);
    int code = 0, times = 1 << 30;

    if (!what || strncmp(what, call, n) || what[n] != ':' ||
        sscanf(what + n, ":%d:%d", &code, &times) < 1 || failed >= times)
        return 0;
    failed++;
    *result = (CUptiResult)code;
    return 1;
}

/* what every call begins with; `in_turn` */
#define CALL(in_turn)              \
    CUptiResult failure;           \
    if (fails(__func__, &failure)) \
        return failure;            \
    if (!(in_turn))                \
        return CUPTI_ERROR_INVALID_OPERATION;

static void on_launch(const char *name, const CUlaunchConfig *c, int is_ex)
{
    CUresult result = CUDA_SUCCESS;
    cuLaunchKernelEx_params ex = {.config = c};
    cuLaunchKernel_params plain = {.gridDimX = c->gridDimX,
                                   .gridDimY = c->gridDimY,
                                   .gridDimZ = c->gridDimZ,
                                   .blockDimX = c->blockDimX,
                                   .blockDimY = c->blockDimY,
                                   .blockDimZ = c->blockDimZ,
                                   .sharedMemBytes = c->sharedMemBytes};
    CUpti_CallbackData data = {.callbackSite = CUPTI_API_EXIT,
                               .functionReturnValue = &result,
                               .functionParams = is_ex ? (const void *)&ex : &plain,
                               .symbolName = name};

    if (callback && ids)
        callback(callback_user, CUPTI_CB_DOMAIN_DRIVER_API,
                 is_ex ? CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx
                       : CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel,
                 &data);
    if (is_started && ranges < ranges_most)
        ranges++;
    if (is_recording && nrecords < RECORDS_MOST)
        records[nrecords++] = name;
}

CUptiResult cuptiGetResultString(CUptiResult result, const char **text)
{
    *text = result == CUPTI_ERROR_INVALID_OPERATION ? "FAKE_OUT_OF_TURN" : "FAKE_CUPTI_ERROR";
    return CUPTI_SUCCESS;
}

CUptiResult cuptiSubscribe(CUpti_SubscriberHandle *s, CUpti_CallbackFunc f, void *user)
{
    void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    void (**hook)(const char *, const CUlaunchConfig *, int) = NULL;

    CALL(library && !callback)
    *(void **)&hook = dlsym(library, "fake_launched");
    if (!hook)
        return CUPTI_ERROR_UNKNOWN;
    *hook = on_launch;
    callback = f;
    callback_user = user;
    ids = 0;
    *s = NULL;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiUnsubscribe(CUpti_SubscriberHandle s)
{
    CALL(callback)
    (void)s;
    callback = NULL;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiEnableCallback(uint32_t on, CUpti_SubscriberHandle s, CUpti_CallbackDomain domain,
                                CUpti_CallbackId id)
{
    CALL(callback && domain == CUPTI_CB_DOMAIN_DRIVER_API)
    (void)s;
    (void)id;
    ids += on ? 1 : -1;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityRegisterCallbacks(CUpti_BuffersCallbackRequestFunc give,
                                           CUpti_BuffersCallbackCompleteFunc take)
{
    void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    void (**hook)(const char *, const CUlaunchConfig *, int) = NULL;

    CALL(library && give && take)
    *(void **)&hook = dlsym(library, "fake_launched");
    if (!hook)
        return CUPTI_ERROR_UNKNOWN;
    *hook = on_launch;
    give_buffer = give;
    take_buffer = take;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityEnable(CUpti_ActivityKind kind)
{
    CALL(give_buffer && !is_recording && kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL)
    is_recording = 1;
    nrecords = 0;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityDisable(CUpti_ActivityKind kind)
{
    CALL(is_recording && kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL)
    is_recording = 0;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityFlushAll(uint32_t flags)
{
    uint8_t *buffer = NULL;
    size_t size = 0, most = 0, used = 0;

    CALL(is_recording)
    (void)flags;
    give_buffer(&buffer, &size, &most);
    for (size_t i = 0; i < nrecords && used + sizeof(CUpti_ActivityKernel9) <= size; i++) {
        CUpti_ActivityKernel9 k = {.kind = CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL,
                                   .start = 5000000,
                                   .end = 5000000 + 1000 * (i + 1),
                                   .name = records[i]};
        memcpy(buffer + used, &k, sizeof k);
        used += sizeof k;
    }
    take_buffer(NULL, 0, buffer, size, used);
    return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityGetNextRecord(uint8_t *buffer, size_t used, CUpti_Activity **record)
{
    uint8_t *next = *record ? (uint8_t *)(void *)*record + sizeof(CUpti_ActivityKernel9) : buffer;

    CALL(buffer)
    if (next + sizeof(CUpti_ActivityKernel9) > buffer + used)
        return CUPTI_ERROR_MAX_LIMIT_REACHED;
    *record = (CUpti_Activity *)(void *)next;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerInitialize(CUpti_Profiler_Initialize_Params *p)
{
    CALL(p->structSize && !is_initialized)
    is_initialized = 1;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerDeInitialize(CUpti_Profiler_DeInitialize_Params *p)
{
    CALL(p->structSize && is_initialized && !is_enabled)
    is_initialized = 0;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerDeviceSupported(CUpti_Profiler_DeviceSupported_Params *p)
{
    CALL(p->structSize && is_initialized)
    p->isSupported = getenv("FAKE_CUPTI_VIRTUAL") ? CUPTI_PROFILER_CONFIGURATION_DISABLED
                                                  : CUPTI_PROFILER_CONFIGURATION_SUPPORTED;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerGetCounterAvailability(CUpti_Profiler_GetCounterAvailability_Params *p)
{
    CALL(p->structSize && p->ctx && is_initialized)
    p->counterAvailabilityImageSize = sizeof image;
    if (p->pCounterAvailabilityImage)
        memset(p->pCounterAvailabilityImage, 1, sizeof image);
    return CUPTI_SUCCESS;
}

CUptiResult cuptiDeviceGetChipName(CUpti_Device_GetChipName_Params *p)
{
    CALL(p->structSize && p->deviceIndex == 0)
    p->pChipName = "GH100";
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerHostInitialize(CUpti_Profiler_Host_Initialize_Params *p)
{
    CALL(p->structSize && p->profilerType == CUPTI_PROFILER_TYPE_RANGE_PROFILER &&
         p->pCounterAvailabilityImage && p->pCounterAvailabilityImage[0] == 1)
    p->pHostObject = (CUpti_Profiler_Host_Object *)(void *)image;
    return strcmp(p->pChipName, "GH100") ? CUPTI_ERROR_INVALID_CHIP_NAME : CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerHostDeinitialize(CUpti_Profiler_Host_Deinitialize_Params *p)
{
    CALL(p->structSize && p->pHostObject)
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerHostGetMetricProperties(CUpti_Profiler_Host_GetMetricProperties_Params *p)
{
    CALL(p->structSize && p->pHostObject)
    return strcmp(p->pMetricName, "l1tex__t_sector_hit_rate.pct") ? CUPTI_SUCCESS
                                                                  : CUPTI_ERROR_INVALID_METRIC_NAME;
}

CUptiResult cuptiProfilerHostConfigAddMetrics(CUpti_Profiler_Host_ConfigAddMetrics_Params *p)
{
    CALL(p->structSize && p->pHostObject && p->numMetrics)
    metrics = (int)p->numMetrics;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerHostGetConfigImageSize(CUpti_Profiler_Host_GetConfigImageSize_Params *p)
{
    CALL(p->structSize && metrics)
    p->configImageSize = 16;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerHostGetConfigImage(CUpti_Profiler_Host_GetConfigImage_Params *p)
{
    CALL(p->structSize && p->configImageSize == 16)
    memset(p->pConfigImage, metrics, 16);
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerHostGetNumOfPasses(CUpti_Profiler_Host_GetNumOfPasses_Params *p)
{
    CALL(p->structSize && p->pConfigImage[0] == metrics)
    p->numOfPasses = metrics > 16 ? 11 : metrics > 11 ? 2 : 1;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerHostEvaluateToGpuValues(CUpti_Profiler_Host_EvaluateToGpuValues_Params *p)
{
    CALL(p->structSize && p->pHostObject && p->rangeIndex < ranges)
    for (size_t m = 0; m < p->numMetrics; m++)
        p->pMetricValues[m] = m == 1 ? NAN : 1000.0 * (double)(p->rangeIndex + 1) + (double)m;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerEnable(CUpti_RangeProfiler_Enable_Params *p)
{
    CALL(p->structSize && p->ctx && is_initialized && !is_enabled)
    is_enabled = 1;
    p->pRangeProfilerObject = (CUpti_RangeProfiler_Object *)(void *)image;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerDisable(CUpti_RangeProfiler_Disable_Params *p)
{
    CALL(p->structSize && p->pRangeProfilerObject && is_enabled && !is_started)
    is_enabled = is_configured = 0;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerGetCounterDataSize(CUpti_RangeProfiler_GetCounterDataSize_Params *p)
{
    CALL(p->structSize && is_enabled && p->numMetrics && p->maxNumOfRanges &&
         p->maxNumRangeTreeNodes >= p->maxNumOfRanges)
    p->counterDataSize = 32;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerCounterDataImageInitialize(
    CUpti_RangeProfiler_CounterDataImage_Initialize_Params *p)
{
    CALL(p->structSize && is_enabled && p->counterDataSize == 32)
    memset(p->pCounterData, 7, p->counterDataSize);
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerSetConfig(CUpti_RangeProfiler_SetConfig_Params *p)
{
    CALL(p->structSize && is_enabled && p->range == CUPTI_AutoRange &&
         p->replayMode == CUPTI_KernelReplay && p->numNestingLevels == 1 &&
         p->minNestingLevel == 1 && p->pConfig[0] == metrics && p->pCounterDataImage[0] == 7)
    is_configured = 1;
    ranges = 0;
    ranges_most = p->maxRangesPerPass;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerStart(CUpti_RangeProfiler_Start_Params *p)
{
    CALL(p->structSize && is_configured && !is_started && !callback)
    is_started = 1;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerStop(CUpti_RangeProfiler_Stop_Params *p)
{
    CALL(p->structSize && is_started)
    is_started = 0;
    p->isAllPassSubmitted = 1;
    if (getenv("FAKE_CUPTI_EXTRA"))
        ranges += (size_t)atoi(getenv("FAKE_CUPTI_EXTRA"));
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerDecodeData(CUpti_RangeProfiler_DecodeData_Params *p)
{
    CALL(p->structSize && is_configured && !is_started)
    return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerGetCounterDataInfo(CUpti_RangeProfiler_GetCounterDataInfo_Params *p)
{
    CALL(p->structSize && p->counterDataImageSize == 32 && p->pCounterDataImage[0] == 7)
    p->numTotalRanges = ranges;
    return CUPTI_SUCCESS;
}
