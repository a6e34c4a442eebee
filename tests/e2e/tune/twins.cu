constexpr int BLOCK = 128;
constexpr int SPARE = 1;

#pragma ksearch in(a[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK) workload(n = 65536)
#pragma ksearch tune(BLOCK = 64, 128) tune(SPARE = 1, 2, 3, 4)
__global__ void twins(const float *a, float *c, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        c[i] = SPARE > 3 ? a[i] : 2 * a[i];
}

void run(const float *a, float *c, int n)
{
    twins<<<(n + BLOCK - 1) / BLOCK, BLOCK>>>(a, c, n);
}
