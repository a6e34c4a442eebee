// Counts of bytes, in shared memory first.
#pragma ksearch in(x[n] = integers(0, 255)) inout(bins[256] = zeros) launch(grid = 528, block = 256)
#pragma ksearch workload(n = 1 << 26) test(n = 1000)
__global__ void histogram(const unsigned char *x, unsigned *bins, int n)
{
    __shared__ unsigned mine[256];
    mine[threadIdx.x] = 0;
    __syncthreads();
    for (int i = blockIdx.x * 256 + threadIdx.x; i < n; i += gridDim.x * 256)
        atomicAdd(&mine[x[i]], 1u);
    __syncthreads();
    atomicAdd(&bins[threadIdx.x], mine[threadIdx.x]);
}

void run_histogram(const unsigned char *x, unsigned *bins, int n)
{
    histogram<<<528, 256>>>(x, bins, n);
}
