// A host entry that a model may restructure: the sums of squares of rows, a thread each.
#include <cuda_runtime.h>

static __global__ void norms_kernel(float *y, const float *x, int cols)
{
    float sum = 0;
    for (int i = 0; i < cols; i++)
        sum += x[(size_t)blockIdx.x * cols + i] * x[(size_t)blockIdx.x * cols + i];
    y[blockIdx.x] = sqrtf(sum);
}

#pragma ksearch in(x[rows][cols]) out(y[rows]) scratch(1M) hint("cut the rows into parts")
#pragma ksearch workload(rows = 4, 64, cols = 1 << 20) test(rows = 3, cols = 5, 1000)
void norms(float *y, const float *x, int rows, int cols, cudaStream_t stream)
{
    norms_kernel<<<rows, 1, 0, stream>>>(y, x, cols);
}
