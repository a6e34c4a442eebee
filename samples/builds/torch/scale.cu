// An extension of PyTorch. The annotated kernel needs nothing of torch, so it stands in a file of its own:
// variants of it compile in a second, and not in the minute that torch's headers take.
#include "scale.cuh"

constexpr int BLOCK = 256;

#pragma ksearch in(x[n]) out(y[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch arg(by = 2.5) workload(n = 1 << 24) test(n = 1, 1000) tune(BLOCK = 64, 128, 256, 512)
static __global__ void scale_kernel(float *y, const float *x, float by, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        y[i] = by * x[i];
}

void scale(float *y, const float *x, float by, int n, cudaStream_t stream)
{
    scale_kernel<<<(n + BLOCK - 1) / BLOCK, BLOCK, 0, stream>>>(y, x, by, n);
}
