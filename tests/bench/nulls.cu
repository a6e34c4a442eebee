// tests/bench/nulls.cu - four kernels whose results do not depend on WORK, and whose times do: with
// 98 instead of 100 they take 2 % less, where the launch itself is not what takes long.
//
// Every thread reads one element, and keeps it as it is.
constexpr int WORK = WORK_PERCENT;

// so many multiply-adds by 1, which the compiler cannot know of
static __device__ float chain(float v, const float *x, long long steps)
{
    float one = x[0] == x[0] ? 1.0f : 2.0f;
#pragma unroll 10
    for (long long k = 0; k < steps; k++)
        v = fmaf(v, one, 0.0f);
    return v;
}

#pragma ksearch in(x[n + n / 25]) out(y[n]) workload(n = 1 << 20) launch(grid = cdiv(n, 256), block = 256)
extern "C" __global__ void us5(const float *x, float *y, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i < n)
        y[i] = 2 * x[i];
}

// bound by the memory: the last twenty-fifth of x is read for nothing
#pragma ksearch in(x[n + n / 25]) out(y[n]) workload(n = 18 << 20) launch(grid = cdiv(n, 256), block = 256)
extern "C" __global__ void us50(const float *x, float *y, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i >= n)
        return;
    float v = x[i];
    if (WORK == 100 && i < n / 25)
        v += 0.0f * x[n + i];
    y[i] = v;
}

#pragma ksearch in(x[n + n / 25]) out(y[n]) workload(n = 1 << 18) launch(grid = cdiv(n, 256), block = 256)
extern "C" __global__ void us500(const float *x, float *y, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i < n)
        y[i] = chain(x[i], x, 500 * WORK);
}

#pragma ksearch in(x[n + n / 25]) out(y[n]) workload(n = 1 << 18) launch(grid = cdiv(n, 256), block = 256)
extern "C" __global__ void us5000(const float *x, float *y, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i < n)
        y[i] = chain(x[i], x, 5000 * WORK);
}
