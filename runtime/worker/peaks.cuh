// runtime/worker/peaks.cuh - arithmetic and nothing else, for the most that a card can do of it.
//
// Part of kernels.cu. Every thread keeps chains of independent multiply-adds going in registers, as
// many as hide their latency, j.count times a bundle. How many operations a bundle is (a
// multiply-add is two) the first thread writes to the word at j.from, where the host had put 0: what
// this compilation has no instructions for leaves it at that. The operands come from the job, so the
// compiler knows none of the values, and every chain ends in a store that never happens.
//
// On Hopper the tensor cores give about two thirds of what they can to mma.sync: there it is wgmma,
// from shared memory. Blackwell's tcgen05 is not used: the figure there is what mma.sync gets.
enum { CHAINS = 8, ROUNDS = 16 };

static __device__ void peak_says(const job &j, uint32_t ops)
{
    if (thread_index() == 0)
        *(uint32_t *)j.from = ops;
}

template <typename T> static __device__ void peak_fma(const job &j)
{
    T x[CHAINS], a = (T)j.size, b = (T)j.type, sum = 0;

    for (int k = 0; k < CHAINS; k++)
        x[k] = (T)(k + 1);
    for (uint64_t i = 0; i < j.count; i++)
#pragma unroll
        for (int round = 0; round < ROUNDS; round++)
#pragma unroll
            for (int k = 0; k < CHAINS; k++)
                x[k] = fma(x[k], a, b);
    for (int k = 0; k < CHAINS; k++)
        sum += x[k];
    if (sum < 0) /* it is not */
        *(uint32_t *)j.from = 0;
    peak_says(j, 2 * ROUNDS * CHAINS);
}

extern "C" __global__ void ks_peak_f32(const job j)
{
    peak_fma<float>(j);
}

extern "C" __global__ void ks_peak_f64(const job j)
{
    peak_fma<double>(j);
}

#if defined __CUDA_ARCH_FEAT_SM90_ALL

// two warpgroups a block; every one multiplies the same tiles of zeros, 64 by 16 and 16 by 128, into
// 64 accumulators a thread
#define PEAK_PAIR(k) "+f"(d[k]), "+f"(d[k + 1])
#define PEAK_EIGHT(k) PEAK_PAIR(k), PEAK_PAIR(k + 2), PEAK_PAIR(k + 4), PEAK_PAIR(k + 6)
#define PEAK_WGMMA(kind)                                                                          \
    asm volatile("{ .reg .pred p; setp.ne.b32 p, %65, 0; "                                        \
                 "wgmma.mma_async.sync.aligned.m64n128k16.f32." kind "." kind " "                 \
                 PEAK_REGISTERS ", %64, %64, p, 1, 1, 0, 0; }"                                    \
                 : PEAK_EIGHT(0), PEAK_EIGHT(8), PEAK_EIGHT(16), PEAK_EIGHT(24), PEAK_EIGHT(32),  \
                   PEAK_EIGHT(40), PEAK_EIGHT(48), PEAK_EIGHT(56)                                 \
                 : "l"(tiles), "r"(1))
#define PEAK_REGISTERS                                                                            \
        "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
        "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
        "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
        "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}"

#define PEAK_TENSOR(name, kind)                                                                   \
    extern "C" __global__ void __launch_bounds__(256, 2) name(const job j)                        \
    {                                                                                             \
        __shared__ __align__(128) uint32_t tile[2048];                                            \
        uint64_t tiles = (uint64_t)__cvta_generic_to_shared(tile) >> 4 | (uint64_t)(128 >> 4) << 16 | \
                         (uint64_t)(256 >> 4) << 32;                                              \
        float d[64] = {0};                                                                        \
                                                                                                  \
        for (int i = threadIdx.x; i < 2048; i += 256)                                             \
            tile[i] = 0;                                                                          \
        asm volatile("fence.proxy.async;" ::: "memory");                                          \
        __syncthreads();                                                                          \
        for (uint64_t i = 0; i < j.count; i++) {                                                  \
            asm volatile("wgmma.fence.sync.aligned;" ::: "memory");                               \
            PEAK_WGMMA(kind);                                                                     \
            PEAK_WGMMA(kind);                                                                     \
            PEAK_WGMMA(kind);                                                                     \
            PEAK_WGMMA(kind);                                                                     \
            asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");                        \
            asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");                        \
        }                                                                                         \
        for (int k = 1; k < 64; k++)                                                              \
            d[0] += d[k];                                                                         \
        if (d[0] < 0) /* it is not */                                                             \
            *(uint32_t *)j.from = 0;                                                              \
        peak_says(j, 4 * 2 * 64 * 128 * 16 / 128);                                                \
    }

#elif __CUDA_ARCH__ >= 800

#define PEAK_TENSOR(name, kind)                                                                   \
    extern "C" __global__ void name(const job j)                                                  \
    {                                                                                             \
        float d[CHAINS][4] = {{0}}, sum = 0;                                                      \
        uint32_t a = (uint32_t)j.type;                                                            \
                                                                                                  \
        for (uint64_t i = 0; i < j.count; i++)                                                    \
            _Pragma("unroll") for (int k = 0; k < CHAINS; k++)                                    \
                asm volatile("mma.sync.aligned.m16n8k16.row.col.f32." kind "." kind               \
                             ".f32 {%0, %1, %2, %3}, {%4, %4, %4, %4}, {%4, %4}, "                \
                             "{%0, %1, %2, %3};"                                                  \
                             : "+f"(d[k][0]), "+f"(d[k][1]), "+f"(d[k][2]), "+f"(d[k][3])         \
                             : "r"(a));                                                           \
        for (int k = 0; k < CHAINS; k++)                                                          \
            sum += d[k][0] + d[k][1] + d[k][2] + d[k][3];                                         \
        if (sum < 0) /* it is not */                                                              \
            *(uint32_t *)j.from = 0;                                                              \
        peak_says(j, CHAINS * 2 * 16 * 8 * 16 / 32);                                              \
    }

#else

#define PEAK_TENSOR(name, kind)                 \
    extern "C" __global__ void name(const job)  \
    {                                           \
    }

#endif

PEAK_TENSOR(ks_peak_f16, "f16")
PEAK_TENSOR(ks_peak_bf16, "bf16")
