constexpr int BLOCK = 256;
constexpr int ITEMS = 2;

#pragma ksearch in(a[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK) workload(n = 4096)
// here
__global__ void k(const float *a, float *c, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        c[i] = a[i] * ITEMS;
}

void run(const float *a, float *c, int n)
{
    k<<<(n + BLOCK - 1) / BLOCK, BLOCK>>>(a, c, n);
}
