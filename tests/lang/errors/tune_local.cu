// the block size is a local variable of the launcher; no constant anywhere
#include <cuda_runtime.h>
#pragma ksearch in(x[n]) out(y[n]) launch(grid = cdiv(n, threads), block = threads) workload(n = 1<<24) tune(threads = 64, 128, 256)
__global__ void sq(const float *x, float *y, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = x[i] * x[i];
}
void run(const float *x, float *y, int n)
{
    const int threads = 256;
    int blocks = (n + threads - 1) / threads;
    sq<<<blocks, threads>>>(x, y, n);
}
