// Kernels whose figures are known: bytes (more than the L2 cache holds), operations, occupancy. With -DPROGRAM a program that launches each once, for ncu.
#include <cstdio>
#include <cuda_bf16.h>
#include <mma.h>

#pragma ksearch in(a[n], b[n]) out(c[n]) launch(grid = cdiv(n, 256), block = 256)
#pragma ksearch workload(n = 1<<25)
__global__ void add(const float *a, const float *b, float *c, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        c[i] = a[i] + b[i];
}

// few blocks with much shared memory: one on a multiprocessor
#pragma ksearch in(x[rows][4096]) out(y[rows]) launch(grid = rows, block = 128)
#pragma ksearch workload(rows = 32768)
__global__ void row_sums(const float *x, float *y, int rows)
{
    __shared__ float all[10000];
    float sum = 0;
    for (int i = threadIdx.x; i < 4096; i += 128)
        sum += x[(size_t)blockIdx.x * 4096 + i];
    all[threadIdx.x] = sum;
    __syncthreads();
    for (int half = 64; half > 0; half /= 2) {
        if (threadIdx.x < half)
            all[threadIdx.x] += all[threadIdx.x + half];
        __syncthreads();
    }
    if (threadIdx.x == 0)
        y[blockIdx.x] = all[0];
}

// 4096 multiply-adds for each element, and little to read
#pragma ksearch in(x[n]) out(y[n]) launch(grid = cdiv(n, 256), block = 256)
#pragma ksearch workload(n = 1<<24)
__global__ void powers(const float *x, float *y, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n)
        return;
    float a = x[i], r[8];
    for (int k = 0; k < 8; k++)
        r[k] = a + k;
#pragma unroll 16
    for (int step = 0; step < 512; step++)
        for (int k = 0; k < 8; k++)
            r[k] = r[k] * 0.5f + a;
    float sum = 0;
    for (int k = 0; k < 8; k++)
        sum += r[k];
    y[i] = sum;
}

// tensor cores: a warp a tile of 16 x 16
#pragma ksearch in(a[m][m], b[m][m]) out(c[m][m]) launch(grid = (m / 16, m / 64), block = (32, 4))
#pragma ksearch workload(m = 4096)
__global__ void product(const __nv_bfloat16 *a, const __nv_bfloat16 *b, float *c, int m)
{
    namespace w = nvcuda::wmma;
    w::fragment<w::matrix_a, 16, 16, 16, __nv_bfloat16, w::row_major> x;
    w::fragment<w::matrix_b, 16, 16, 16, __nv_bfloat16, w::row_major> y;
    w::fragment<w::accumulator, 16, 16, 16, float> z;
    int row = (blockIdx.y * 4 + threadIdx.y) * 16, col = blockIdx.x * 16;
    w::fill_fragment(z, 0.f);
    for (int k = 0; k < m; k += 16) {
        w::load_matrix_sync(x, a + (size_t)row * m + k, m);
        w::load_matrix_sync(y, b + (size_t)k * m + col, m);
        w::mma_sync(z, x, y, z);
    }
    w::store_matrix_sync(c + (size_t)row * m + col, z, m, w::mem_row_major);
}

#ifdef PROGRAM
template <typename T> static T *array(size_t n)
{
    T *p = nullptr;
    cudaMalloc(&p, n * sizeof(T));
    cudaMemset(p, 0x3c, n * sizeof(T));
    return p;
}

// what the worker does before a launch: the L2 cache is full of clean lines of nobody's
static __global__ void flush(const uint4 *from, size_t n, unsigned *sink)
{
    unsigned x = 0;
    for (size_t i = blockIdx.x * (size_t)blockDim.x + threadIdx.x; i < n; i += (size_t)gridDim.x * blockDim.x) {
        uint4 v = from[i];
        x |= v.x | v.y | v.z | v.w;
    }
    if (x)
        *sink = x;
}

static void cold()
{
    static size_t n;
    static uint4 *zeros;
    static unsigned *sink;
    if (!n) {
        int l2 = 0;
        cudaDeviceGetAttribute(&l2, cudaDevAttrL2CacheSize, 0);
        n = 2 * (size_t)l2 / 16;
        cudaMalloc(&zeros, n * 16);
        cudaMemset(zeros, 0, n * 16);
        cudaMalloc(&sink, 4);
    }
    flush<<<1024, 256>>>(zeros, n, sink);
}

int main()
{
    const int n = 1 << 25, m = 4096;
    float *a = array<float>(n), *b = array<float>(n), *c = array<float>(n), *rows = array<float>(32768 * 4096);
    __nv_bfloat16 *p = array<__nv_bfloat16>(m * m), *q = array<__nv_bfloat16>(m * m);
    cold();
    add<<<n / 256, 256>>>(a, b, c, n);
    cold();
    row_sums<<<32768, 128>>>(rows, c, 32768);
    cold();
    powers<<<(1 << 24) / 256, 256>>>(a, c, 1 << 24);
    cold();
    product<<<dim3(m / 16, m / 64), dim3(32, 4)>>>(p, q, c, m);
    printf("%s\n", cudaGetErrorString(cudaDeviceSynchronize()));
}
#endif
