constexpr int THREADS = 256;

#pragma ksearch tune(THREADS = 256, 512, 1024)

__global__ void row_sums(T *y, const T *x, int rows, int cols)
{
    __shared__ T part[32];
    const float4 *row = reinterpret_cast<const float4 *>(x + (size_t)blockIdx.x * cols);
    T sum = 0;
    for (int i = threadIdx.x; i < cols / 4; i += THREADS) {
        const float4 v = row[i];
        sum += (v.x + v.y) + (v.z + v.w);
    }
    for (int d = 16; d; d >>= 1)
        sum += __shfl_xor_sync(~0u, sum, d);
    if (threadIdx.x % 32 == 0)
        part[threadIdx.x / 32] = sum;
    __syncthreads();
    if (threadIdx.x == 0) {
        for (int i = 1; i < THREADS / 32; i++)
            sum += part[i];
        y[blockIdx.x] = sum;
    }
}
