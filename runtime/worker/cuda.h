/* runtime/worker/cuda.h - the CUDA driver, opened at run time, and the one device we work on.
 *
 * libcuda.so.1 comes with the GPU's driver, so the worker links without it and says what is missing
 * where there is none. The primary context is the one that the CUDA runtime inside a user's shared
 * object takes too; so its kernels see our buffers and our stream. */
#ifndef KS_WORKER_CUDA_H
#define KS_WORKER_CUDA_H

#include <cuda.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/worker/kernels.h"
#include "runtime/worker/refusal.h"

/* Driver functions that every driver since 11.8 has. cuda.h turns many of these names into
 * versioned ones; as the same happens where they are called, cu.cuMemAlloc is always the right one.
 */
#define CUDA_FUNCTIONS(X)          \
    X(cuInit)                      \
    X(cuDriverGetVersion)          \
    X(cuDeviceGetCount)            \
    X(cuDeviceGet)                 \
    X(cuDeviceGetName)             \
    X(cuDeviceGetUuid)             \
    X(cuDeviceGetAttribute)        \
    X(cuDeviceTotalMem)            \
    X(cuDevicePrimaryCtxRetain)    \
    X(cuCtxSetCurrent)             \
    X(cuCtxSynchronize)            \
    X(cuCtxSetLimit)               \
    X(cuCtxResetPersistingL2Cache) \
    X(cuMemGetInfo)                \
    X(cuMemAlloc)                  \
    X(cuMemFree)                   \
    X(cuMemHostAlloc)              \
    X(cuMemHostGetDevicePointer)   \
    X(cuMemcpyHtoD)                \
    X(cuMemcpyDtoH)                \
    X(cuMemcpyDtoDAsync)           \
    X(cuMemsetD8Async)             \
    X(cuModuleLoadData)            \
    X(cuModuleUnload)              \
    X(cuModuleGetFunction)         \
    X(cuFuncGetAttribute)          \
    X(cuFuncSetAttribute)          \
    X(cuLaunchKernel)              \
    X(cuLaunchKernelEx)            \
    X(cuStreamCreate)              \
    X(cuStreamSynchronize)         \
    X(cuStreamQuery)               \
    X(cuStreamBeginCapture)        \
    X(cuStreamEndCapture)          \
    X(cuGraphGetNodes)             \
    X(cuGraphNodeGetType)          \
    X(cuGraphInstantiate)          \
    X(cuGraphUpload)               \
    X(cuGraphLaunch)               \
    X(cuGraphExecDestroy)          \
    X(cuGraphDestroy)              \
    X(cuEventCreate)               \
    X(cuEventRecord)               \
    X(cuGetErrorName)              \
    X(cuGetErrorString)

/* NULL where the driver is older */
#define CUDA_NEWER_FUNCTIONS(X)   \
    X(cuModuleGetFunctionCount)   \
    X(cuModuleEnumerateFunctions) \
    X(cuFuncGetName)              \
    X(cuFuncLoad)                 \
    X(cuFuncGetParamInfo)         \
    X(cuTensorMapEncodeTiled)     \
    X(cuGraphKernelNodeGetParams) \
    X(cuKernelGetFunction)

#define CUDA_MEMBER(name) __typeof__(name) *name;
struct cuda {
    CUDA_FUNCTIONS(CUDA_MEMBER)
    CUDA_NEWER_FUNCTIONS(CUDA_MEMBER)
    CUresult (*event_elapsed)(float *ms, CUevent begin, CUevent end);
};
extern struct cuda cu;

enum kernel {
    KERNEL_GENERATE,
    KERNEL_FILL,
    KERNEL_COPY,
    KERNEL_NUDGE,
    KERNEL_GUARD_CHECK,
    KERNEL_GUARD_SET,
    KERNEL_SUM,
    KERNEL_SCALE,
    KERNEL_LATTICE,
    KERNEL_COMPARE,
    KERNEL_FLUSH,
    KERNEL_STAMP,
    KERNEL_BLOCK,
    KERNEL_PEAK_F32,
    KERNEL_PEAK_F64,
    KERNEL_PEAK_F16,
    KERNEL_PEAK_BF16,
    KERNELS
};

struct device {
    CUcontext context;
    CUstream stream; /* everything runs in it; a blocking one, so that what a user's function puts
                        into the default stream stays in order with it */
    CUmodule module; /* kernels.cu */
    CUfunction kernels[KERNELS];
    char name[96], uuid[48];
    int major, minor, driver;
    int64_t sms, smem, regs, l2, memory;
    int threads; /* a block at most */
};

/* opens the driver and device 0 of those that CUDA_VISIBLE_DEVICES leaves */
int device_open(struct device *d, struct refusal *r);
/* makes d's context current and loads our kernels; before any of the calls below */
int device_start(struct device *d, struct refusal *r);

/* 0 when result is success. Else refuses: class fault when the context is lost by it, limit when
 * memory or another resource ran out, else `class`; `what` says what was tried */
int cuda_check(CUresult result, const char *class, const char *what, struct refusal *r);

/* launches one of our kernels over `items` threads' worth of work for each of `rows` slices */
int device_run(struct device *d, enum kernel k, const struct job *job, uint64_t items,
               unsigned rows, struct refusal *r);
/* waits for all streams of the context; a fault in what ran is found here */
int device_wait(struct refusal *r);
int device_alloc(CUdeviceptr *p, size_t bytes, struct refusal *r);
void device_free(CUdeviceptr *p); /* and sets it to 0 */

#endif
