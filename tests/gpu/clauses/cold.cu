// 12 MB that fit into the L2 cache of a large card, measured when they are not there.
constexpr int BLOCK = 256;

#pragma ksearch in(a[n], b[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK) objective(time, cold)
#pragma ksearch workload(n = 1 << 20) test(n = 1000) tune(BLOCK = 128, 256, 512)
__global__ void vadd(const float *a, const float *b, float *c, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        c[i] = a[i] + b[i];
}

void run_vadd(const float *a, const float *b, float *c, int n, cudaStream_t stream)
{
    vadd<<<(n + BLOCK - 1) / BLOCK, BLOCK, 0, stream>>>(a, b, c, n);
}
