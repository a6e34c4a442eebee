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

// do both describe the same work? Streams do not matter
inline bool same(const config &a, const config &b)
{
    return a.grid.x == b.grid.x && a.grid.y == b.grid.y && a.grid.z == b.grid.z &&
           a.block.x == b.block.x && a.block.y == b.block.y && a.block.z == b.block.z &&
           a.smem == b.smem;
}

// is the current device of this compute capability? Asked once for each of the first 64 devices
inline bool device_is(int major, int minor)
{
    static int known[64]; // 1 + 16 * major + minor; 0: not asked yet
    int device = 0, capability = 0, part = 0;
    if (cudaGetDevice(&device) != cudaSuccess || device < 0)
        return false;
    if (device < 64)
        capability = __atomic_load_n(&known[device], __ATOMIC_RELAXED);
    if (capability == 0) {
        if (cudaDeviceGetAttribute(&part, cudaDevAttrComputeCapabilityMajor, device) != cudaSuccess)
            return false;
        capability = 1 + 16 * part;
        if (cudaDeviceGetAttribute(&part, cudaDevAttrComputeCapabilityMinor, device) != cudaSuccess)
            return false;
        capability += part;
        if (device < 64)
            __atomic_store_n(&known[device], capability, __ATOMIC_RELAXED);
    }
    return capability == 1 + 16 * major + minor;
}

inline bool any_device()
{
    return true;
}

// May the kernel use so much dynamic shared memory? `granted` holds, for each device, how much it
// has been allowed so far.
inline bool allow_shared(const void *kernel, int wanted, int *granted)
{
    int device = 0;
    if (wanted <= 0)
        return true;
    if (cudaGetDevice(&device) != cudaSuccess)
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

// the figures that expressions name as gpu.*
struct gpu_t {
    long long sms, smem, regs, l2;
};

inline gpu_t gpu()
{
    int device = 0, value = 0;
    gpu_t g = {0, 0, 0, 0};
    if (cudaGetDevice(&device) != cudaSuccess)
        return g;
    if (cudaDeviceGetAttribute(&value, cudaDevAttrMultiProcessorCount, device) == cudaSuccess)
        g.sms = value;
    if (cudaDeviceGetAttribute(&value, cudaDevAttrMaxSharedMemoryPerBlockOptin, device) ==
        cudaSuccess)
        g.smem = value;
    if (cudaDeviceGetAttribute(&value, cudaDevAttrMaxRegistersPerBlock, device) == cudaSuccess)
        g.regs = value;
    if (cudaDeviceGetAttribute(&value, cudaDevAttrL2CacheSize, device) == cudaSuccess)
        g.l2 = value;
    return g;
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
