#define KERNEL(name) __global__ void name
#pragma ksearch in(x[n]) out(y[n]) launch(grid = 1, block = 32)
#pragma ksearch workload(n = 1024)
KERNEL(f)(const float *x, float *y, int n)
{
}
int main()
{
}
