// Vector addition: one kernel, one tunable block size. The tunable is an ordinary constant: its
// value in the code is the default, and every launch site in this file follows it.
#include "vadd.cuh"

constexpr int BLOCK = 256;

#pragma ksearch in(a[n], b[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 1<<20, 1<<26) test(n = 1, 1000003)
#pragma ksearch tune(BLOCK = pow2(64, 1024))
__global__ void vadd(const float *a, const float *b, float *c, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        c[i] = a[i] + b[i];
}

void run_vadd(const float *a, const float *b, float *c, int n, cudaStream_t s)
{
    vadd<<<(n + BLOCK - 1) / BLOCK, BLOCK, 0, s>>>(a, b, c, n);
}
