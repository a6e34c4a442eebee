struct S {
#pragma ksearch inout(x[n]) workload(n = 1024)
    static void f(float *x, int n) { }
#pragma ksearch inout(x[n]) launch(grid = 1, block = 32) workload(n = 1024)
    friend __global__ void k(float *x, int n) { }
};
