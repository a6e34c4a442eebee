struct S { void f(const float *x, float *y, int n); };
#pragma ksearch in(x[n]) out(y[n])
#pragma ksearch workload(n = 1024)
void S::f(const float *x, float *y, int n, cudaStream_t s)
{
}
