/* runtime/worker/counters.c - see counters.h.
 *
 * CUPTI's range profiler is used with automatic ranges, one a kernel, so that neither the gap
 * around a launch nor what else runs is counted. Where the metrics take several passes CUPTI runs
 * each kernel as often, and puts memory back in between; only the first pass then finds the caches
 * as they were prepared.
 *
 * An automatic range has a number for a name. So a run before, which counts nothing, watches the
 * launches by their callbacks and keeps the kernels' names: range i is launch i. That run also
 * tells how many ranges the image must hold. The runtime's launches pass through the driver's, so
 * the original, which a shared object launches, is seen too.
 *
 * Everything is switched off before this returns: a callback or an enabled profiler would be in
 * later times. If that fails the worker must not measure any more, so it is a fault. */
#include "runtime/worker/counters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/worker/activity.h"
#include "runtime/worker/metrics.h"
#include "runtime/base/utf8.h"

#define TIME_METRIC "gpu__time_duration.sum" /* nanoseconds; as the counter of that name */

enum { LAUNCHES_MOST = 256, KERNELS_MOST = 8, NAME_MOST = 4096, RANGES_SPARE = 8 };

/* ---- what is launched ---- */

struct launched {
    char *name;
    unsigned grid[3], block[3], cluster[3], smem; /* block 0: not known; cluster 0: none */
};

struct watch {
    CUpti_SubscriberHandle subscriber;
    bool is_subscribed;
    struct launched launch[LAUNCHES_MOST];
    size_t n; /* launches, also those beyond LAUNCHES_MOST */
};

static const CUpti_CallbackId launch_ids[] = {
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel_ptsz,
};
enum { LAUNCH_IDS = sizeof launch_ids / sizeof *launch_ids };

static bool is_ex(CUpti_CallbackId id)
{
    return id == CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx ||
           id == CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx_ptsz;
}

/* the kernel's handle */
static CUfunction function_of(CUpti_CallbackId id, const void *params)
{
    return is_ex(id) ? ((const cuLaunchKernelEx_params *)params)->f
                     : ((const cuLaunchKernel_params *)params)->f;
}

#define COPY_GEOMETRY(to, from)                                               \
    do {                                                                      \
        (to)->grid[0] = (from)->gridDimX, (to)->block[0] = (from)->blockDimX; \
        (to)->grid[1] = (from)->gridDimY, (to)->block[1] = (from)->blockDimY; \
        (to)->grid[2] = (from)->gridDimZ, (to)->block[2] = (from)->blockDimZ; \
        (to)->smem = (from)->sharedMemBytes;                                  \
    } while (0)

/* all forms but ...Ex begin with the same parameters */
static void geometry_of(CUpti_CallbackId id, const void *params, struct launched *l)
{
    const CUlaunchConfig *config;

    if (!is_ex(id)) {
        COPY_GEOMETRY(l, (const cuLaunchKernel_params *)params);
        return;
    }
    config = ((const cuLaunchKernelEx_params *)params)->config;
    COPY_GEOMETRY(l, config);
    for (unsigned i = 0; i < config->numAttrs; i++)
        if (config->attrs[i].id == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION) {
            l->cluster[0] = config->attrs[i].value.clusterDim.x;
            l->cluster[1] = config->attrs[i].value.clusterDim.y;
            l->cluster[2] = config->attrs[i].value.clusterDim.z;
        }
}

static void CUPTIAPI on_launch(void *arg, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                               const void *data)
{
    struct watch *w = arg;
    const CUpti_CallbackData *call = data;
    const int *result = call->functionReturnValue;
    const char *name = call->symbolName;

    if (domain != CUPTI_CB_DOMAIN_DRIVER_API || call->callbackSite != CUPTI_API_EXIT ||
        (result && *result != CUDA_SUCCESS))
        return;
    if (!name && call->functionParams && cu.cuFuncGetName &&
        cu.cuFuncGetName(&name, function_of(id, call->functionParams)) != CUDA_SUCCESS)
        name = NULL;
    if (w->n < LAUNCHES_MOST) {
        w->launch[w->n].name = strndup(name ? name : "?", NAME_MOST);
        if (call->functionParams)
            geometry_of(id, call->functionParams, &w->launch[w->n]);
    }
    w->n++;
}

static int watch_start(struct watch *w, struct refusal *r)
{
    if (cupti_check(cupti.cuptiSubscribe(&w->subscriber, on_launch, w), "cuptiSubscribe", r))
        return -1;
    w->is_subscribed = true;
    for (size_t i = 0; i < LAUNCH_IDS; i++)
        if (cupti_check(cupti.cuptiEnableCallback(1, w->subscriber, CUPTI_CB_DOMAIN_DRIVER_API,
                                                  launch_ids[i]),
                        "cuptiEnableCallback", r))
            return -1;
    return 0;
}

/* what could not be switched off, as text into *r, over whatever else was refused */
static int still_on(CUptiResult result, const char *call, struct refusal *r)
{
    struct refusal why = {0};

    if (!cupti_check(result, call, &why))
        return 0;
    *r = (struct refusal){0};
    return refuse(r, REFUSE_FAULT, "the profiler cannot be switched off, and would be timed: %s",
                  why.text);
}

static int watch_stop(struct watch *w, struct refusal *r)
{
    int result = 0;

    if (w->is_subscribed)
        result = still_on(cupti.cuptiUnsubscribe(w->subscriber), "cuptiUnsubscribe", r);
    w->is_subscribed = false;
    return result;
}

static void watch_release(struct watch *w)
{
    for (size_t i = 0; i < LAUNCHES_MOST; i++)
        free(w->launch[i].name);
}

static int is_fault(const struct refusal *r)
{
    return r->class && !strcmp(r->class, REFUSE_FAULT);
}

static int watch_run(struct watch *w, const struct counters_work *work, struct refusal *r)
{
    int result = work->prepare(work->arg, r) || watch_start(w, r) || work->launch(work->arg, r);

    if (is_fault(r)) /* the context is lost: nothing is to be asked of it any more */
        return -1;
    result |= watch_stop(w, r);
    if (!result && w->n > LAUNCHES_MOST)
        return refuse(r, REFUSE_UNSUPPORTED,
                      "counters need an entry of at most %d launches: this one has %zu",
                      LAUNCHES_MOST, w->n);
    return result ? -1 : 0;
}

/* ---- what is counted ---- */

struct profiler {
    CUpti_RangeProfiler_Object *object;
    bool is_started;
    struct metrics metrics;
    uint8_t *image, *availability;
    size_t image_size, ranges; /* ranges: as many as the image has room for */
};

static int supported(struct refusal *r)
{
    CUpti_Profiler_DeviceSupported_Params p = CUPTI_PARAMS(CUpti_Profiler_DeviceSupported_Params);

    p.api = CUPTI_PROFILER_RANGE_PROFILING;
    if (CUPTI_CALL(cuptiProfilerDeviceSupported, &p, r))
        return -1;
    if (p.isSupported == CUPTI_PROFILER_CONFIGURATION_SUPPORTED)
        return 0;
    return refuse(r, REFUSE_UNSUPPORTED,
                  "counters need a GPU that is not virtual, confidential or under WSL without "
                  "profiling: cuptiProfilerDeviceSupported: %d (architecture %d, SLI %d, vGPU %d, "
                  "confidential %d, CMP %d, WSL %d; 3 is good)",
                  (int)p.isSupported, (int)p.architecture, (int)p.sli, (int)p.vGpu,
                  (int)p.confidentialCompute, (int)p.cmp, (int)p.wsl);
}

/* which of the chip's counters can be had now */
static int available(struct device *d, struct profiler *p, struct refusal *r)
{
    CUpti_Profiler_GetCounterAvailability_Params a =
        CUPTI_PARAMS(CUpti_Profiler_GetCounterAvailability_Params);

    a.ctx = d->context;
    if (CUPTI_CALL(cuptiProfilerGetCounterAvailability, &a, r))
        return -1;
    p->availability = calloc(1, a.counterAvailabilityImageSize + 1);
    a.pCounterAvailabilityImage = p->availability;
    if (!p->availability)
        return refuse(r, REFUSE_LIMIT, "out of host memory");
    return CUPTI_CALL(cuptiProfilerGetCounterAvailability, &a, r);
}

static int enable(struct device *d, struct profiler *p, int tier, struct refusal *r)
{
    CUpti_Device_GetChipName_Params chip = CUPTI_PARAMS(CUpti_Device_GetChipName_Params);
    CUpti_RangeProfiler_Enable_Params e = CUPTI_PARAMS(CUpti_RangeProfiler_Enable_Params);

    e.ctx = d->context;
    if (supported(r) || CUPTI_CALL(cuptiDeviceGetChipName, &chip, r) || available(d, p, r) ||
        metrics_open(&p->metrics, tier, chip.pChipName, p->availability, r) ||
        CUPTI_CALL(cuptiRangeProfilerEnable, &e, r))
        return -1;
    p->object = e.pRangeProfilerObject;
    return 0;
}

static int image_make(struct profiler *p, struct refusal *r)
{
    CUpti_RangeProfiler_GetCounterDataSize_Params size =
        CUPTI_PARAMS(CUpti_RangeProfiler_GetCounterDataSize_Params);
    CUpti_RangeProfiler_CounterDataImage_Initialize_Params image =
        CUPTI_PARAMS(CUpti_RangeProfiler_CounterDataImage_Initialize_Params);

    size.pRangeProfilerObject = image.pRangeProfilerObject = p->object;
    size.pMetricNames = p->metrics.names;
    size.numMetrics = p->metrics.n;
    size.maxNumOfRanges = p->ranges;
    size.maxNumRangeTreeNodes = (uint32_t)p->ranges;
    if (CUPTI_CALL(cuptiRangeProfilerGetCounterDataSize, &size, r))
        return -1;
    p->image_size = size.counterDataSize;
    p->image = calloc(1, p->image_size + 1);
    if (!p->image)
        return refuse(r, REFUSE_LIMIT, "out of host memory");
    image.pCounterData = p->image;
    image.counterDataSize = p->image_size;
    return CUPTI_CALL(cuptiRangeProfilerCounterDataImageInitialize, &image, r);
}

static int configure(struct profiler *p, struct refusal *r)
{
    CUpti_RangeProfiler_SetConfig_Params c = CUPTI_PARAMS(CUpti_RangeProfiler_SetConfig_Params);

    if (image_make(p, r))
        return -1;
    c.pRangeProfilerObject = p->object;
    c.pConfig = p->metrics.config;
    c.configSize = p->metrics.config_size;
    c.pCounterDataImage = p->image;
    c.counterDataImageSize = p->image_size;
    c.range = CUPTI_AutoRange;
    c.replayMode = CUPTI_KernelReplay;
    c.maxRangesPerPass = p->ranges;
    c.numNestingLevels = c.minNestingLevel = 1;
    return CUPTI_CALL(cuptiRangeProfilerSetConfig, &c, r);
}

static int count(struct profiler *p, const struct counters_work *work, struct refusal *r)
{
    CUpti_RangeProfiler_Start_Params start = CUPTI_PARAMS(CUpti_RangeProfiler_Start_Params);
    CUpti_RangeProfiler_Stop_Params stop = CUPTI_PARAMS(CUpti_RangeProfiler_Stop_Params);
    CUpti_RangeProfiler_DecodeData_Params decode =
        CUPTI_PARAMS(CUpti_RangeProfiler_DecodeData_Params);

    start.pRangeProfilerObject = stop.pRangeProfilerObject = decode.pRangeProfilerObject =
        p->object;
    if (work->prepare(work->arg, r) || CUPTI_CALL(cuptiRangeProfilerStart, &start, r))
        return -1;
    p->is_started = true;
    if (work->launch(work->arg, r) || CUPTI_CALL(cuptiRangeProfilerStop, &stop, r))
        return -1;
    p->is_started = false;
    return CUPTI_CALL(cuptiRangeProfilerDecodeData, &decode, r);
}

static int profiler_close(struct profiler *p, struct refusal *r)
{
    CUpti_RangeProfiler_Stop_Params stop = CUPTI_PARAMS(CUpti_RangeProfiler_Stop_Params);
    CUpti_RangeProfiler_Disable_Params disable = CUPTI_PARAMS(CUpti_RangeProfiler_Disable_Params);
    CUpti_Profiler_DeInitialize_Params end = CUPTI_PARAMS(CUpti_Profiler_DeInitialize_Params);
    int result = 0;

    stop.pRangeProfilerObject = disable.pRangeProfilerObject = p->object;
    if (p->is_started)
        cupti.cuptiRangeProfilerStop(&stop);
    if (p->object)
        result =
            still_on(cupti.cuptiRangeProfilerDisable(&disable), "cuptiRangeProfilerDisable", r);
    cupti.cuptiProfilerDeInitialize(&end); /* no more than a count of users */
    return result;
}

static void profiler_release(struct profiler *p)
{
    if (p->metrics.host)
        metrics_close(&p->metrics);
    free(p->image);
    free(p->availability);
}

/* ---- what is told ---- */

/* the sums of one kernel's launches */
struct kernel_sums {
    const struct launched *first; /* NULL: not known */
    size_t launches;
    double sum[METRICS_MOST];
    size_t n[METRICS_MOST]; /* launches whose value was a number */
};

static json_t *three(const unsigned n[3])
{
    return json_pack("[I, I, I]", (json_int_t)n[0], (json_int_t)n[1], (json_int_t)n[2]);
}

/* m NULL: nothing was counted */
static json_t *kernel_json(const struct kernel_sums *k, const struct metrics *m)
{
    const struct launched *l = k->first;
    json_t *values = json_object(), *kernel;

    for (size_t i = 0; m && i < m->n; i++)
        if (k->n[i])
            json_object_set_new(values, m->names[i], json_real(k->sum[i] / (double)k->n[i]));
    kernel = json_pack("{s:o, s:I, s:o}", "name", l && l->name ? utf8_json(l->name) : json_null(),
                       "launches", (json_int_t)k->launches, "metrics", values);
    if (l && l->block[0]) {
        json_object_set_new(kernel, "grid", three(l->grid));
        json_object_set_new(kernel, "block", three(l->block));
        json_object_set_new(kernel, "smem", json_integer(l->smem));
    }
    if (l && l->cluster[0])
        json_object_set_new(kernel, "cluster", three(l->cluster));
    return kernel;
}

/* where launches of that name are summed; NULL: there are too many other kernels */
static struct kernel_sums *sums_of(struct kernel_sums *all, size_t *n, const struct launched *l)
{
    for (size_t i = 0; i < *n; i++)
        if (l && all[i].first && !strcmp(all[i].first->name, l->name))
            return &all[i];
    if (*n == KERNELS_MOST)
        return NULL;
    all[*n].first = l;
    return &all[(*n)++];
}

static json_t *kernels_json(const struct kernel_sums *all, size_t n, const struct metrics *m)
{
    json_t *kernels = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(kernels, kernel_json(&all[i], m));
    return kernels;
}

/* ---- where nothing is to be counted ---- */

/* the mean over the launches of that name; nothing where there is none */
static void put_time(json_t *kernel, const struct activity *a)
{
    const char *name = json_string_value(json_object_get(kernel, "name"));
    double sum = 0, n = 0;

    for (size_t i = 0; name && i < a->n; i++)
        if (strcmp(a->kernels[i].name, name) == 0) {
            sum += a->kernels[i].ns;
            n++;
        }
    if (n > 0)
        json_object_set_new(json_object_get(kernel, "metrics"), TIME_METRIC, json_real(sum / n));
}

/* one more run, which CUPTI's activity records time: they need no permission. Without them the
 * launches are told alone */
static int put_times(const struct counters_work *work, json_t *kernels, struct refusal *r)
{
    struct activity a = {0};
    struct refusal why = {0};
    json_t *kernel;
    size_t i;
    int result = work->prepare(work->arg, r);

    if (result)
        return -1;
    activity_start(&a, &why);
    result = work->launch(work->arg, r);
    if (is_fault(r)) /* the context is lost: nothing is to be asked of it any more */
        return -1;
    result |= activity_stop(&a, r);
    json_array_foreach(kernels, i, kernel) put_time(kernel, &a);
    activity_release(&a);
    return result ? -1 : 0;
}

static int watched(const struct counters_work *work, const struct watch *w, json_t **kernels,
                   struct refusal *r)
{
    struct kernel_sums all[KERNELS_MOST] = {{0}}, *k;
    size_t n = 0;

    for (size_t i = 0; i < w->n; i++)
        if ((k = sums_of(all, &n, &w->launch[i])))
            k->launches++;
    *kernels = kernels_json(all, n, NULL);
    return put_times(work, *kernels, r);
}

/* Names fit when as many ranges were counted as launches seen. Else (work that launches otherwise
 * from time to time) no range has a name. */
static int tell(struct profiler *p, const struct watch *w, json_t **kernels, struct refusal *r)
{
    CUpti_RangeProfiler_GetCounterDataInfo_Params info =
        CUPTI_PARAMS(CUpti_RangeProfiler_GetCounterDataInfo_Params);
    struct kernel_sums all[KERNELS_MOST] = {{0}};
    double values[METRICS_MOST];
    size_t n = 0;

    info.pCounterDataImage = p->image;
    info.counterDataImageSize = p->image_size;
    if (CUPTI_CALL(cuptiRangeProfilerGetCounterDataInfo, &info, r))
        return -1;
    for (size_t range = 0; range < info.numTotalRanges; range++) {
        struct kernel_sums *k =
            sums_of(all, &n, info.numTotalRanges == w->n ? &w->launch[range] : NULL);

        if (!k)
            continue;
        if (metrics_read(&p->metrics, p->image, p->image_size, range, values, r))
            return -1;
        k->launches++;
        for (size_t i = 0; i < p->metrics.n; i++)
            if (isfinite(values[i])) {
                k->sum[i] += values[i];
                k->n[i]++;
            }
    }
    *kernels = kernels_json(all, n, &p->metrics);
    return 0;
}

static int profile(struct device *d, int tier, const struct counters_work *work,
                   const struct watch *w, json_t **kernels, int *passes, struct refusal *r)
{
    CUpti_Profiler_Initialize_Params init = CUPTI_PARAMS(CUpti_Profiler_Initialize_Params);
    struct profiler p = {.ranges = w->n + RANGES_SPARE};
    int result;

    if (CUPTI_CALL(cuptiProfilerInitialize, &init, r))
        return -1;
    result =
        enable(d, &p, tier, r) || configure(&p, r) || count(&p, work, r) || tell(&p, w, kernels, r);
    *passes = (int)p.metrics.passes;
    if (!is_fault(r)) {
        result |= profiler_close(&p, r);
        profiler_release(&p);
    }
    return result ? -1 : 0;
}

int counters_run(struct device *d, const char *path, int tier, const struct counters_work *work,
                 json_t **kernels, int *passes, struct refusal *r)
{
    struct watch w = {0};
    int result;

    *kernels = NULL;
    *passes = 0;
    result = cupti_open(path, r) || watch_run(&w, work, r);
    if (!result && tier == 0)
        result = watched(work, &w, kernels, r);
    else if (!result)
        result = profile(d, tier, work, &w, kernels, passes, r);
    if (result) {
        json_decref(*kernels);
        *kernels = NULL;
    }
    watch_release(&w);
    return result ? -1 : 0;
}
