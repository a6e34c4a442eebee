// Two instances, default template arguments, an explicit specialisation and an instantiation.
#include <cstdio>
constexpr int B = 32;
template <typename T> struct Twice { using type = T; };
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) instance(T = float) instance(T = double, N = 4) launch(grid = cdiv(n, B * N), block = B)
template <typename T, int N = 2, typename U = typename Twice<T>::type> __global__ void scale(T *x, int n)
{
    for (int i = 0; i < N; i++)
        if ((blockIdx.x * B + threadIdx.x) * N + i < (unsigned)n) x[(blockIdx.x * B + threadIdx.x) * N + i] *= U(2);
}
template <> __global__ void scale<int, 2, int>(int *x, int n)
{
    if (threadIdx.x < B) x[threadIdx.x] = n;
}
template __global__ void scale<short, 2, short>(short *x, int n);
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) instance(T = float)  name(h)
template <typename T> int run(T *x, int n)
{
    scale<T><<<(n + 2 * B - 1) / (2 * B), B>>>(x, n);
    return B;
}
template <> int run<int>(int *, int n) { return n; }
template <typename T> __device__ T doubled(const T &x) { return 2 * x; }
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) instance(T = float, F = doubled<float>) launch(grid = cdiv(n, B), block = B)
template <typename T, T (*F)(const T &)> __global__ void map(T *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n) x[blockIdx.x * B + threadIdx.x] = F(x[blockIdx.x * B + threadIdx.x]);
}
int main()
{
    float *x = nullptr; double *y = nullptr; int *z = nullptr;
    scale<<<1, 32>>>(x, 64);
    scale<<<1, 32>>>(y, 64);
    scale<double, 4><<<1, 32>>>(y, 64);
    scale<<<1, 32>>>(z, 64);
    auto *const kernel = &scale<float>;
    [&] { kernel<<<1, 32>>>(x, 64); }();
    auto chosen = scale<float>;
    if (!x) chosen = scale<float, 4>;
    chosen<<<1, 32>>>(x, 64);
    map<float, doubled<float>><<<2, 32>>>(x, 64);
    std::printf("%d\n", run(x, 64) + run(y, 64) + run(z, 64));
}
