#pragma ksearch begin one
#pragma ksearch in(x[n]) out(y[n])
#pragma ksearch workload(n = 1024)
void f(const float *x, float *y, int n, cudaStream_t s)
{
}
#pragma ksearch in(x[n]) out(y[n])
#pragma ksearch workload(n = 1024)
void g(const float *x, float *y, int n, cudaStream_t s)
{
}
#pragma ksearch end
