// A sum that is the same each time, or not; and a function that waits for the GPU.
constexpr int WAYS = 1;
constexpr int BLOCK = 128;

static __global__ void add_up(const float *a, float *sum, int n)
{
    float x = 0;
    for (int i = blockIdx.x * 256 + threadIdx.x; i < n; i += WAYS * 256)
        x += a[i];
    if (WAYS > 1)
        atomicAdd(sum + threadIdx.x, x); // in any order
    else
        sum[threadIdx.x] = x;
}

#pragma ksearch in(a[n]) out(sum[256]) require(deterministic) check(sum, rtol = 1e-2, atol = 1e-1)
#pragma ksearch workload(n = 1 << 20) test(n = 100000) tune(WAYS = 1, 64)
void total(const float *a, float *sum, int n, cudaStream_t stream)
{
    cudaMemsetAsync(sum, 0, 256 * sizeof(float), stream);
    add_up<<<WAYS, 256, 0, stream>>>(a, sum, n);
}

static __global__ void copy(const float *a, float *b, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        b[i] = a[i];
}

#pragma ksearch in(a[n]) out(b[n]) require(graph) workload(n = 1 << 20) tune(BLOCK = 64, 128, 256)
void waits(const float *a, float *b, int n, cudaStream_t stream)
{
    copy<<<(n + BLOCK - 1) / BLOCK, BLOCK, 0, stream>>>(a, b, n);
    cudaStreamSynchronize(stream);
}
