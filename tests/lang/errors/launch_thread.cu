constexpr int BLOCK = 256;
#pragma ksearch in(x[n]) out(y[n]) launch(grid = (n + blockDim.x - 1) / blockDim.x, block = BLOCK) workload(n = 1<<20) tune(BLOCK = 128, 256)
__global__ void scale(const float *x, float *y, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n) y[i] = 2 * x[i];
}
void run(const float *x, float *y, int n) { scale<<<(n + BLOCK - 1) / BLOCK, BLOCK>>>(x, y, n); }
