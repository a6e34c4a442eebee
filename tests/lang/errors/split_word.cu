constexpr int BLOCK = 256;

#pragma ksearch in(a[n]) out(b[n]) launch(grid = n, block = BLOCK) workload(n = 64)
#pragma ksearch tune(BLOCK = 128, 25\
6)
__global__ void vadd(const float *a, float *b, int n)
{
    b[threadIdx.x] = a[threadIdx.x];
}
