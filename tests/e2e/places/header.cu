// An annotated file with an annotated header.
#include "annotated.cuh"
constexpr int B = 32;
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), block = B)
__global__ void add(float *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n) x[blockIdx.x * B + threadIdx.x] = HB;
}
void run(float *x, int n) { add<<<(n + B - 1) / B, B>>>(x, n); hrun(x, n); }
