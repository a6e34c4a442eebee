// Variants whose results differ from the original's; a function of the user's says which are as good.
#include <cmath>

constexpr int STEPS = 64;
constexpr int ROUGH = 16;

bool near_enough(const float *expected, const float *got, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(std::fabs(expected[i] - got[i]) < 0.6f))
            return false;
    return true;
}

// off by half of one where there are four steps, by one where there is one
#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, 256), block = 256) check(b, by = near_enough)
#pragma ksearch workload(n = 1 << 20) test(n = 1000) tune(STEPS = 1, 4, 64)
__global__ void asked(const float *a, float *b, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    float x = 0;
    if (i >= n)
        return;
#pragma unroll 1
    for (int k = 0; k < STEPS; k++)
        x += __fdiv_rn(a[i], 1 + x * 0);
    b[i] = x / STEPS + (STEPS == 4 ? 0.5f : STEPS == 1 ? 1.f : 0.f);
}

// the same, and the type's tolerance decides
#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, 256), block = 256)
#pragma ksearch workload(n = 1 << 20) test(n = 1000) tune(ROUGH = 4, 16)
__global__ void not_asked(const float *a, float *b, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i < n)
        b[i] = a[i] + (ROUGH == 4 ? 0.5f : 0.f);
}

void run(const float *a, float *b, int n, cudaStream_t stream)
{
    asked<<<(n + 255) / 256, 256, 0, stream>>>(a, b, n);
    not_asked<<<(n + 255) / 256, 256, 0, stream>>>(a, b, n);
}
