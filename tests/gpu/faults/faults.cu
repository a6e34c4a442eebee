// Of 500 variants one in five is bad, in one of twenty ways; the others all do the same.
#include <cstdio>
#define LAST 500
constexpr int CASE = 1;
#ifdef HONEST
constexpr int WAY = -1;
#else
constexpr int WAY = CASE % 5 ? -1 : CASE / 5 % 20;
#endif

template <int WAY> __device__ void misbehave(const float *x, float *y, int n, int i)
{
    if (WAY == 0 || WAY == 8)
        y[i] += *(const volatile float *)8; // no such address
    if (WAY == 1 || WAY == 9)
        __trap();
    if (WAY == 2 || WAY == 10)
        y[i] += *(const volatile float *)((const char *)x + 2); // misaligned
    if (WAY == 3 && i == n - 1)
        y[n] = 1;
    if (WAY == 11 && i == 0)
        y[-1] = 1;
    if (WAY == 4 || WAY == 12)
        y[i + (1ll << 34)] = 1; // of nobody, or of somebody else
    if (WAY == 5 || WAY == 13)
        y[i] += 1;
    if (WAY == 6)
        asm volatile("no such instruction;");
    if (WAY == 7) {
        volatile char deep[300 << 10]; // of every thread that could run: more than some cards have, and wrong where it fits
        for (int k = 0; k < 300 << 10; k += 1000)
            deep[(k + i) % (300 << 10)] = (char)k;
        y[i] += deep[i % 1000] + 1; // what lies there is even, or zero
    }
    if (WAY == 14 && i == 0)
        ((float *)x)[0] = y[0] + 1;
    if (WAY == 15 && n > 1000 && i == 1000)
        y[i] = 0; // at the larger sizes only
    if (WAY == 16)
        while (*(const volatile float *)x > -1e30f)
            ;
    if (WAY == 17)
        for (long long end = clock64() + 60000000000; clock64() < end;)
            ;
    if (WAY == 18)
        for (;;)
            printf("and on and on and on and on %d\n", i);
    if (WAY == 19) {
        float sum = 0;
        while (float *more = (float *)malloc(1 << 20))
            sum += (size_t)more > 0;
        y[i] += sum + 1;
    }
}

#pragma ksearch in(x[n] = uniform(0.5, 1.5)) out(y[n]) workload(n = 1 << 16) test(n = 1, 1000)
#pragma ksearch tune(CASE = range(1, LAST)) launch(grid = cdiv(n, 256), block = 256)
__global__ void faults(const float *x, float *y, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i >= n)
        return;
    y[i] = 2 * x[i];
    misbehave<WAY>(x, y, n, i);
}
