void g();
#pragma ksearch in(x[n] as float) out(y[n] as float) call(Runner{y, n}.f(x, s))
#pragma ksearch workload(n = 1024)
#pragma ksearch reference(g)
void f(const float *x, float *y, int n, cudaStream_t s)
{
}
