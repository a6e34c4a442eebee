/* tests/fake/cuda.cc - a libcuda.so.1 that runs on the CPU, so that the worker can be tested whole.
 *
 * Device memory is host memory, streams run at once, and the worker's own kernels are the real
 * ones: kernels.cu is compiled here as plain C++, one thread a row. What stands for a cubin is a
 * text, "host:PATH\n": a shared object whose functions take the kernel's parameters as the driver
 * would get them, and say how many they have in SYMBOL_params. Such a function returns a CUresult;
 * one that is an error costs the context, as on a GPU. Put the folder of this library into
 * LD_LIBRARY_PATH.
 *
 * FAKE_LOG names a file to which launches of such functions, and memsets to 0, are appended as
 * launchlog.h says; a parameter then has the size that FAKE_SIZES gives it.
 *
 * fake_launched, a symbol of this library, is called with the name and geometry of a user's kernel after its
 * launch, where somebody (tests/fake/cupti.c) sets it.
 *
 * Not modelled: time, concurrency, and everything that the worker does not call. */
#include <cuda.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <algorithm>
#include <functional>
#include <string>
#include <vector>
#include "tests/fake/launchlog.h"

/* ---- just enough of the device language for kernels.cu ---- */

struct dim {
    unsigned x, y, z;
};
static dim threadIdx, blockIdx, blockDim, gridDim;
struct uint4 {
    unsigned x, y, z, w;
};
struct ulonglong2 {
    unsigned long long x, y;
};
#define __global__
#define __device__
#define __host__
#define __shfl_xor_sync(mask, x, k) ((x) - (x))
#define __threadfence_system()
#define clock64() 0
template <typename T> static void atomicAdd(T *p, T x)
{
    *p += x;
}
template <typename T> static void atomicMax(T *p, uint64_t x)
{
    if (x > *p)
        *p = x;
}
#define asm
#define volatile(...)
#include "runtime/worker/kernels.cu"
#undef asm
#undef volatile

/* ---- the state of the one fake device ---- */

static CUresult lost = CUDA_SUCCESS; /* sticky */
static bool is_capturing;
static size_t memory_used;
static const size_t memory_all = (size_t)256 << 20;

typedef CUresult (*host_kernel)(void **params);

struct CUfunc_st {
    std::string name;
    void (*own)(job);
    host_kernel user;
    int params;
};
struct CUmod_st {
    void *object;
    std::vector<CUfunc_st *> functions;
};
struct CUevent_st {
    double at;
};
struct CUgraph_st {
    std::vector<std::function<void()>> launches;
};
struct CUgraphExec_st {
    std::vector<std::function<void()>> launches;
};
static CUgraph_st *captured;

static const struct {
    const char *name;
    void (*run)(job);
} own_kernels[] = {
    {"ks_generate", ks_generate},   {"ks_fill", ks_fill},
    {"ks_nudge", ks_nudge},         {"ks_copy", ks_copy},           {"ks_guard_check", ks_guard_check},
    {"ks_guard_set", ks_guard_set}, {"ks_sum", ks_sum},
    {"ks_lattice", ks_lattice},     {"ks_scale", ks_scale},         {"ks_compare", ks_compare},
    {"ks_flush", ks_flush},         {"ks_stamp", nullptr},
    {"ks_block", nullptr},          {"ks_peak_f32", ks_peak_f32},
    {"ks_peak_f64", ks_peak_f64},   {"ks_peak_f16", ks_peak_f16},
    {"ks_peak_bf16", ks_peak_bf16},
};

static double now()
{
    timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void stamp(const job &j)
{
    static uint64_t reading = 1;

    ((ulonglong2 *)j.base)[3].x = 1980 * reading;
    ((ulonglong2 *)j.base)[3].y = 1000 * reading++;
}

static void run_own(const CUfunc_st *f, const job &j, unsigned rows)
{
    gridDim = {1, rows, 1};
    blockDim = {1, 1, 1};
    if (f->name == "ks_stamp")
        stamp(j);
    for (blockIdx.y = 0; f->own && blockIdx.y < rows; blockIdx.y++)
        f->own(j);
}

extern "C" {
void (*fake_launched)(const char *name, const CUlaunchConfig *config, int is_ex) = nullptr;
}

static FILE *launch_log()
{
    static FILE *f = getenv("FAKE_LOG") ? fopen(getenv("FAKE_LOG"), "a") : nullptr;
    return f;
}

static CUresult launch(CUfunction f, const CUlaunchConfig &c, void **params, bool is_ex)
{
    const unsigned x = c.gridDimX, y = c.gridDimY, z = c.gridDimZ;
    if (lost)
        return lost;
    if (!x || !y || !z || c.blockDimX * c.blockDimY * c.blockDimZ > 1024)
        return CUDA_ERROR_INVALID_VALUE;
    std::function<void()> work;
    if (!f->user) {
        job j = *(const job *)params[0];
        work = [=] { run_own(f, j, y); };
    } else {
        char name[64];
        const char *sizes = launchlog_sizes(f->name.c_str(), name);
        std::vector<uint64_t> values(f->params + 1);
        for (int i = 0; i < f->params; i++)
            memcpy(&values[i], params[i], sizes ? std::min<size_t>(8, launchlog_size(sizes[i])) : 8);
        work = [=]() mutable {
            std::vector<void *> at;
            for (auto &v : values)
                at.push_back(&v);
            CUresult result = lost ? lost : f->user(at.data());
            lost = lost ? lost : result;
        };
    }
    if (is_capturing)
        captured->launches.push_back(work);
    else
        work();
    if (fake_launched && f->user)
        fake_launched(f->name.c_str(), &c, is_ex);
    return CUDA_SUCCESS;
}

extern "C" {

CUresult cuInit(unsigned)
{
    return getenv("FAKE_CUDA_NONE") ? CUDA_ERROR_NO_DEVICE : CUDA_SUCCESS;
}
CUresult cuDriverGetVersion(int *version)
{
    *version = 13000;
    return CUDA_SUCCESS;
}
CUresult cuDeviceGetCount(int *n)
{
    *n = 1;
    return CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice *d, int)
{
    *d = 0;
    return CUDA_SUCCESS;
}
CUresult cuDeviceGetName(char *name, int n, CUdevice)
{
    strncpy(name, "Fake GPU", (size_t)n);
    return CUDA_SUCCESS;
}
CUresult cuDeviceGetUuid(CUuuid *id, CUdevice)
{
    const char *seed = getenv("FAKE_CUDA_UUID");
    memset(id->bytes, seed ? atoi(seed) : 0x11, sizeof id->bytes);
    return CUDA_SUCCESS;
}
CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute a, CUdevice)
{
    switch (a) {
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
        *value = 9;
        break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
        *value = 0;
        break;
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
        *value = 4;
        break;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN:
        *value = 232448;
        break;
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK:
        *value = 65536;
        break;
    case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE:
        *value = 1 << 16;
        break;
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
        *value = 1024;
        break;
    default:
        return CUDA_ERROR_INVALID_VALUE;
    }
    return CUDA_SUCCESS;
}
CUresult cuDeviceTotalMem(size_t *bytes, CUdevice)
{
    *bytes = memory_all;
    return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice)
{
    *context = (CUcontext)&lost;
    return CUDA_SUCCESS;
}
CUresult cuCtxSetCurrent(CUcontext)
{
    return CUDA_SUCCESS;
}
CUresult cuCtxSynchronize()
{
    return lost;
}
CUresult cuCtxSetLimit(CUlimit, size_t)
{
    return CUDA_ERROR_UNSUPPORTED_LIMIT;
}
CUresult cuCtxResetPersistingL2Cache()
{
    return CUDA_ERROR_NOT_SUPPORTED;
}
CUresult cuMemGetInfo(size_t *available, size_t *total)
{
    *available = memory_all - memory_used;
    *total = memory_all;
    return lost;
}
/* the size is kept in front */
CUresult cuMemAlloc(CUdeviceptr *p, size_t bytes)
{
    if (memory_used + bytes > memory_all)
        return CUDA_ERROR_OUT_OF_MEMORY;
    char *block = (char *)aligned_alloc(512, (bytes + 1023) / 512 * 512);
    memset(block, 0x3c, bytes + 512);
    memcpy(block, &bytes, sizeof bytes);
    memory_used += bytes;
    *p = (CUdeviceptr)(block + 512);
    return CUDA_SUCCESS;
}
CUresult cuMemFree(CUdeviceptr p)
{
    size_t bytes;
    memcpy(&bytes, (char *)p - 512, sizeof bytes);
    memory_used -= bytes;
    free((char *)p - 512);
    return CUDA_SUCCESS;
}
CUresult cuMemHostAlloc(void **p, size_t bytes, unsigned)
{
    static char words[4096];
    *p = words;
    return bytes <= sizeof words ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}
CUresult cuMemHostGetDevicePointer(CUdeviceptr *there, void *here, unsigned)
{
    *there = (CUdeviceptr)here;
    return CUDA_SUCCESS;
}
CUresult cuMemcpyHtoD(CUdeviceptr to, const void *from, size_t n)
{
    memcpy((void *)to, from, n);
    return lost;
}
CUresult cuMemcpyDtoH(void *to, CUdeviceptr from, size_t n)
{
    memcpy(to, (const void *)from, n);
    return lost;
}
CUresult cuMemcpyDtoDAsync(CUdeviceptr to, CUdeviceptr from, size_t n, CUstream)
{
    memcpy((void *)to, (const void *)from, n);
    return lost;
}
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char byte, size_t n, CUstream)
{
    if (launch_log() && byte == 0)
        fprintf(launch_log(), "memset @%llx 0 %zu\n", (unsigned long long)to, n);
    memset((void *)to, byte, n);
    return lost;
}
CUresult cuModuleLoadData(CUmodule *m, const void *image)
{
    const char *text = (const char *)image;

    void *object = nullptr;
    if (!strncmp(text, "host:", 5))
        object = dlopen(std::string(text + 5, strcspn(text + 5, "\n")).c_str(), RTLD_NOW);
    else if (memcmp(image, "\x50\xed\x55\xba", 4))
        return CUDA_ERROR_INVALID_IMAGE;
    if (!strncmp(text, "host:", 5) && !object)
        return CUDA_ERROR_INVALID_IMAGE;
    *m = new CUmod_st{object, {}};
    if (!object)
        for (auto &k : own_kernels)
            (*m)->functions.push_back(new CUfunc_st{k.name, k.run, nullptr, 1});
    return CUDA_SUCCESS;
}
CUresult cuModuleUnload(CUmodule m)
{
    for (auto f : m->functions)
        delete f;
    if (m->object)
        dlclose(m->object);
    delete m;
    return CUDA_SUCCESS;
}
CUresult cuModuleGetFunction(CUfunction *f, CUmodule m, const char *name)
{
    for (auto one : m->functions)
        if (one->name == name)
            return *f = one, CUDA_SUCCESS;
    void *p = m->object ? dlsym(m->object, name) : nullptr;
    int *n = m->object ? (int *)dlsym(m->object, (std::string(name) + "_params").c_str()) : nullptr;
    if (!p || !n)
        return CUDA_ERROR_NOT_FOUND;
    m->functions.push_back(*f = new CUfunc_st{name, nullptr, (host_kernel)p, *n});
    return CUDA_SUCCESS;
}
CUresult cuFuncGetAttribute(int *value, CUfunction_attribute a, CUfunction)
{
    *value = a == CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK ? 1024
             : a == CU_FUNC_ATTRIBUTE_NUM_REGS            ? 32
                                                          : 0;
    return CUDA_SUCCESS;
}
CUresult cuFuncSetAttribute(CUfunction, CUfunction_attribute, int)
{
    return CUDA_SUCCESS;
}
CUresult cuLaunchKernel(CUfunction f, unsigned x, unsigned y, unsigned z, unsigned bx, unsigned by,
                        unsigned bz, unsigned smem, CUstream, void **params, void **)
{
    return launch(f, CUlaunchConfig{x, y, z, bx, by, bz, smem, nullptr, nullptr, 0}, params, false);
}
CUresult cuLaunchKernelEx(const CUlaunchConfig *c, CUfunction f, void **params, void **)
{
    if (launch_log() && f->user) {
        unsigned numbers[10] = {c->gridDimX,  c->gridDimY,  c->gridDimZ,
                                c->blockDimX, c->blockDimY, c->blockDimZ,
                                0,            0,            0,
                                c->sharedMemBytes};
        if (c->numAttrs && c->attrs[0].id == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION) {
            const auto &cluster = c->attrs[0].value.clusterDim;
            numbers[6] = cluster.x, numbers[7] = cluster.y, numbers[8] = cluster.z;
        }
        launchlog_write(launch_log(), f->name.c_str(), numbers, params);
    }
    return launch(f, *c, params, true);
}
CUresult cuFuncGetParamInfo(CUfunction f, size_t i, size_t *offset, size_t *size)
{
    char name[64];
    const char *sizes = launchlog_sizes(f->name.c_str(), name);
    if (!sizes || i >= (size_t)f->params)
        return CUDA_ERROR_INVALID_VALUE;
    *offset = 0;
    *size = launchlog_size(sizes[i]);
    return CUDA_SUCCESS;
}
CUresult cuTensorMapEncodeTiled(CUtensorMap *map, CUtensorMapDataType type, cuuint32_t rank, void *,
                                const cuuint64_t *dims, const cuuint64_t *strides,
                                const cuuint32_t *box, const cuuint32_t *, CUtensorMapInterleave,
                                CUtensorMapSwizzle swizzle, CUtensorMapL2promotion,
                                CUtensorMapFloatOOBfill)
{
    launchlog_map(map, type, rank, (const unsigned long long *)dims,
                  (const unsigned long long *)strides, box, swizzle);
    return CUDA_SUCCESS;
}
CUresult cuStreamCreate(CUstream *s, unsigned)
{
    *s = (CUstream)&is_capturing;
    return CUDA_SUCCESS;
}
CUresult cuStreamSynchronize(CUstream)
{
    return is_capturing ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED : lost;
}
CUresult cuStreamQuery(CUstream)
{
    return lost;
}
CUresult cuStreamBeginCapture(CUstream, CUstreamCaptureMode)
{
    is_capturing = true;
    captured = new CUgraph_st{};
    return lost;
}
CUresult cuStreamEndCapture(CUstream, CUgraph *g)
{
    is_capturing = false;
    *g = captured;
    return lost;
}
CUresult cuGraphGetNodes(CUgraph g, CUgraphNode *, size_t *n)
{
    *n = g->launches.size();
    return CUDA_SUCCESS;
}
CUresult cuGraphNodeGetType(CUgraphNode, CUgraphNodeType *type)
{
    *type = CU_GRAPH_NODE_TYPE_KERNEL;
    return CUDA_SUCCESS;
}
CUresult cuGraphInstantiateWithFlags(CUgraphExec *e, CUgraph g, unsigned long long)
{
    *e = new CUgraphExec_st{g->launches};
    return CUDA_SUCCESS;
}
CUresult cuGraphUpload(CUgraphExec, CUstream)
{
    return lost;
}
CUresult cuGraphLaunch(CUgraphExec e, CUstream)
{
    for (auto &work : e->launches)
        work();
    return CUDA_SUCCESS;
}
CUresult cuGraphExecDestroy(CUgraphExec e)
{
    delete e;
    return CUDA_SUCCESS;
}
CUresult cuGraphDestroy(CUgraph g)
{
    delete g;
    return CUDA_SUCCESS;
}
CUresult cuEventCreate(CUevent *e, unsigned)
{
    *e = new CUevent_st{};
    return CUDA_SUCCESS;
}
CUresult cuEventRecord(CUevent e, CUstream)
{
    e->at = now();
    return lost;
}
CUresult cuEventElapsedTime(float *ms, CUevent a, CUevent b)
{
    *ms = (float)(1e3 * (b->at - a->at));
    return CUDA_SUCCESS;
}
CUresult cuGetErrorName(CUresult, const char **text)
{
    *text = "FAKE_ERROR";
    return CUDA_SUCCESS;
}
CUresult cuGetErrorString(CUresult, const char **text)
{
    *text = "an error of the fake driver";
    return CUDA_SUCCESS;
}
}
