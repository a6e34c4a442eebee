template <typename T> __global__ void f(T *x, int n);
#pragma ksearch inout(x[n]) launch(grid = 1, block = 32)
#pragma ksearch workload(n = 1024)
template <> __global__ void f<float>(float *x, int n)
{
}
