// A kernel with one tunable; tests search it with a worker that answers from a recording.
#include "factor.h"

constexpr int BLOCK = 128;

#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 1<<20) test(n = 1, 1000)
#pragma ksearch tune(BLOCK = 64, 128, 256)
__global__ void scale(const float *a, float *b, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        b[i] = FACTOR * a[i];
}

void run_scale(const float *a, float *b, int n, cudaStream_t s)
{
    scale<<<(n + BLOCK - 1) / BLOCK, BLOCK, 0, s>>>(a, b, n);
}
