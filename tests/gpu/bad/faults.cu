// The original writes through a null pointer.
constexpr int BLOCK = 128;

#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 65536) tune(BLOCK = 64, 128, 256)
__global__ void faults(const float *a, float *b, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    float *nowhere = nullptr;
    if (i < n)
        nowhere[i] = b[i] = a[i];
}
