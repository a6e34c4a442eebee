__global__ void g(const float *x, float *y, int n);
#pragma ksearch in(x[n] as float) out(y[n] as float) call(f(x, y, (int)n, stream))
#pragma ksearch workload(n = 1024)
#pragma ksearch reference(g)
void f(const float *x, float *y, int n, cudaStream_t s)
{
}
