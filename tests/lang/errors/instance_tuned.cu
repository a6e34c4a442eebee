#pragma ksearch instance(N = 4) tune(N = 2, 4)
#pragma ksearch in(a[n], b[n]) out(c[n]) launch(grid = cdiv(n, 256), block = 256)
#pragma ksearch workload(n = 1024)
template <int N = 2>
__global__ void vadd(const float *a, const float *b, float *c, int n)
{
}
