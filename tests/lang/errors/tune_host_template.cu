#pragma ksearch tune(N = 1, 2)
#pragma ksearch in(x[n]) out(y[n])
#pragma ksearch workload(n = 1024)
template <int N = 1>
void f(const float *x, float *y, int n, cudaStream_t s)
{
}
