#pragma ksearch tune(N = 1, 2, 4)
enum { N = 2 };
template <int K> static __device__ float twice(float v) { return K * v; }
__global__ void f(float *y, const float *x, int n) { y[blockIdx.x] = twice<N>(x[blockIdx.x]); }
