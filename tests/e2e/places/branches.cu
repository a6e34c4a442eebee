// Conditions around and inside of an entry; constants that both branches define.
#include <cstdio>
#ifdef BIG
constexpr int B = 64;
#else
constexpr int B = 32;
#endif
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
#define STEP 4
#else
#define STEP 2
#endif
#ifndef NO_ADD
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64, 128) launch(grid = cdiv(n, B), block = B)
__global__ void add(float *x, int n)
{
#ifdef __CUDA_ARCH__
    if (blockIdx.x * B + threadIdx.x < (unsigned)n) x[blockIdx.x * B + threadIdx.x] += 1;
#else
    (void)x; (void)n;
#endif
}
#endif
int main()
{
    float *x = nullptr;
    add<<<2, 32>>>(x, 64);
    std::printf("%d\n", STEP);
}
