// The original waits for a flag that never comes.
constexpr int BLOCK = 128;

#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 65536) tune(BLOCK = 64, 128, 256)
__global__ void hangs(const float *a, float *b, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    volatile float *flag = b;
    if (i < n)
        b[i] = a[i];
    while (flag[0] == flag[0] || flag[0] != flag[0])
        ;
}

void run_hangs(const float *a, float *b, int n, cudaStream_t stream)
{
    hangs<<<(n + BLOCK - 1) / BLOCK, BLOCK, 0, stream>>>(a, b, n);
}
