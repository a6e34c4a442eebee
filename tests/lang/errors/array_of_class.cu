#include <cuda_runtime.h>
#include <cstdint>
struct ScaleParams { const float *in; float *out; int64_t n; float alpha; };
constexpr int kT = 256;
#pragma ksearch in(in[n] as float) out(out[n] as float) arg(p = ScaleParams{in, out, n, 2.f}) launch(grid = cdiv(p.n, kT), block = kT)
#pragma ksearch workload(n = 1<<24) tune(kT = 64, 128, 256)
__global__ void scale_kernel(ScaleParams p)
{
    int64_t i = blockIdx.x * (int64_t)kT + threadIdx.x;
    if (i < p.n)
        p.out[i] = p.alpha * p.in[i];
}
void go(ScaleParams p, cudaStream_t s) { scale_kernel<<<(p.n + kT - 1) / kT, kT, 0, s>>>(p); }
