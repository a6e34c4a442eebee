// A kernel whose object is used again; every header of it is one that a test changes.
#include "first.h"
#include <second.h>
#if __has_include(<asked.h>)
#include <asked.h>
#endif

constexpr int BLOCK = 128;

#ifndef __CUDA_ARCH__
int host_only() { return 111; }
#endif

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
