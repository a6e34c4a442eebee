/* runtime/capture/launch.c
 *
 * The runtime's launches come through the driver's, so these forms are all there are. The `_ptsz`
 * forms mean the thread's own stream where the others mean the legacy one; the handles that name
 * either are understood by every function. Parameters come as an array of pointers, or packed in a
 * buffer. */
#include "runtime/capture/launch.h"

#include <stdint.h>
#include <string.h>

static const struct {
    CUpti_CallbackId id;
    enum { PLAIN, EX, COOPERATIVE } form;
    bool per_thread;
} forms[] = {
    {CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel, PLAIN, false},
    {CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel_ptsz, PLAIN, true},
    {CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx, EX, false},
    {CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx_ptsz, EX, true},
    {CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel, COOPERATIVE, false},
    {CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel_ptsz, COOPERATIVE, true},
};

enum { FORMS = sizeof forms / sizeof *forms };

void launch_each_id(void (*each)(CUpti_CallbackId id))
{
    for (size_t i = 0; i < FORMS; i++)
        each(forms[i].id);
}

/* the two plain forms begin alike */
static void read_plain(const cuLaunchCooperativeKernel_params *p, struct launch *l)
{
    l->function = p->f;
    memcpy(l->grid, (const unsigned[]){p->gridDimX, p->gridDimY, p->gridDimZ}, sizeof l->grid);
    memcpy(l->block, (const unsigned[]){p->blockDimX, p->blockDimY, p->blockDimZ}, sizeof l->block);
    l->smem = p->sharedMemBytes;
    l->stream = p->hStream;
    l->params = p->kernelParams;
}

static void read_attribute(const CUlaunchAttribute *a, struct launch *l)
{
    if (a->id == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION) {
        l->cluster[0] = a->value.clusterDim.x;
        l->cluster[1] = a->value.clusterDim.y;
        l->cluster[2] = a->value.clusterDim.z;
    } else if (a->id == CU_LAUNCH_ATTRIBUTE_COOPERATIVE) {
        l->cooperative = a->value.cooperative != 0;
    }
}

static bool read_ex(const cuLaunchKernelEx_params *p, struct launch *l)
{
    const CUlaunchConfig *c = p->config;

    if (!c)
        return false;
    l->function = p->f;
    memcpy(l->grid, (const unsigned[]){c->gridDimX, c->gridDimY, c->gridDimZ}, sizeof l->grid);
    memcpy(l->block, (const unsigned[]){c->blockDimX, c->blockDimY, c->blockDimZ}, sizeof l->block);
    l->smem = c->sharedMemBytes;
    l->stream = c->hStream;
    l->params = p->kernelParams;
    l->extra = p->extra;
    for (unsigned i = 0; c->attrs && i < c->numAttrs; i++)
        read_attribute(&c->attrs[i], l);
    return true;
}

static void read_name(const CUpti_CallbackData *call, struct launch *l)
{
    l->name = call->symbolName;
    if (!l->name && driver.cuFuncGetName(&l->name, l->function) != CUDA_SUCCESS &&
        driver.cuKernelGetName(&l->name, (CUkernel)l->function) != CUDA_SUCCESS)
        l->name = NULL;
    if (!l->name)
        l->name = "";
}

bool launch_read(CUpti_CallbackId id, const CUpti_CallbackData *call, struct launch *l)
{
    const cuLaunchKernel_params *plain = call->functionParams;
    size_t i = 0;

    while (i < FORMS && forms[i].id != id)
        i++;
    if (i == FORMS || !call->functionParams)
        return false;
    memset(l, 0, sizeof *l);
    if (forms[i].form == EX && !read_ex(call->functionParams, l))
        return false;
    if (forms[i].form != EX)
        read_plain(call->functionParams, l);
    if (forms[i].form == PLAIN)
        l->extra = plain->extra;
    l->cooperative |= forms[i].form == COOPERATIVE;
    if (!l->stream)
        l->stream = forms[i].per_thread ? CU_STREAM_PER_THREAD : CU_STREAM_LEGACY;
    read_name(call, l);
    return l->function != NULL;
}

/* the buffer that `extra` names, of *size bytes */
static const char *packed(void **extra, size_t *size)
{
    const char *buffer = NULL;

    *size = 0;
    for (; extra && *extra != CU_LAUNCH_PARAM_END; extra += 2) {
        if (*extra == CU_LAUNCH_PARAM_BUFFER_POINTER)
            buffer = extra[1];
        else if (*extra == CU_LAUNCH_PARAM_BUFFER_SIZE)
            memcpy(size, extra[1], sizeof *size);
        else
            return NULL;
    }
    return buffer;
}

/* what the runtime launches may be a context-less kernel under a function's type: asked once, for
 * the first parameter */
static bool layout(struct launch *l, size_t i, size_t *offset, size_t *size)
{
    CUkernel kernel = (CUkernel)l->function;

    if (i == 0 && driver.cuFuncGetParamInfo(l->function, 0, offset, size) != CUDA_SUCCESS)
        l->is_kernel = driver.cuKernelGetParamInfo(kernel, 0, offset, size) == CUDA_SUCCESS;
    return (l->is_kernel ? driver.cuKernelGetParamInfo(kernel, i, offset, size)
                         : driver.cuFuncGetParamInfo(l->function, i, offset, size)) == CUDA_SUCCESS;
}

const void *launch_param(struct launch *l, size_t i, size_t *offset, size_t *size)
{
    const char *buffer;
    size_t all;

    if (!layout(l, i, offset, size))
        return NULL;
    if (l->params)
        return l->params[i];
    buffer = packed(l->extra, &all);
    return buffer && *offset + *size <= all ? buffer + *offset : NULL;
}
