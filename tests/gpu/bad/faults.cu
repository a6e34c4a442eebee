// The original writes to an address that is not there. It is computed at run time: a write that the compiler can see to be undefined
// would not be made at all.
constexpr int BLOCK = 128;

#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 65536) tune(BLOCK = 64, 128, 256)
__global__ void faults(const float *a, float *b, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    float *nowhere = b + ((long long)gridDim.y << 40);
    if (i < n)
        nowhere[i] = b[i] = a[i];
}
