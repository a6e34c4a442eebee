// The original adds to an output that nobody initialised.
constexpr int BLOCK = 128;

#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 65536) tune(BLOCK = 64, 128, 256)
__global__ void unwritten(const float *a, float *b, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        b[i] += a[i];
}

void run_unwritten(const float *a, float *b, int n, cudaStream_t stream)
{
    unwritten<<<(n + BLOCK - 1) / BLOCK, BLOCK, 0, stream>>>(a, b, n);
}
