/* tests/fake/capture/cuda.c - a libcuda.so.1 for programs that are captured: it loads the library
 * that CUDA_INJECTION64_PATH names, and what it knows of memory and launches is what the capture
 * asks for. Device memory is host memory.
 *
 *   FAKE_REFUSE  launches of kernels whose name holds this fail
 *   FAKE_OLD     this driver does not tell parameters' layouts
 */
#include <cuda.h>
#include <cupti.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include "tests/fake/capture/fake.h"

fake_hook *fake_driver_hook;

enum { BLOCKS = 64 };
static struct block {
    char *at;
    size_t size;
    CUmemorytype type;
} blocks[BLOCKS];
static size_t nblocks;
static int is_capturing;

/* calls the hook on both sides of `body`, which sets `result` */
#define TRACED(id, params, symbol, body)                                                         \
    do {                                                                                         \
        unsigned long handed_on = 0;                                                             \
        int result = CUDA_SUCCESS;                                                               \
        if (fake_driver_hook)                                                                    \
            fake_driver_hook(CUPTI_DRIVER_TRACE_CBID_##id, 0, params, NULL, symbol, &handed_on); \
        body;                                                                                    \
        if (fake_driver_hook)                                                                    \
            fake_driver_hook(CUPTI_DRIVER_TRACE_CBID_##id, 1, params, &result, symbol,           \
                             &handed_on);                                                        \
        return (CUresult)result;                                                                 \
    } while (0)

CUresult cuInit(unsigned flags)
{
    const char *path = getenv("CUDA_INJECTION64_PATH");
    void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    int (*door)(void) = NULL;

    (void)flags;
    if (library)
        *(void **)&door = dlsym(library, "InitializeInjection");
    if (door)
        door();
    return CUDA_SUCCESS;
}

static CUresult allocate(void **at, size_t size, CUmemorytype type)
{
    if (nblocks == BLOCKS)
        return CUDA_ERROR_OUT_OF_MEMORY;
    *at = aligned_alloc(512, (size + 511) / 512 * 512);
    memset(*at, 0, size);
    blocks[nblocks++] = (struct block){*at, size, type};
    return CUDA_SUCCESS;
}

CUresult cuMemAlloc(CUdeviceptr *at, size_t bytes)
{
    cuMemAlloc_v2_params params = {at, bytes};

    TRACED(cuMemAlloc_v2, &params, NULL,
           result = (int)allocate((void **)at, bytes, CU_MEMORYTYPE_DEVICE));
}

CUresult cuMemHostAlloc(void **at, size_t bytes, unsigned flags)
{
    (void)flags;
    return allocate(at, bytes, CU_MEMORYTYPE_HOST);
}

CUresult cuMemcpyHtoD(CUdeviceptr to, const void *from, size_t n)
{
    memcpy((void *)to, from, n);
    return CUDA_SUCCESS;
}

CUresult cuMemcpyDtoH(void *to, CUdeviceptr from, size_t n)
{
    memcpy(to, (const void *)from, n);
    return CUDA_SUCCESS;
}

CUresult cuMemcpyDtoHAsync(void *to, CUdeviceptr from, size_t n, CUstream stream)
{
    (void)stream;
    return is_capturing ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED : cuMemcpyDtoH(to, from, n);
}

CUresult cuMemsetD32Async(CUdeviceptr to, unsigned word, size_t n, CUstream stream)
{
    (void)stream;
    for (size_t i = 0; i < n; i++)
        memcpy((char *)to + i * sizeof word, &word, sizeof word);
    return CUDA_SUCCESS;
}

CUresult cuPointerGetAttribute(void *value, CUpointer_attribute what, CUdeviceptr at)
{
    const struct block *b = blocks, *end = blocks + nblocks;
    size_t zero = 0;

    while (b < end && ((char *)at < b->at || (char *)at >= b->at + b->size))
        b++;
    if (b == end)
        return CUDA_ERROR_INVALID_VALUE;
    if (what == CU_POINTER_ATTRIBUTE_MEMORY_TYPE)
        memcpy(value, &b->type, sizeof(unsigned));
    else if (what == CU_POINTER_ATTRIBUTE_RANGE_START_ADDR)
        memcpy(value, &b->at, sizeof b->at);
    else if (what == CU_POINTER_ATTRIBUTE_RANGE_SIZE)
        memcpy(value, &b->size, sizeof b->size);
    else if (what == CU_POINTER_ATTRIBUTE_IS_MANAGED)
        memcpy(value, &zero, sizeof(unsigned));
    else
        return CUDA_ERROR_INVALID_VALUE;
    return CUDA_SUCCESS;
}

CUresult cuStreamSynchronize(CUstream stream)
{
    (void)stream;
    return is_capturing ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED : CUDA_SUCCESS;
}

CUresult cuStreamIsCapturing(CUstream stream, CUstreamCaptureStatus *status)
{
    (void)stream;
    *status = is_capturing ? CU_STREAM_CAPTURE_STATUS_ACTIVE : CU_STREAM_CAPTURE_STATUS_NONE;
    return CUDA_SUCCESS;
}

CUresult cuStreamBeginCapture(CUstream stream, CUstreamCaptureMode mode)
{
    cuStreamBeginCapture_v2_params params = {stream, mode};

    TRACED(cuStreamBeginCapture_v2, &params, NULL, is_capturing = 1);
}

CUresult cuStreamEndCapture(CUstream stream, CUgraph *graph)
{
    cuStreamEndCapture_params params = {stream, graph};

    TRACED(cuStreamEndCapture, &params, NULL, is_capturing = 0);
}

CUresult cuGraphLaunch(CUgraphExec graph, CUstream stream)
{
    cuGraphLaunch_params params = {graph, stream};

    TRACED(cuGraphLaunch, &params, NULL, (void)0);
}

CUresult cuFuncGetName(const char **name, CUfunction f)
{
    *name = f->name;
    return CUDA_SUCCESS;
}

CUresult cuFuncGetParamInfo(CUfunction f, size_t i, size_t *offset, size_t *size)
{
    if (i >= f->nparams || getenv("FAKE_OLD"))
        return CUDA_ERROR_INVALID_VALUE;
    *offset = f->params[i].offset;
    *size = f->params[i].size;
    return CUDA_SUCCESS;
}

CUresult cuKernelGetName(const char **name, CUkernel k)
{
    (void)name;
    (void)k;
    return CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuKernelGetParamInfo(CUkernel k, size_t i, size_t *offset, size_t *size)
{
    (void)k;
    (void)i;
    (void)offset;
    (void)size;
    return CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuGetErrorName(CUresult code, const char **name)
{
    *name = code == CUDA_ERROR_LAUNCH_FAILED ? "CUDA_ERROR_LAUNCH_FAILED" : "FAKE_ERROR";
    return CUDA_SUCCESS;
}

static int run(CUfunction f, void **params, void **extra)
{
    const char *bad = getenv("FAKE_REFUSE");
    void *at[64];

    if (bad && strstr(f->name, bad))
        return CUDA_ERROR_LAUNCH_FAILED;
    for (size_t i = 0; !params && i < f->nparams; i++)
        at[i] = (char *)extra[1] + f->params[i].offset;
    if (!is_capturing)
        f->run(params ? params : at);
    return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx,
                        unsigned by, unsigned bz, unsigned smem, CUstream stream, void **params,
                        void **extra)
{
    cuLaunchKernel_params all = {f, gx, gy, gz, bx, by, bz, smem, stream, params, extra};

    TRACED(cuLaunchKernel, &all, f->name, result = run(f, params, extra));
}

CUresult cuLaunchKernelEx(const CUlaunchConfig *config, CUfunction f, void **params, void **extra)
{
    cuLaunchKernelEx_params all = {config, f, params, extra};

    TRACED(cuLaunchKernelEx, &all, f->name, result = run(f, params, extra));
}
