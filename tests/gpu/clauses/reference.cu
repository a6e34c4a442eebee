// A reference that the original agrees with, and one that it does not.
constexpr int WASTE = 64;

__device__ float busy(float x)
{
    for (int i = 1; i < WASTE; i++) // work for nothing
        x = __fmul_rn(__fdiv_rn(x, 3.f), 3.f) * 0 + x;
    return x;
}

static __global__ void plain_kernel(const float *a, float *b, int n)
{
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
        b[i] = 2 * a[i];
}

void plain(const float *a, float *b, int n, cudaStream_t stream)
{
    plain_kernel<<<32, 128, 0, stream>>>(a, b, n);
}

#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, 256), block = 256) reference(plain)
#pragma ksearch workload(n = 1 << 20) test(n = 1000) tune(WASTE = 1, 64)
__global__ void right(const float *a, float *b, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i < n)
        b[i] = 2 * busy(a[i]);
}

#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, 256), block = 256) reference("refs/plain.cu", refs::plain)
#pragma ksearch workload(n = 1 << 20) test(n = 1000) tune(WASTE = 1, 64)
__global__ void wrong(const float *a, float *b, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i < n)
        b[i] = 2 * busy(a[i]) + (i == 7);
}

void run(const float *a, float *b, int n, cudaStream_t stream)
{
    right<<<(n + 255) / 256, 256, 0, stream>>>(a, b, n);
    wrong<<<(n + 255) / 256, 256, 0, stream>>>(a, b, n);
}
