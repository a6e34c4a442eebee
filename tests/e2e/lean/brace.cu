#include "other.h"
constexpr int B = 64;

#pragma ksearch in(x[n]) out(y[n]) launch(grid = cdiv(n, B), block = B) workload(n = 65536) test(n = 1, 1000)
#pragma ksearch tune(B = 64, 128)
__global__ void brace(const float *x, float *y, int n)
{
    int i = blockIdx.x * B + threadIdx.x;
    if (i < n)
        y[i] = 2 * x[i];
}

/* whose end nobody sees who does not look into the header */
int all(const float *x, float *y, int n)
{
    if (n > 0) OPEN
        brace<<<(n + B - 1) / B, B>>>(x, y, n);
    }
    return 0;
}
