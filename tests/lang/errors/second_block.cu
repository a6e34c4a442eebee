constexpr int BLOCK = 256;

#pragma ksearch in(q[n], b[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 1024)
__global__ void vadd(const float *a, const float *b, float *c, int n)
{
}
#pragma ksearch in(x) out(y[n])
#pragma ksearch workload(n = 1024)
void f(const float *x, float *y, int n, cudaStream_t s)
{
}
