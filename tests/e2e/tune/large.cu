constexpr int BLOCK = 64;
constexpr int ITEMS = 1;

#pragma ksearch in(a[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK) workload(n = 65536)
#pragma ksearch tune(BLOCK = 64, 96, 128, 160) tune(ITEMS = 1, 2, 4)
__global__ void large(const float *a, float *c, int n)
{
    __shared__ float tile[ITEMS * 3100];
    int i = blockIdx.x * BLOCK + threadIdx.x;
    for (int k = threadIdx.x; k < ITEMS * 3100; k += BLOCK)
        tile[k] = i + k < n ? a[i + k] : 0;
    __syncthreads();
    if (i < n)
        c[i] = tile[(threadIdx.x * 7) % (ITEMS * 3100)];
}

void run(const float *a, float *c, int n)
{
    large<<<(n + BLOCK - 1) / BLOCK, BLOCK>>>(a, c, n);
}
