// The original writes where no memory is. The address comes from an argument: a write through a
// pointer that the compiler knows to be null is undefined, and left out.
constexpr int BLOCK = 128;

#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 65536) tune(BLOCK = 64, 128, 256)
__global__ void faults(const float *a, float *b, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    float *nowhere = reinterpret_cast<float *>(static_cast<size_t>(n));
    if (i < n)
        nowhere[i] = b[i] = a[i];
}

void run_faults(const float *a, float *b, int n, cudaStream_t stream)
{
    faults<<<(n + BLOCK - 1) / BLOCK, BLOCK, 0, stream>>>(a, b, n);
}
