// Recorded as it is: see record.sh.
#include <cuda_fp16.h>
#include <mma.h>
using namespace nvcuda;
namespace parts {
__global__ void tile(float *c, const __half *a, const __half *b, int k)
{
    __shared__ __align__(16) __half as[2][16 * 16];
    wmma::fragment<wmma::matrix_a, 16, 16, 16, __half, wmma::row_major> fa;
    wmma::fragment<wmma::matrix_b, 16, 16, 16, __half, wmma::col_major> fb;
    wmma::fragment<wmma::accumulator, 16, 16, 16, float> fc;
    wmma::fill_fragment(fc, 0.f);
    for (int i = 0; i < k; i += 16) {
        unsigned to = (unsigned)__cvta_generic_to_shared(&as[i / 16 % 2][threadIdx.x * 8]);
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(a + i * 16 + threadIdx.x * 8));
        asm volatile("cp.async.wait_all;");
        __syncthreads();
        wmma::load_matrix_sync(fa, as[i / 16 % 2], 16);
        wmma::load_matrix_sync(fb, b + i * 16, 16);
        wmma::mma_sync(fc, fa, fb, fc);
    }
    wmma::store_matrix_sync(c, fc, 16, wmma::mem_row_major);
}
template <int N> __global__ void sums(float *y, const float4 *x, const float *w, int n)
{
    float v = 0;
    for (int i = threadIdx.x; i < n; i += N) {
        float4 q = x[blockIdx.x * n + i];
        v += (q.x + q.y * w[i]) * __expf(q.z) + q.w;
    }
    for (int d = 16; d; d >>= 1)
        v += __shfl_xor_sync(~0u, v, d);
    if (threadIdx.x % 32 == 0)
        atomicAdd(y + blockIdx.x, v);
}
template __global__ void sums<256>(float *, const float4 *, const float *, int);
__global__ void __launch_bounds__(1024, 2) spilled(float *y, const float *x)
{
    float v[36];
#pragma unroll
    for (int i = 0; i < 36; i++)
        v[i] = x[threadIdx.x + i * 1024];
#pragma unroll 1
    for (int r = 0; r < 4; r++) {
        __syncthreads();
#pragma unroll
        for (int i = 0; i < 36; i++)
            v[i] = v[i] * v[(i * 7 + 1) % 36] + v[(i + 13) % 36];
    }
#pragma unroll
    for (int i = 0; i < 36; i++)
        y[threadIdx.x + i * 1024] = v[i];
}
}
