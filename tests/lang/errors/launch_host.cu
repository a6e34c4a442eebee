#pragma ksearch in(x[n]) out(y[n])
#pragma ksearch workload(n = 1024)
#pragma ksearch launch(grid = 1, block = 1)
void f(const float *x, float *y, int n, cudaStream_t s)
{
}
