constexpr int B = 64;
struct half_t {
    short bits;
};
#pragma ksearch inout(x[n] = zeros) launch(grid = cdiv(n, B), block = B) tune(B = 32, 64)
#pragma ksearch workload(n = 1024) instance(T = float) instance(T = half_t) instance(T = half_t, N = 3)
template <typename T, int N = 1 + (1)> __global__ void f(T *x, int n)
{
    x[threadIdx.x * N] = T();
}
template <> __global__ void f<int>(int *x, int n)
{
}
template <> __global__ void f<half_t, 1 + (1)>(half_t *x, int n)
{
}
