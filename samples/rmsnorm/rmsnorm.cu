// Row-wise RMSNorm. The entry is the host function, so the launch needs no description and a
// search may change it; the kernel belongs to the region because of begin/end.
#include "rmsnorm.cuh"

#pragma ksearch begin rmsnorm
constexpr int THREADS = 256;

static __device__ float block_sum(float v)
{
    __shared__ float part[32];
    for (int o = 16; o; o >>= 1)
        v += __shfl_xor_sync(~0u, v, o);
    if (threadIdx.x % 32 == 0)
        part[threadIdx.x / 32] = v;
    __syncthreads();
    v = threadIdx.x < THREADS / 32 ? part[threadIdx.x] : 0.f;
    if (threadIdx.x < 32)
        for (int o = 16; o; o >>= 1)
            v += __shfl_xor_sync(~0u, v, o);
    if (threadIdx.x == 0)
        part[0] = v;
    __syncthreads();
    return part[0];
}

static __global__ void rmsnorm_kernel(__half *y, const __half *x, const __half *w, float eps, int d)
{
    const __half *row = x + (size_t)blockIdx.x * d;
    float ss = 0;
    for (int i = threadIdx.x; i < d; i += THREADS) {
        float v = __half2float(row[i]);
        ss += v * v;
    }
    float r = rsqrtf(block_sum(ss) / d + eps);
    for (int i = threadIdx.x; i < d; i += THREADS)
        y[(size_t)blockIdx.x * d + i] = __float2half(__half2float(row[i]) * r * __half2float(w[i]));
}

#pragma ksearch in(x[rows][d], w[d] = uniform(0.5, 1.5)) out(y[rows][d]) arg(eps = 1e-5)
#pragma ksearch workload(rows = 1, 16, d = 4096) workload(prefill: rows = 8192, d = 4096, weight = 3)
#pragma ksearch test(rows = 3, d = 4104) assume(d % 8 == 0)
#pragma ksearch check(y, rtol = 1e-2, atol = 1e-3) require(deterministic, graph) budget(time = 1min)
#pragma ksearch tune(THREADS = 64, 128, 256, 512, 1024)
#pragma ksearch hint("memory bound: 16-byte loads; keep the row in registers for d <= 8192")
void rmsnorm(__half *y, const __half *x, const __half *w, float eps, int rows, int d, cudaStream_t stream)
{
    rmsnorm_kernel<<<rows, THREADS, 0, stream>>>(y, x, w, eps, d);
}
#pragma ksearch end
