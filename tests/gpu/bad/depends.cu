// Only the value in the code gives the right result: every other one loses elements, one hangs and one
// asks for too many threads. The search must live through all of them and keep the original.
constexpr int BLOCK = 128;

#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, 128), block = BLOCK)
#pragma ksearch workload(n = 65536) test(n = 1000) tune(BLOCK = 32, 64, 96, 128, 2048)
__global__ void depends(const float *a, float *b, int n)
{
    int i = blockIdx.x * 128 + threadIdx.x;
    if (BLOCK == 96)
        for (volatile int spin = 0; spin == 0;)
            ;
    if (i < n)
        b[i] = a[i];
}

void run_depends(const float *a, float *b, int n, cudaStream_t stream)
{
    depends<<<(n + 127) / 128, BLOCK, 0, stream>>>(a, b, n);
}
