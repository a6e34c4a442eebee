// The original writes one element past its output.
constexpr int BLOCK = 128;

#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n + 1, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 65536) tune(BLOCK = 64, 128, 256)
__global__ void overruns(const float *a, float *b, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i <= n)
        b[i] = i < n ? a[i] : 1.0f;
}

void run_overruns(const float *a, float *b, int n, cudaStream_t stream)
{
    overruns<<<(n + BLOCK) / BLOCK, BLOCK, 0, stream>>>(a, b, n);
}
