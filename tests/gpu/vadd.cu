// tests/gpu/vadd.cu - variants of a vector addition, right and wrong; -DVARIANT chooses one.
#define RIGHT 0
#define WRONG 1     // one too many everywhere
#define PAST 2      // writes one element past the end
#define INPUT 3     // overwrites an input
#define FAULT 4     // reads from address 0
#define HANG 5      // never ends
#define UNWRITTEN 6 // leaves the last element alone
#define LAZY 7      // computes only where it sees a NaN
#define BEFORE 8    // writes one element in front of the output
#define SLOW 9      // does it sixteen times
#define UNSTEADY 10 // rounds as the clock has it
#define BLIND 12    // takes a NaN for a zero
#define FIXED 13    // computes in steps of 2^-19

extern "C" __global__ void vadd(const float *a, const float *b, float *c, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;

    if (i >= n)
        return;
    float sum = a[i] + b[i];
#if VARIANT == RIGHT
    c[i] = sum;
#elif VARIANT == WRONG
    c[i] = sum + 1;
#elif VARIANT == PAST
    c[i] = sum;
    if (i == n - 1)
        c[n] = 1;
#elif VARIANT == INPUT
    c[i] = sum;
    if (i == 0)
        ((float *)b)[0] = sum;
#elif VARIANT == FAULT
    c[i] = sum + *(const volatile float *)0;
#elif VARIANT == HANG
    while (*(volatile const float *)a < 1e30f)
        ;
    c[i] = sum;
#elif VARIANT == UNWRITTEN
    if (i < n - 1)
        c[i] = sum;
#elif VARIANT == LAZY
    if (isnan(c[i]))
        c[i] = sum;
#elif VARIANT == BEFORE
    c[i] = sum;
    if (i == 0)
        c[-1] = 1;
#elif VARIANT == SLOW
    for (int k = 0; k < 16; k++)
        *(volatile float *)&c[i] = sum + *(const volatile float *)&b[i];
    c[i] = sum;
#elif VARIANT == UNSTEADY
    c[i] = clock64() / 64 % 3 ? sum : sum * 1.000001f;
#elif VARIANT == BLIND
    c[i] = isnan(sum) ? 0 : sum;
#elif VARIANT == FIXED
    c[i] = (rintf(a[i] * 524288) + rintf(b[i] * 524288)) / 524288;
#endif
}
