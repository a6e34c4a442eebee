#pragma ksearch inout(x[n]) launch(grid = 1, block = 32)
#pragma ksearch workload(n = 1024)
__global__ void f(float *x, int *x, int n)
{
}
