// A dot product: partial sums of blocks, added by atomics.
#pragma ksearch in(a[n], b[n]) inout(sum[1] = zeros) launch(grid = 528, block = 256) check(sum, rtol = 1e-2, atol = 1)
#pragma ksearch workload(n = 1 << 24) test(n = 1, 1000)
__global__ void dot(const float *a, const float *b, float *sum, int n)
{
    __shared__ float part[256];
    float s = 0;
    for (int i = blockIdx.x * 256 + threadIdx.x; i < n; i += gridDim.x * 256)
        s += a[i] * b[i];
    part[threadIdx.x] = s;
    __syncthreads();
    for (int d = 128; d > 0; d /= 2) {
        if (threadIdx.x < d)
            part[threadIdx.x] += part[threadIdx.x + d];
        __syncthreads();
    }
    if (threadIdx.x == 0)
        atomicAdd(sum, part[0]);
}

void run_dot(const float *a, const float *b, float *sum, int n)
{
    dot<<<528, 256>>>(a, b, sum, n);
}
