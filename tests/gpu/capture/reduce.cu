// tests/gpu/capture/reduce.cu - the sum of many numbers: each block adds its share in shared memory, the
// host adds what the blocks have.
#include <cmath>
#include <vector>
#include "check.cuh"

constexpr int THREADS = 256;
constexpr int BLOCKS = 512;

__global__ void reduce(const float *__restrict__ in, float *__restrict__ partial, unsigned n)
{
    __shared__ float sums[THREADS];
    float sum = 0;

    for (unsigned i = blockIdx.x * THREADS + threadIdx.x; i < n; i += gridDim.x * THREADS)
        sum += in[i];
    sums[threadIdx.x] = sum;
    __syncthreads();
    for (int step = THREADS / 2; step > 0; step /= 2) {
        if (threadIdx.x < step)
            sums[threadIdx.x] += sums[threadIdx.x + step];
        __syncthreads();
    }
    if (threadIdx.x == 0)
        partial[blockIdx.x] = sums[0];
}

int main(int argc, char **argv)
{
    const unsigned n = argc > 1 ? (unsigned)atoi(argv[1]) : 5000000;
    std::vector<float> in(n), partial(BLOCKS);
    double want = 0, got = 0;
    float *device_in, *device_partial;

    srand(2);
    for (float &x : in)
        want += x = rand() / (float)RAND_MAX;
    CHECK(cudaMalloc(&device_in, n * sizeof(float)));
    CHECK(cudaMalloc(&device_partial, BLOCKS * sizeof(float)));
    CHECK(cudaMemcpy(device_in, in.data(), n * sizeof(float), cudaMemcpyHostToDevice));
    reduce<<<BLOCKS, THREADS>>>(device_in, device_partial, n);
    CHECK(cudaGetLastError());
    CHECK(cudaMemcpy(partial.data(), device_partial, BLOCKS * sizeof(float), cudaMemcpyDeviceToHost));
    for (float x : partial)
        got += x;
    return verdict(fabs(got - want) <= 1e-5 * want);
}
