// Kernels and host functions of one name, some of them entries, and a namesake in another namespace.
#include <cstdio>
constexpr int B = 32;
namespace a {
__global__ void add(float *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n) x[blockIdx.x * B + threadIdx.x] += 1;
}
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), block = B, smem = 0)
__global__ void add(double *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n) x[blockIdx.x * B + threadIdx.x] += 1;
}
#pragma ksearch name(addf) arg(by = 2) inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), block = B)
__global__ void add(float *x, int n, float by)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n) x[blockIdx.x * B + threadIdx.x] += by;
}
template <typename T> __global__ void add(T *x, int n, T by, T more)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n) x[blockIdx.x * B + threadIdx.x] += by + more;
}
template <int N, typename... T> __global__ void add(float *x, int n, int m, int k, T... more)
{
    if (threadIdx.x < (unsigned)n)
        x[threadIdx.x] = N + sizeof...(more) + m + k;
}
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) name(ha)
int go(float *x, int n) { add<<<(n + B - 1) / B, B>>>(x, n); return B; }
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) name(hb)
int go(double *x, int n) { add<<<(n + B - 1) / B, B>>>(x, n); return B; }
int go(int *x, int n) { return go((float *)x, n); }
}
namespace b {
__global__ void add(float *x, long n) { x[n] = 1; }
inline void f(float *x) { add<<<1, 2>>>(x, 3); }
}
int main()
{
    float *x = nullptr; double *y = nullptr;
    a::add<<<2, 32>>>(x, 64);
    a::add<<<2, 32>>>(y, 64);
    a::add<<<2, 32>>>(x, 64, 1.f);
    a::add<<<2, 32>>>(x, 64, 1.f, 2.f);
    a::add<float><<<2, 32>>>(x, 64, 1.f, 2.f);
    a::add<3><<<2, 32>>>(x, 64, 1, 2, 3.f, 4.0);
    b::f(x);
    std::printf("%d\n", a::go(x, 64) + a::go(y, 64) + a::go((int *)x, 64));
}
