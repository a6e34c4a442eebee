#pragma ksearch in(x[n]) out(y[n]) workload(n = 64) structure("café.cuh")
void f(float *y, const float *x, int n, cudaStream_t s)
{
}
