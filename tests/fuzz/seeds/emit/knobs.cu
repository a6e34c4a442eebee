constexpr int B = 32;
#define TWO 2
__device__ int sum(int n) { int s = 0; for (int i = 0; i < n; i++) s += i; return s; }
__device__ int sum(float n) { static const int a = 3; for (int i = 0; i < n; i++) { for (; i < a; ++i) ; } return a; }
#pragma ksearch inout(x[n]) out(y[n]) workload(n = 64) launch(grid = n, block = (B, TWO))
__global__ void k(float *__restrict__ x, unsigned int *y, int n)
{
    auto f = [&](int m) { for (int i = 0; i < m; i += 2) x[i] = n; };
    if (n) for (int i = n; i; i >>= 1) y[i * 4 + threadIdx.x] = sum(n) + x[i]; else f(n);
#if A
    for (int i = 0; i < n; i++) {
#else
    for (int i = 0; i < 2 * n; i++) {
#endif
#pragma unroll
        for (int j = 0; j < n; j++) y[j] = x[j] <= 3 ? 1 : sum(1.f);
    }
}
template <typename T, int N> static __global__ void __launch_bounds__(N) c(T *a, __half *b, int n)
{
    do for (int i = 0; i < n; i++) b[i] = a[i]; while (n == 3);
}
extern "C" __global__ void d(double *a) { a[0] = 1; }
#pragma ksearch in(b[n]) out(a[n]) workload(n = 64)
void h(float *a, float *b, int n) { c<float, 64><<<n, 64>>>(a, b, n); d<<<1, n>>>(a); }
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = n, block = n)
__global__ void e(float *x, int n) { for (int i = 0; i < B; i++) x[i] = B; }
void r(float *x, unsigned *y) { k<<<1, dim3(B, 2)>>>(x, y, 3); e<<<1, 2>>>(x, 2); }
