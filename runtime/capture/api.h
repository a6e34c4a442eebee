/* runtime/capture/api.h - the driver and CUPTI, found at run time in the user's process.
 *
 * The library must be loadable into any program that uses CUDA, so it links neither. */
#ifndef KS_CAPTURE_API_H
#define KS_CAPTURE_API_H

#include <cuda.h>
#include <cupti.h>
#include <stdbool.h>

#define DRIVER_FUNCTIONS(X)  \
    X(cuFuncGetName)         \
    X(cuFuncGetParamInfo)    \
    X(cuKernelGetName)       \
    X(cuKernelGetParamInfo)  \
    X(cuPointerGetAttribute) \
    X(cuMemcpyDtoHAsync)     \
    X(cuMemsetD32Async)      \
    X(cuStreamSynchronize)   \
    X(cuStreamIsCapturing)   \
    X(cuGetErrorName)

#define CUPTI_FUNCTIONS(X)        \
    X(cuptiSubscribe)             \
    X(cuptiEnableCallback)        \
    X(cuptiGetResultString)       \
    X(cuptiActivityEnable)        \
    X(cuptiActivityFlushAll)      \
    X(cuptiActivityGetNextRecord) \
    X(cuptiActivityRegisterCallbacks)

#define API_MEMBER(name) __typeof__(name) *name;
struct driver_api {
    DRIVER_FUNCTIONS(API_MEMBER)
};
struct cupti_api {
    CUPTI_FUNCTIONS(API_MEMBER)
};
extern struct driver_api driver;
extern struct cupti_api cupti;

/* the driver that loaded us; false, after saying so, when it is too old */
bool api_open_driver(void);
/* the libcupti that the process has already, else that of path; false after saying what is wrong */
bool api_open_cupti(const char *path);

/* "CUDA_ERROR_..." */
const char *api_error(CUresult result);

#endif
