#pragma ksearch instance(T = float, T = int)
#pragma ksearch in(x[n]) out(y[n])
#pragma ksearch workload(n = 1024)
template <typename T>
void f(const float *x, float *y, int n, cudaStream_t s)
{
}
