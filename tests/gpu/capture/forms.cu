// tests/gpu/capture/forms.cu - every way to launch a kernel and to own its memory, for the capture alone.
// With FORMS_FAULT set, the last launch faults.
#include <cooperative_groups.h>
#include "check.cuh"

struct View {
    int n;
    float *at;
};

__global__ void plain(float *x, int n) { if (threadIdx.x < n) x[threadIdx.x] += 1; }
__global__ void with_cluster(float *x, int n) { if (threadIdx.x < n) x[threadIdx.x] += 2; }
__global__ void cooperative(float *x, int n)
{
    cooperative_groups::this_grid().sync();
    if (blockIdx.x == 0 && threadIdx.x < n)
        x[threadIdx.x] += 3;
}
__global__ void managed(float *x, int n) { if (threadIdx.x < n) x[threadIdx.x] += 4; }
__global__ void pinned(float *x, int n) { if (threadIdx.x < n) x[threadIdx.x] += 5; }
__global__ void pooled(const float *a, float *b, int n) { if (threadIdx.x < n) b[threadIdx.x] = a[threadIdx.x] + 6; }
__global__ void by_value(View v) { if (threadIdx.x < v.n) v.at[threadIdx.x] += 7; }
__global__ void in_graph(float *x, int n) { if (threadIdx.x < n) x[threadIdx.x] += 8; }
template <typename T, int N> __global__ void templated(T *x, T by) { if (threadIdx.x < N) x[threadIdx.x] += by; }
__global__ void dynamic(float *x, int n)
{
    extern __shared__ float s[];
    s[threadIdx.x] = 9;
    __syncthreads();
    if (threadIdx.x < n)
        x[threadIdx.x] += s[threadIdx.x];
}
__global__ void faults(float *x) { x[1ull << 40] = 1; }

static void launch_with_cluster(float *x, int n)
{
    cudaLaunchConfig_t config = {};
    cudaLaunchAttribute cluster = {};

    cluster.id = cudaLaunchAttributeClusterDimension;
    cluster.val.clusterDim = {2, 1, 1};
    config.gridDim = {2, 1, 1};
    config.blockDim = {128, 1, 1};
    config.attrs = &cluster;
    config.numAttrs = 1;
    CHECK(cudaLaunchKernelEx(&config, with_cluster, x, n));
}

static void launch_in_graph(float *x, int n)
{
    cudaGraph_t graph;
    cudaGraphExec_t exec;
    cudaStream_t stream;

    CHECK(cudaStreamCreate(&stream));
    CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
    in_graph<<<1, 128, 0, stream>>>(x, n);
    CHECK(cudaStreamEndCapture(stream, &graph));
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    CHECK(cudaGraphLaunch(exec, stream));
    CHECK(cudaStreamSynchronize(stream));
}

int main()
{
    int n = 100;
    float *x, *m, *h, *pool, host = 0;
    void *params[] = {&x, &n};

    CHECK(cudaMalloc(&x, n * sizeof(float)));
    CHECK(cudaMemset(x, 0, n * sizeof(float)));
    CHECK(cudaMallocManaged(&m, n * sizeof(float)));
    CHECK(cudaMallocHost(&h, n * sizeof(float)));
    CHECK(cudaMallocAsync(&pool, 4096, 0));
    CHECK(cudaMemsetAsync(pool, 0, 4096, 0));
    for (int i = 0; i < n; i++)
        m[i] = h[i] = (float)i;
    plain<<<1, 128>>>(x, n);
    launch_with_cluster(x, n);
    CHECK(cudaLaunchCooperativeKernel(cooperative, 2, 128, params, 0, 0));
    managed<<<1, 128>>>(m, n);
    pinned<<<1, 128>>>(h, n);
    pooled<<<1, 128>>>(pool, pool + 512, n);
    by_value<<<1, 128>>>(View{n, x});
    launch_in_graph(x, n);
    templated<double, 50><<<1, 64, 0, cudaStreamPerThread>>>((double *)x, 0.0);
    CHECK(cudaStreamSynchronize(cudaStreamPerThread));
    CHECK(cudaFuncSetAttribute(dynamic, cudaFuncAttributeMaxDynamicSharedMemorySize, 65536));
    dynamic<<<1, 128, 65536>>>(x, n);
    CHECK(cudaMemcpy(&host, x, sizeof host, cudaMemcpyDeviceToHost));
    bool passed = host == 1 + 2 + 3 + 7 + 8 + 9 && m[1] == 5 && h[1] == 6;
    if (getenv("FORMS_FAULT")) {
        faults<<<1, 1>>>(x);
        passed = passed && cudaDeviceSynchronize() == cudaErrorIllegalAddress;
    }
    return verdict(passed);
}
