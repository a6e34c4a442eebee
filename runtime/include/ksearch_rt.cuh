// ksearch_rt.cuh - what the emitted text needs at run time. It stands before the user's text, where
// nothing but the CUDA runtime's own header has been read. C++14.

namespace ksearch_rt {
inline namespace v1 {

// a launch configuration; the compiler makes one of what stands between <<< and >>>
struct config {
    dim3 grid, block;
    size_t smem;
    cudaStream_t stream;
    config(dim3 g, dim3 b, size_t m = 0, cudaStream_t s = 0)
        : grid(g), block(b), smem(m), stream(s)
    {
    }
};

// the same for a kernel that a variable holds, which nothing else may use any more
template <typename K>
inline config config_of(K, dim3 g, dim3 b, size_t m = 0, cudaStream_t s = 0)
{
    return config(g, b, m, s);
}

// do both describe the same work? Streams do not matter
inline bool same(const config &a, const config &b)
{
    return a.grid.x == b.grid.x && a.grid.y == b.grid.y && a.grid.z == b.grid.z &&
           a.block.x == b.block.x && a.block.y == b.block.y && a.block.z == b.block.z &&
           a.smem == b.smem;
}

// the figures that expressions name as gpu.*
struct gpu_t {
    long long sms, smem, regs, l2;
};

// what is known of a device
struct known {
    int capability; // 16 * major + minor
    gpu_t gpu;
};

// what is known of all of them; looked at once
struct devices {
    int count;    // 0: not looked yet
    bool alike;   // all have the same figures
    known of[65]; // the last, all 0: no device, or one beyond the 64th
};

inline int attribute(cudaDeviceAttr which, int device)
{
    int value = 0;
    return cudaDeviceGetAttribute(&value, which, device) == cudaSuccess ? value : 0;
}

inline known ask(int device)
{
    known k;
    k.capability = 16 * attribute(cudaDevAttrComputeCapabilityMajor, device) +
                   attribute(cudaDevAttrComputeCapabilityMinor, device);
    k.gpu.sms = attribute(cudaDevAttrMultiProcessorCount, device);
    k.gpu.smem = attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, device);
    k.gpu.regs = attribute(cudaDevAttrMaxRegistersPerBlock, device);
    k.gpu.l2 = attribute(cudaDevAttrL2CacheSize, device);
    return k;
}

inline bool same(const known &a, const known &b)
{
    return a.capability == b.capability && a.gpu.sms == b.gpu.sms && a.gpu.smem == b.gpu.smem &&
           a.gpu.regs == b.gpu.regs && a.gpu.l2 == b.gpu.l2;
}

__attribute__((noinline, cold)) inline bool look(devices *d)
{
    int n = 0;
    bool alike = true;
    if (cudaGetDeviceCount(&n) != cudaSuccess || n < 1)
        return false;
    for (int i = 0; i < n && i < 64; i++) {
        d->of[i] = ask(i);
        alike = alike && same(d->of[i], d->of[0]);
    }
    d->alike = alike && n <= 64;
    __atomic_store_n(&d->count, n, __ATOMIC_RELEASE); // last: who sees it, sees all
    return true;
}

// Null where there is none. Threads that look first at once write the same.
inline const devices *all_devices()
{
    static devices all;
    return __atomic_load_n(&all.count, __ATOMIC_ACQUIRE) > 0 || look(&all) ? &all : nullptr;
}

// The current device, negative without one. Where there is just one it need not be asked for.
inline int current()
{
    const devices *all = all_devices();
    int device = 0;
    return all && (all->count == 1 || cudaGetDevice(&device) == cudaSuccess) ? device : -1;
}

// What is known of it; all 0 without one, and beyond the 64th. Where all are alike, as in most
// machines, it does not matter which one it is.
inline const known &here()
{
    static const known none = {};
    const devices *all = all_devices();
    int device;
    if (!all)
        return none;
    if (all->alike)
        return all->of[0];
    device = current();
    return all->of[(unsigned)device < 64 ? device : 64];
}

inline const gpu_t &gpu()
{
    return here().gpu;
}

// the compute capability of the current device, looked up once in a dispatch, when it matters
struct device {
    int capability = -1;
    bool is(int major, int minor)
    {
        if (capability < 0)
            capability = here().capability;
        return capability == 16 * major + minor;
    }
};

// Of the machine code in an object the driver takes what fits a device best. Is it that of one
// target? `kernel` is one that so many threads may run at most there, and twice as many in all other
// code. `known`: of each device, 1 or -1 when it was asked.
constexpr int pass_threads = 32;
inline bool is_pass(const void *kernel, signed char *known)
{
    const int device = current(), at = (unsigned)device < 64 ? device : 64;
    signed char is = __atomic_load_n(&known[at], __ATOMIC_RELAXED);
    if (!is || at == 64) {
        cudaFuncAttributes attributes;
        cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed; // the question is no work
        (void)cudaThreadExchangeStreamCaptureMode(&mode);
        const bool asked = cudaFuncGetAttributes(&attributes, kernel) == cudaSuccess;
        if (!asked)
            (void)cudaGetLastError();
        (void)cudaThreadExchangeStreamCaptureMode(&mode);
        is = asked && attributes.maxThreadsPerBlock == pass_threads ? 1 : -1;
        __atomic_store_n(&known[at], is, __ATOMIC_RELAXED);
    }
    return is > 0;
}

// no condition at all, where the compiler should not see that the original is out of use
inline bool any_device()
{
    return true;
}

// May the kernel use so much dynamic shared memory? `granted` holds, for each device, how much it
// has been allowed so far.
inline bool allow_shared(const void *kernel, int wanted, int *granted)
{
    int device;
    if (wanted <= 0)
        return true;
    device = current();
    if (device < 0)
        return false;
    if (device < 64 && wanted <= __atomic_load_n(&granted[device], __ATOMIC_RELAXED))
        return true;
    if (cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, wanted) !=
        cudaSuccess) {
        (void)cudaGetLastError();
        return false;
    }
    if (device < 64)
        __atomic_store_n(&granted[device], wanted, __ATOMIC_RELAXED);
    return true;
}

// Launches a winner; false when it cannot be, and the caller launches the original.
inline bool launch(const void *kernel, const config &c, void **args, int *granted)
{
    if (!allow_shared(kernel, (int)c.smem, granted))
        return false;
    if (cudaLaunchKernel(kernel, c.grid, c.block, args, c.smem, c.stream) == cudaSuccess)
        return true;
    (void)cudaGetLastError();
    return false;
}

// A parameter handed on as it came: pass<decltype(x)>(x). (cudafe++ loses the && of a
// static_cast<decltype(x) &&>.)
template <typename T> struct referred {
    typedef T type;
};
template <typename T> struct referred<T &> {
    typedef T type;
};
template <typename T> struct referred<T &&> {
    typedef T type;
};
template <typename T>
__host__ __device__ constexpr T &&pass(typename referred<T>::type &x) noexcept
{
    return static_cast<T &&>(x);
}

constexpr long long cdiv(long long a, long long b)
{
    return (a + b - 1) / b;
}
template <typename A, typename B> constexpr auto min(A a, B b)
{
    using C = decltype(a + b);
    return (C)a < (C)b ? (C)a : (C)b;
}
template <typename A, typename B> constexpr auto max(A a, B b)
{
    using C = decltype(a + b);
    return (C)a < (C)b ? (C)b : (C)a;
}

} // namespace v1
} // namespace ksearch_rt
