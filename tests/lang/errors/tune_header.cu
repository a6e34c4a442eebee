#include "sizes.h"

#pragma ksearch inout(x[n]) launch(grid = cdiv(n, SIZE), block = SIZE) workload(n = 64)
#pragma ksearch tune(SIZE = 64, 128)
__global__ void f(float *x, int n)
{
    int i = blockIdx.x * SIZE + threadIdx.x;
    if (i < n)
        x[i] += 1;
}
