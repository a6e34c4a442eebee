/* tests/fake/capture/cupti.c - a libcupti over the fake driver: callbacks, and one activity record
 * a launch, which took 1000 ns.
 *
 *   FAKE_CUPTI_BUSY  another has subscribed */
#include <cupti.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include "tests/fake/capture/fake.h"

enum { IDS = 1024, RECORDS = 256 };
static char enabled[IDS];
static CUpti_CallbackFunc callback;
static void *callback_user;
static CUpti_BuffersCallbackRequestFunc give;
static CUpti_BuffersCallbackCompleteFunc take;
static int with_activity;
static CUpti_ActivityKernel9 records[RECORDS];
static size_t nrecords, next;

static void record(const cuLaunchKernel_params *p, const char *symbol)
{
    CUpti_ActivityKernel9 *k = &records[nrecords++];

    k->kind = CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL;
    k->name = symbol;
    k->start = 1000;
    k->end = 2000;
    k->gridX = (int)p->gridDimX;
    k->gridY = (int)p->gridDimY;
    k->gridZ = (int)p->gridDimZ;
    k->blockX = (int)p->blockDimX;
    k->blockY = (int)p->blockDimY;
    k->blockZ = (int)p->blockDimZ;
}

static void hook(unsigned id, int site, const void *params, int *result, const char *symbol,
                 unsigned long *handed_on)
{
    CUpti_CallbackData data = {.callbackSite = site ? CUPTI_API_EXIT : CUPTI_API_ENTER,
                               .functionParams = params,
                               .functionReturnValue = result,
                               .symbolName = symbol,
                               .correlationData = (uint64_t *)handed_on};

    if (id < IDS && enabled[id])
        callback(callback_user, CUPTI_CB_DOMAIN_DRIVER_API, id, &data);
    if (with_activity && site && id == CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel && nrecords < RECORDS)
        record(params, symbol);
}

CUptiResult cuptiSubscribe(CUpti_SubscriberHandle *s, CUpti_CallbackFunc f, void *user)
{
    void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    fake_hook **at = library ? dlsym(library, "fake_driver_hook") : NULL;

    if (getenv("FAKE_CUPTI_BUSY") || !at)
        return CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED;
    *s = NULL;
    callback = f;
    callback_user = user;
    *at = hook;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiEnableCallback(uint32_t on, CUpti_SubscriberHandle s, CUpti_CallbackDomain domain,
                                CUpti_CallbackId id)
{
    (void)s;
    (void)domain;
    enabled[id] = (char)on;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiGetResultString(CUptiResult result, const char **text)
{
    (void)result;
    *text = "FAKE_CUPTI_ERROR";
    return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityEnable(CUpti_ActivityKind kind)
{
    (void)kind;
    with_activity = 1;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityRegisterCallbacks(CUpti_BuffersCallbackRequestFunc request,
                                           CUpti_BuffersCallbackCompleteFunc complete)
{
    give = request;
    take = complete;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityFlushAll(uint32_t flag)
{
    uint8_t *buffer;
    size_t size, most;

    (void)flag;
    give(&buffer, &size, &most);
    take(NULL, 0, buffer, size, nrecords);
    return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityGetNextRecord(uint8_t *buffer, size_t used, CUpti_Activity **record)
{
    (void)buffer;
    if (next == used)
        return CUPTI_ERROR_MAX_LIMIT_REACHED;
    *record = (CUpti_Activity *)(void *)&records[next++];
    return CUPTI_SUCCESS;
}
