constexpr int BLOCK = 256;

#pragma ksearch in(a[n * rows], b[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 64, rows = 2) assume(rows > 1)
__global__ void vadd(const float *a, const float *b, float *c, int n)
{
}
