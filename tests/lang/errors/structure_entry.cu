#pragma ksearch in(x[n]) out(y[n]) workload(n = 4) structure("s/scratch.cuh")
void f(float *y, const float *x, int n)
{
}
#pragma ksearch in(x[n]) out(y[n]) workload(n = 4) structure("s/nothing_to_run.cuh")
int returns(float *y, const float *x, int n)
{
    return 0;
}
#pragma ksearch in(x[n] as float) out(y[n] as float) workload(n = 4) call(called(y, x, n)) structure("s/nothing_to_run.cuh")
void called(float *y, const float *x, int n)
{
}
#pragma ksearch in(x[n]) out(y[n]) workload(n = 4) setup(fill()) structure("s/nothing_to_run.cuh")
void set_up(float *y, const float *x, int n)
{
}
#pragma ksearch in(x[n]) out(y[n]) workload(n = 4) launch(grid = n, block = 1) structure("s/nothing_to_run.cuh")
__global__ void other(float *y, const float *x, int n)
{
}
#pragma ksearch in(x[n]) out(y[n]) workload(n = 4) launch(grid = n, block = 1) structure("s/kernel.cuh")
__global__ void one(float *y, const float *x, int n)
{
}
