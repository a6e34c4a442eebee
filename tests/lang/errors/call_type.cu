#pragma ksearch in(t[n]) out(y[n]) call(f(t, y, n, stream))
#pragma ksearch workload(n = 1024)
void f(const float *x, float *y, int n, cudaStream_t s)
{
}
