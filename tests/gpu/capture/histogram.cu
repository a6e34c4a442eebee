// tests/gpu/capture/histogram.cu - how often each byte occurs: bins in shared memory, added to the result at
// the end.
#include <vector>
#include "check.cuh"

constexpr int THREADS = 256;
constexpr int BINS = 256;

__global__ void histogram(const unsigned char *data, unsigned *bins, size_t n)
{
    __shared__ unsigned mine[BINS];
    size_t stride = (size_t)gridDim.x * THREADS;

    for (int b = threadIdx.x; b < BINS; b += THREADS)
        mine[b] = 0;
    __syncthreads();
    for (size_t i = (size_t)blockIdx.x * THREADS + threadIdx.x; i < n; i += stride)
        atomicAdd(&mine[data[i]], 1u);
    __syncthreads();
    for (int b = threadIdx.x; b < BINS; b += THREADS)
        atomicAdd(&bins[b], mine[b]);
}

int main(int argc, char **argv)
{
    const size_t n = argc > 1 ? (size_t)atol(argv[1]) : 10000000;
    std::vector<unsigned char> data(n);
    std::vector<unsigned> want(BINS), got(BINS);
    unsigned char *device_data;
    unsigned *device_bins;

    srand(3);
    for (unsigned char &x : data)
        want[x = (unsigned char)(rand() >> 7)]++;
    CHECK(cudaMalloc(&device_data, n));
    CHECK(cudaMalloc(&device_bins, BINS * sizeof(unsigned)));
    CHECK(cudaMemcpy(device_data, data.data(), n, cudaMemcpyHostToDevice));
    CHECK(cudaMemset(device_bins, 0, BINS * sizeof(unsigned)));
    histogram<<<480, THREADS>>>(device_data, device_bins, n);
    CHECK(cudaGetLastError());
    CHECK(cudaMemcpy(got.data(), device_bins, BINS * sizeof(unsigned), cudaMemcpyDeviceToHost));
    return verdict(got == want);
}
