// The same sums, in the given number of passes over the arrays: each pass costs time and energy.
constexpr int PASSES = 8;

#pragma ksearch in(a[n], b[n]) out(c[n]) launch(grid = cdiv(n, 256), block = 256) objective(energy)
#pragma ksearch workload(n = 1 << 24) test(n = 1000) tune(PASSES = 1, 4, 8) budget(time = 60s)
__global__ void passes(const float *a, const float *b, volatile float *c, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i >= n)
        return;
    for (int pass = 0; pass < PASSES; pass++)
        c[i] = a[i] + b[i];
}

void run_passes(const float *a, const float *b, float *c, int n, cudaStream_t stream)
{
    passes<<<(n + 255) / 256, 256, 0, stream>>>(a, b, c, n);
}
