#define ARGS const float *x, float *y, int n
#pragma ksearch in(x[n]) out(y[n]) launch(grid = 1, block = 32)
#pragma ksearch workload(n = 1024)
__global__ void f(ARGS)
{
}
