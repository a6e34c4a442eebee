// Entries that share constants and helpers; one launches others, one calls another and itself.
#include <cstdio>
constexpr int B = 32, HALF = 2; /* copies have no use for the second */
constexpr int TILE = B * 2;
static __device__ float half_of(float x) { return x / TILE; }
static __device__ float plain_of(float x) { return x / HALF; }
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, TILE), block = B)
__global__ void one(float *x, int n)
{
    if (blockIdx.x * TILE + threadIdx.x < (unsigned)n) x[blockIdx.x * TILE + threadIdx.x] = half_of(x[0]) + plain_of(x[1]);
}
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), block = B)
__global__ void two(float *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n) x[blockIdx.x * B + threadIdx.x] = half_of(x[1]);
}
/* launches an entry: what it launches was measured as part of it */
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64)
int both(float *x, int n)
{
    one<<<(n + TILE - 1) / TILE, B>>>(x, n);
    two<<<(n + B - 1) / B, B>>>(x, n);
    return B;
}
/* calls an entry, and itself */
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64)
int again(float *x, int n, int depth = 2) noexcept
{
    if (depth == 0)
        return both(x, n) + B;
    return again(x, n, depth - 1);
}
#ifndef WITHOUT_MAIN
int main()
{
    float *x = nullptr;
    one<<<1, 32>>>(x, 64);
    two<<<2, 32>>>(x, 64);
    std::printf("both\n%d\n", both(x, 64));
    std::printf("again\n%d\n", again(x, 64));
}
#endif
