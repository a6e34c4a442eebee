#ifndef BLOCK
#define BLOCK 256
#endif
#ifndef SIZE
#define SIZE 1000
#endif
#pragma ksearch in(a[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK) workload(n = SIZE) tune(BLOCK = pow2(64, 1024))
__global__ void k(const float *a, float *c, int n) { int i = blockIdx.x * BLOCK + threadIdx.x; if (i < n) c[i] = a[i]; }
