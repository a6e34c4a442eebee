using index = unsigned long long;
#pragma ksearch in(x[n]) out(y[n])
#pragma ksearch workload(n = 1024)
void f(const index *x, float *y, int n, cudaStream_t s)
{
}
