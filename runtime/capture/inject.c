/* runtime/capture/inject.c - the library's one door: the driver loads it into the program that
 * CUDA_INJECTION64_PATH is set for, and calls InitializeInjection.
 *
 * CUPTI then calls us before and after every launch. Whatever fails here is said on standard error
 * and the program goes on as if we were not there: no call of the program's is changed, left out or
 * made to fail.
 *
 * A stream that is being captured into a graph must not be waited for, and while any is, most waits
 * anywhere end its capture with an error. So captures are counted, and while there is one nothing
 * is touched. */
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/capture/activity.h"
#include "runtime/capture/arrays.h"
#include "runtime/capture/trace.h"

int InitializeInjection(void);

static CUpti_SubscriberHandle subscriber;
static atomic_int captures; /* streams that are being captured into graphs */
static size_t most;
static bool poison;

enum { NOT_SEEN, USABLE, UNUSABLE };
static atomic_int driver_state;

/* the driver is still starting when it calls InitializeInjection */
static bool driver_is_usable(void)
{
    if (driver_state == NOT_SEEN)
        driver_state = api_open_driver() ? USABLE : UNUSABLE;
    return driver_state == USABLE;
}

static bool is_being_captured(const struct launch *l)
{
    CUstreamCaptureStatus status = CU_STREAM_CAPTURE_STATUS_NONE;

    return captures > 0 || driver.cuStreamIsCapturing(l->stream, &status) != CUDA_SUCCESS ||
           status != CU_STREAM_CAPTURE_STATUS_NONE;
}

static void before_launch(struct launch *l, uint64_t *handed_on)
{
    struct choice choice = book_launch(l);

    *handed_on = 0;
    if (!choice.capture)
        return;
    if (is_being_captured(l)) {
        book_note("launches while a stream is captured into a graph cannot be captured here");
        book_retry(choice.group);
        return;
    }
    *handed_on = (uint64_t)(uintptr_t)shot_take(l, &choice, most);
}

static void on_launch(CUpti_CallbackId id, const CUpti_CallbackData *call)
{
    const CUresult *result = call->functionReturnValue;
    struct launch l;

    if (call->callbackSite == CUPTI_API_ENTER) {
        *call->correlationData = 0;
        if (launch_read(id, call, &l))
            before_launch(&l, call->correlationData);
    } else if (*call->correlationData) {
        shot_finish((struct shot *)(uintptr_t)*call->correlationData,
                    result ? *result : CUDA_SUCCESS);
        *call->correlationData = 0;
    }
}

/* ---- graphs ---- */

static const CUpti_CallbackId graph_launches[] = {
    CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch,
    CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch_ptsz,
};
static const CUpti_CallbackId capture_begins[] = {
    CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCapture,
    CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCapture_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCapture_v2,
    CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCapture_v2_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCaptureToGraph,
    CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCaptureToGraph_ptsz,
};
static const CUpti_CallbackId capture_ends[] = {
    CUPTI_DRIVER_TRACE_CBID_cuStreamEndCapture,
    CUPTI_DRIVER_TRACE_CBID_cuStreamEndCapture_ptsz,
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool is_in(CUpti_CallbackId id, const CUpti_CallbackId *list, size_t n)
{
    while (n > 0 && list[n - 1] != id)
        n--;
    return n > 0;
}

/* counted from before the beginning to behind the end, whatever comes of it */
static void on_stream_capture(CUpti_CallbackId id, const CUpti_CallbackData *call)
{
    const CUresult *result = call->functionReturnValue;
    bool failed = result && *result != CUDA_SUCCESS;

    if (is_in(id, capture_begins, COUNT(capture_begins))) {
        if (call->callbackSite == CUPTI_API_ENTER)
            captures++;
        else if (failed)
            captures--;
    } else if (call->callbackSite == CUPTI_API_EXIT && captures > 0 &&
               !(failed && *result == CUDA_ERROR_ILLEGAL_STATE)) {
        captures--;
    }
}

/* ---- poison ---- */

static const CUpti_CallbackId allocations[] = {
    CUPTI_DRIVER_TRACE_CBID_cuMemAlloc_v2,
    CUPTI_DRIVER_TRACE_CBID_cuMemAllocAsync,
    CUPTI_DRIVER_TRACE_CBID_cuMemAllocAsync_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuMemAllocFromPoolAsync,
    CUPTI_DRIVER_TRACE_CBID_cuMemAllocFromPoolAsync_ptsz,
};

struct allocation {
    CUdeviceptr *at;
    size_t bytes;
    CUstream stream;
    bool per_thread; /* what no stream means */
    bool waits;      /* the memory may be used by any stream when the call is back */
};

static struct allocation allocation_read(CUpti_CallbackId id, const void *params)
{
    const cuMemAlloc_v2_params *plain = params;
    const cuMemAllocAsync_params *async = params;
    const cuMemAllocFromPoolAsync_params *pool = params;

    switch (id) {
    case CUPTI_DRIVER_TRACE_CBID_cuMemAlloc_v2:
        return (struct allocation){plain->dptr, plain->bytesize, NULL, false, true};
    case CUPTI_DRIVER_TRACE_CBID_cuMemAllocAsync:
    case CUPTI_DRIVER_TRACE_CBID_cuMemAllocAsync_ptsz:
        return (struct allocation){async->dptr, async->bytesize, async->hStream,
                                   id == CUPTI_DRIVER_TRACE_CBID_cuMemAllocAsync_ptsz, false};
    default:
        return (struct allocation){pool->dptr, pool->bytesize, pool->hStream,
                                   id == CUPTI_DRIVER_TRACE_CBID_cuMemAllocFromPoolAsync_ptsz,
                                   false};
    }
}

/* a new allocation of the program's is filled with what nobody would write, in stream order */
static void on_allocation(CUpti_CallbackId id, const CUpti_CallbackData *call)
{
    const CUresult *result = call->functionReturnValue;
    struct allocation a;

    if (call->callbackSite != CUPTI_API_EXIT || !result || *result != CUDA_SUCCESS ||
        captures > 0 || !call->functionParams)
        return;
    a = allocation_read(id, call->functionParams);
    if (!a.stream)
        a.stream = a.per_thread ? CU_STREAM_PER_THREAD : CU_STREAM_LEGACY;
    if (a.at &&
        driver.cuMemsetD32Async(*a.at, TRACE_POISON_WORD, a.bytes / 4, a.stream) == CUDA_SUCCESS &&
        a.waits)
        driver.cuStreamSynchronize(a.stream);
}

/* ---- the door ---- */

static void CUPTIAPI on_call(void *user, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                             const void *data)
{
    const CUpti_CallbackData *call = data;

    (void)user;
    if (domain != CUPTI_CB_DOMAIN_DRIVER_API || !call || !book_is_open() || !driver_is_usable())
        return;
    if (is_in(id, graph_launches, COUNT(graph_launches)))
        book_note("the program launches graphs: the kernels in them are not captured");
    else if (is_in(id, capture_begins, COUNT(capture_begins)) ||
             is_in(id, capture_ends, COUNT(capture_ends)))
        on_stream_capture(id, call);
    else if (is_in(id, allocations, COUNT(allocations)))
        on_allocation(id, call);
    else
        on_launch(id, call);
}

static void enable(CUpti_CallbackId id)
{
    /* an older CUPTI does not know every function */
    cupti.cuptiEnableCallback(1, subscriber, CUPTI_CB_DOMAIN_DRIVER_API, id);
}

static void enable_all(const CUpti_CallbackId *ids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        enable(ids[i]);
}

static bool subscribe(void)
{
    CUptiResult rc = cupti.cuptiSubscribe(&subscriber, on_call, NULL);
    const char *why = NULL;

    if (rc == CUPTI_SUCCESS)
        return true;
    cupti.cuptiGetResultString(rc, &why);
    book_note("CUPTI cannot be used (%s): is another profiler at work? Nothing is captured",
              why ? why : "unknown error");
    return false;
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);

    return value && strcmp(value, "1") == 0;
}

__attribute__((visibility("default"))) int InitializeInjection(void)
{
    const char *dir = getenv(TRACE_DIR_VARIABLE), *nth = getenv(TRACE_LAUNCH_VARIABLE),
               *bytes = getenv(TRACE_MOST_VARIABLE);
    bool list = is_set(TRACE_LIST_VARIABLE);

    if (!dir || book_is_open() || !book_open(dir) ||
        !book_choose(getenv(TRACE_KERNEL_VARIABLE), nth ? strtoul(nth, NULL, 10) : 0, list) ||
        !api_open_cupti(getenv(TRACE_CUPTI_VARIABLE)) || !subscribe())
        return 1; /* the program goes on */
    most = bytes ? strtoull(bytes, NULL, 10) : SIZE_MAX;
    poison = is_set(TRACE_POISON_VARIABLE);
    launch_each_id(enable);
    enable_all(graph_launches, COUNT(graph_launches));
    enable_all(capture_begins, COUNT(capture_begins));
    enable_all(capture_ends, COUNT(capture_ends));
    if (poison)
        enable_all(allocations, COUNT(allocations));
    if (list)
        activity_start();
    return 1;
}
