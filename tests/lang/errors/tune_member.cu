// tunables as static constexpr members of a traits struct
#include <cuda_runtime.h>
struct Traits { static constexpr int kBlock = 256; static constexpr int kItems = 4; };
#pragma ksearch in(x[n]) out(y[n]) launch(grid = cdiv(n, Traits::kBlock * Traits::kItems), block = Traits::kBlock) workload(n = 1<<20) tune(Traits::kBlock = 128, 256, 512) tune(Traits::kItems = 1, 2, 4)
__global__ void relu(const float *x, float *y, int n)
{
    int base = blockIdx.x * Traits::kBlock * Traits::kItems + threadIdx.x;
    for (int k = 0; k < Traits::kItems; k++) { int i = base + k * Traits::kBlock; if (i < n) y[i] = fmaxf(x[i], 0.f); }
}
void f(const float *x, float *y, int n) { const int b = Traits::kBlock * Traits::kItems; relu<<<(n + b - 1) / b, Traits::kBlock>>>(x, y, n); }
