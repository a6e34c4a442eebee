// Entries whose bodies use macros, and launches inside of macros.
#include <cstdio>
#define BLOCK 32
#define INDEX (blockIdx.x * BLOCK + threadIdx.x)
#define LAUNCH(k, g, b, ...) k<<<g, b>>>(__VA_ARGS__)
#define LAUNCH_2(k, ...) LAUNCH(k, __VA_ARGS__)
#define SAY(k, g, b, ...) (std::puts(#k), std::fflush(stdout), k<<<g, b>>>(__VA_ARGS__))
#define GRID(n) ((n) + BLOCK - 1) / BLOCK, BLOCK
#define GO(x, n) add<<<((n) + BLOCK - 1) / BLOCK, BLOCK>>>(x, n)
#define ON(x, n) add<<<((n) + BLOCK - 1) / BLOCK, BLOCK>>>(x, n)
#define ON_ALL(x, n) do { ON(x, n); } while (0)
#define TWICE(f, x, n) (f(x, n), f(x, n))
#ifdef BY_FUNCTION
#define EITHER(x, n) (x ? cudaLaunchKernel((const void *)add, dim3(2), dim3(32), nullptr, 0, 0) : 0)
#else
#define EITHER(x, n) add<<<((n) + BLOCK - 1) / BLOCK, BLOCK>>>(x, n)
#endif
#define PICK(x) (x ? add : nullptr)
#pragma ksearch inout(x[n]) workload(n = 64) tune(BLOCK = 32, 64) launch(grid = cdiv(n, BLOCK), block = BLOCK)
__global__ void add(float *x, int n)
{
    if (INDEX < (unsigned)n) x[INDEX] += 1;
}
#define with(k, g, b, ...) k<<<g, b>>>(__VA_ARGS__)
template <typename K, typename... A> void launch(K k, int grid, int block, A... a)
{
    k<<<grid, block>>>(a...);
}
struct Step {
    static void run(float *x) { launch(add, 2, 32, x, 64); }
};
int main()
{
    float *x = nullptr;
    add<<<2, 32>>>(x, 64);
    add<<<GRID(64)>>>(x, 64);
    LAUNCH(add, 2, 32, x, 64);
    GO(x, 64);
    LAUNCH_2(add, 2, 32, x, 64);
    SAY(add, 2, 32, x, 64);
    launch(&add, 2, 32, x, 64);
    with(add, 2, 32, x, 64);
#define HERE(x, n) add<<<((n) + BLOCK - 1) / BLOCK, BLOCK>>>(x, n)
    HERE(x, 64);
    EITHER(x, 64);
    ON(x, 64);
    ON_ALL(x, 64);
    TWICE(ON, x, 64);
    Step::run(x);
    launch(PICK(!x), 2, 32, x, 64);
    cudaFuncSetAttribute(add, cudaFuncAttributeMaxDynamicSharedMemorySize, 1024);
    cudaLaunchKernel((const void *)add, dim3(2), dim3(32), nullptr, 0, 0);
}
