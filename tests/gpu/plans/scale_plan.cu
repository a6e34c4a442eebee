#include <cooperative_groups.h>
#define PART (BLOCKS * 4)
constexpr int BLOCKS = 8, THREADS = 256;

#pragma ksearch tune(BLOCKS = 4, 8) tune(THREADS = 128, 256) where(PART <= 64)
#pragma ksearch let(chunks = cdiv(n, THREADS * 4))
#pragma ksearch when(n >= 50000)
#pragma ksearch scratch(sums[PART] as float)
#pragma ksearch zero(sums)
#pragma ksearch run(scale_many<<<min(chunks, gpu.sms * 8), THREADS>>>(y, x, s, n))
#pragma ksearch run(partial<THREADS><<<PART, THREADS, 96 * 1024, 4>>>(sums, x, n, PART))
#pragma ksearch run(finish<<<1, 32>>>(total, sums, PART))
#pragma ksearch when(n > 64)
#pragma ksearch zero(total)
#pragma ksearch run(scale_many<<<chunks, THREADS>>>(y, x, s, n))
#pragma ksearch run(atomic_total<<<chunks, THREADS>>>(total, x, n))

static __global__ void scale_many(float *y, const float *x, Scale s, long long n)
{
    for (long long i = blockIdx.x * (long long)THREADS + threadIdx.x; i < n; i += (long long)gridDim.x * THREADS)
        y[i] = x[i] * s.by + s.plus;
}

// a cluster of four blocks adds up through shared memory of its first one
template <int N>
__global__ void partial(float *sums, const float *x, int n, int parts)
{
    namespace cg = cooperative_groups;
    extern __shared__ float buffer[];
    cg::cluster_group cluster = cg::this_cluster();
    float sum = 0;
    for (int i = blockIdx.x * N + threadIdx.x; i < n; i += parts * N)
        sum += x[i] * x[i];
    float *mine = buffer + 20 * 1024; // beyond 48 KB
    mine[threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.x == 0) {
        sum = 0;
        for (int i = 0; i < N; i++)
            sum += mine[i];
        mine[0] = sum;
    }
    cluster.sync();
    if (cluster.block_rank() == 0 && threadIdx.x == 0) {
        sum = 0;
        for (unsigned r = 0; r < cluster.num_blocks(); r++)
            sum += *cluster.map_shared_rank(mine, r);
        sums[blockIdx.x] += sum;
    }
    cluster.sync();
}

static __global__ void finish(float *total, const float *sums, unsigned parts)
{
    float sum = 0;
    for (unsigned i = threadIdx.x; i < parts; i += 32)
        sum += sums[i];
    for (int d = 16; d; d >>= 1)
        sum += __shfl_xor_sync(~0u, sum, d);
    if (threadIdx.x == 0)
        *total = sum;
}

static __global__ void atomic_total(float *total, const float *x, int n)
{
    float sum = 0;
    for (int i = blockIdx.x * THREADS + threadIdx.x; i < n; i += gridDim.x * THREADS)
        sum += x[i] * x[i];
    for (int d = 16; d; d >>= 1)
        sum += __shfl_xor_sync(~0u, sum, d);
    if (threadIdx.x % 32 == 0)
        atomicAdd(total, sum);
}
