// Entries in all kinds of namespaces, with all kinds of specifiers.
#include <cstdio>
constexpr int B = 32;
namespace {
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), block = B)
__global__ void hidden(float *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n)
        x[blockIdx.x * B + threadIdx.x] += 1;
}
} // namespace
namespace a::b {
inline namespace v2 {
namespace {
constexpr int W = 2;
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) tune(W = 1, 2) launch(grid = cdiv(n, B * W), block = B)
static __global__ void deep(float *x, int n)
{
    for (int i = 0; i < W; i++)
        if ((blockIdx.x * B + threadIdx.x) * W + i < (unsigned)n)
            x[(blockIdx.x * B + threadIdx.x) * W + i] += 2;
}
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64)
auto host(float *x, int n, cudaStream_t s = nullptr) noexcept -> int
{
    deep<<<(n + B * W - 1) / (B * W), B, 0, s>>>(x, n);
    return B;
}
} // namespace
} // namespace v2
inline int through(float *x, int n)
{
    deep<<<(n + 63) / 64, 32>>>(x, n);
    v2::deep<<<(n + 63) / 64, 32>>>(x, n);
    ::a::b::deep<<<(n + 63) / 64, 32>>>(x, n);
    return host(x, n);
}
} // namespace a::b
namespace outer = a;
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), block = B)
extern "C" __global__ void plain(float *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n)
        x[blockIdx.x * B + threadIdx.x] += 3;
}
extern "C" {
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), block = B)
__global__ void plain2(float *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n)
        x[blockIdx.x * B + threadIdx.x] += 3;
}
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64)
[[gnu::noinline]] int chost(float *x, int n)
{
    plain2<<<(n + B - 1) / B, B>>>(x, n);
    return B;
}
}
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), block = B)
__global__ void __launch_bounds__(B, 2) bounded(float *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n)
        x[blockIdx.x * B + threadIdx.x] += 4;
}
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = 2 * cdiv(n, B), block = B)
__global__ void __cluster_dims__(2, 1, 1) clustered(float *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n)
        x[blockIdx.x * B + threadIdx.x] += 5;
}
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), block = B)
__global__ void __maxnreg__(64) few(float *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n)
        x[blockIdx.x * B + threadIdx.x] += 6;
}
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), block = B)
__attribute__((used)) __global__ auto trailing([[maybe_unused]] float *__restrict__ x, const int n = 64) -> void
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n)
        x[blockIdx.x * B + threadIdx.x] += 7;
}
int main()
{
    float *x = nullptr;
    hidden<<<2, 32>>>(x, 64);
    a::b::through(x, 64);
    plain<<<2, 32>>>(x, 64);
    plain2<<<2, 32>>>(x, 64);
    bounded<<<2, 32>>>(x, 64);
    clustered<<<4, 32>>>(x, 64);
    few<<<2, 32>>>(x, 64);
    trailing<<<2, 32>>>(x);
    trailing<<<dim3(2), dim3(32), 0, nullptr>>>(x, 64);
    namespace inner = outer::b;
    outer::b::deep<<<1, 32>>>(x, 64);
    inner::v2::deep<<<1, 32>>>(x, 64);
    std::printf("%d\n", chost(x, 64));
}
