// tests/bench/disturb.cu - somebody else on the GPU: kernels of 0.1 to 3 ms, and pauses as long, until
// it is killed. They take half of the multiprocessors, or all memory bandwidth, in turns.
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

static __global__ void spin(float *p, long long clocks)
{
    long long end = clock64() + clocks;
    while (clock64() < end)
        p[threadIdx.x] += 1;
}

static __global__ void move(float4 *to, const float4 *from, size_t n)
{
    for (size_t i = blockIdx.x * (size_t)blockDim.x + threadIdx.x; i < n; i += (size_t)gridDim.x * blockDim.x)
        to[i] = from[i];
}

int main()
{
    const size_t n = 16 << 20; // of 16 bytes
    float4 *p;
    if (cudaMalloc(&p, 2 * n * sizeof *p))
        return 1;
    srand(1);
    for (;;) {
        int us = 100 + rand() % 2900;
        if (rand() % 2)
            spin<<<66, 256>>>((float *)p, us * 1700LL);
        else
            for (int k = 0; k < us / 150 + 1; k++)
                move<<<1056, 256>>>(p, p + n, n);
        if (cudaDeviceSynchronize())
            return 1;
        usleep(100 + rand() % 2900);
    }
}
