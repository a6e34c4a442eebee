// Variants that take more registers, or more shared memory, than they may.
constexpr int HELD = 1;
constexpr int TILE = 512;

#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, 256), block = 256) require(regs <= 40)
#pragma ksearch workload(n = 1 << 20) test(n = 1000) tune(HELD = 1, 2, 128)
__global__ void registers(const float *a, float *b, int n)
{
    // HELD products that all live at once; none of them matters
    float x[HELD], odd = 0;
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i >= n)
        return;
#pragma unroll
    for (int k = 0; k < HELD; k++)
        x[k] = a[i] * (float)(k + n);
#pragma unroll 1
    for (int turn = 0; turn < 3; turn++)
#pragma unroll
        for (int k = 0; k < HELD; k++)
            x[k] = x[k] * 0.5f + a[(i + turn) % n];
#pragma unroll
    for (int k = 0; k < HELD; k++)
        odd += x[k] > 1e30f ? 1.f : 0.f;
    b[i] = a[i] + odd;
}

static __global__ void through_shared(const float *a, float *b, int n)
{
    extern __shared__ float s[];
    for (int k = threadIdx.x; k < TILE; k += blockDim.x)
        s[k] = blockIdx.x * TILE + k < n ? a[blockIdx.x * TILE + k] : 0;
    __syncthreads();
    for (int k = threadIdx.x; k < TILE; k += blockDim.x)
        if (blockIdx.x * TILE + k < n)
            b[blockIdx.x * TILE + k] = s[k];
}

#pragma ksearch in(a[n]) out(b[n]) require(smem <= 10K)
#pragma ksearch workload(n = 1 << 20) test(n = 1000) tune(TILE = 512, 2048, 8192)
void shared(const float *a, float *b, int n, cudaStream_t stream)
{
    through_shared<<<(n + TILE - 1) / TILE, 256, TILE * sizeof(float), stream>>>(a, b, n);
}

void run_registers(const float *a, float *b, int n, cudaStream_t stream)
{
    registers<<<(n + 255) / 256, 256, 0, stream>>>(a, b, n);
}
