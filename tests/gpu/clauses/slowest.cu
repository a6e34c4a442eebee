// Four launches in ten take long, as the inputs have it; the other way takes a little longer each time. On average the first is faster,
// by what nine of ten launches stay below the second.
constexpr int HOW = 0, WAY = 0;

static __device__ float spend(float x, const float *ones, int steps)
{
    float one = ones[0] >= 0 ? 1.f : 2.f; // always 1, which the compiler does not know
#pragma unroll 1
    for (int k = 0; k < steps; k++)
        x = fmaf(x, one, 0.f);
    return x;
}

#pragma ksearch in(x[n] = uniform(0.0, 1.0)) out(y[n]) launch(grid = cdiv(n, 256), block = 256) objective(time, p90)
#pragma ksearch workload(n = 1 << 16) test(n = 1000) tune(HOW = 0, 1)
__global__ void slowest(const float *x, float *y, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i < n)
        y[i] = spend(x[i], x, HOW == 1 ? 5000 : x[0] < 0.4f ? 9000 : 100);
}

#pragma ksearch in(x[n] = uniform(0.0, 1.0)) out(y[n]) launch(grid = cdiv(n, 256), block = 256)
#pragma ksearch workload(n = 1 << 16) test(n = 1000) tune(WAY = 0, 1)
__global__ void usual(const float *x, float *y, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i < n)
        y[i] = spend(x[i], x, WAY == 1 ? 5000 : x[0] < 0.4f ? 9000 : 100);
}

void run_both(const float *x, float *y, int n, cudaStream_t stream)
{
    slowest<<<(n + 255) / 256, 256, 0, stream>>>(x, y, n);
    usual<<<(n + 255) / 256, 256, 0, stream>>>(x, y, n);
}
