constexpr int BLOCK = 256;

#pragma ksearch in(a[n], b[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(m = 4294967295, n = 1<<20, 1<<33)
#pragma ksearch test(n = 5, 1<<31, m = -1)
__global__ void vadd(const float *a, const float *b, float *c, const int n, unsigned m)
{
}
