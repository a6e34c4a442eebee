// Softmax of each row, one block a row: the maximum, the sum of exponentials, the quotient. The
// tunables are macros; ITEMS is how many numbers a thread loads before it uses the first.
#include "softmax.cuh"

#define THREADS 256
#define ITEMS 1

// both combine one value of every thread and give the result to all
static __device__ float block_max(float v)
{
    __shared__ float part[32];
    for (int o = 16; o; o >>= 1)
        v = fmaxf(v, __shfl_xor_sync(~0u, v, o));
    if (threadIdx.x % 32 == 0)
        part[threadIdx.x / 32] = v;
    __syncthreads();
    v = threadIdx.x % 32 < THREADS / 32 ? part[threadIdx.x % 32] : -INFINITY;
    for (int o = 16; o; o >>= 1)
        v = fmaxf(v, __shfl_xor_sync(~0u, v, o));
    return v;
}

static __device__ float block_sum(float v)
{
    __shared__ float part[32];
    for (int o = 16; o; o >>= 1)
        v += __shfl_xor_sync(~0u, v, o);
    if (threadIdx.x % 32 == 0)
        part[threadIdx.x / 32] = v;
    __syncthreads();
    v = threadIdx.x % 32 < THREADS / 32 ? part[threadIdx.x % 32] : 0.f;
    for (int o = 16; o; o >>= 1)
        v += __shfl_xor_sync(~0u, v, o);
    return v;
}

#pragma ksearch in(x[rows][cols]) out(y[rows][cols]) launch(grid = rows, block = THREADS)
#pragma ksearch workload(attention: rows = 16384, cols = 2048) workload(logits: rows = 256, cols = 128256)
#pragma ksearch test(rows = 3, cols = 1, 33, 1000)
#pragma ksearch tune(THREADS = pow2(64, 1024)) tune(ITEMS = 1, 2, 4, 8)
#pragma ksearch budget(time = 1min)
__global__ void softmax_rows(const float *x, float *y, int rows, int cols)
{
    const float *in = x + (size_t)blockIdx.x * cols;
    float *out = y + (size_t)blockIdx.x * cols;
    float m = -INFINITY, s = 0;

    for (int i0 = threadIdx.x; i0 < cols; i0 += THREADS * ITEMS)
#pragma unroll
        for (int i = i0, k = 0; k < ITEMS; i += THREADS, k++)
            if (i < cols)
                m = fmaxf(m, in[i]);
    m = block_max(m);

    for (int i0 = threadIdx.x; i0 < cols; i0 += THREADS * ITEMS)
#pragma unroll
        for (int i = i0, k = 0; k < ITEMS; i += THREADS, k++)
            if (i < cols)
                s += expf(in[i] - m);
    s = block_sum(s);

    for (int i0 = threadIdx.x; i0 < cols; i0 += THREADS * ITEMS)
#pragma unroll
        for (int i = i0, k = 0; k < ITEMS; i += THREADS, k++)
            if (i < cols)
                out[i] = expf(in[i] - m) / s;
}

void softmax(const float *x, float *y, int rows, int cols, cudaStream_t stream)
{
    softmax_rows<<<rows, THREADS, 0, stream>>>(x, y, rows, cols);
}
