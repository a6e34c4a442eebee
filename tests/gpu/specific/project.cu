// A host entry whose structure needs instructions of sm_90a, in a program that is built for sm_90. The program
// checks what it gets; with a word more, its first call is one that is captured into a graph.
#include <cstdio>
#include <vector>
#include <cuda_fp16.h>

static __global__ void project_one(float *c, const half *a, const half *b, int rows, int k)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x, row = i / 8, column = i % 8;
    float sum = 0;
    if (row >= rows)
        return;
    for (int j = 0; j < k; j++)
        sum += __half2float(a[(size_t)row * k + j]) * __half2float(b[(size_t)column * k + j]);
    c[i] = sum;
}

#pragma ksearch in(a[rows][k], b[8][k]) out(c[rows][8]) check(c, rtol = 2e-3, atol = 2e-3) budget(time = 30s)
#pragma ksearch workload(rows = 32768, k = 1024) test(rows = 1, k = 128) test(rows = 100, k = 384) test(rows = 5, k = 20)
#pragma ksearch structure("project_wgmma.cu")
void project(float *c, const half *a, const half *b, int rows, int k, cudaStream_t stream)
{
    project_one<<<(8 * rows + 127) / 128, 128, 0, stream>>>(c, a, b, rows, k);
}

template <typename T> static T *upload(const std::vector<T> &host)
{
    T *device;
    cudaMalloc(&device, host.size() * sizeof(T));
    cudaMemcpy(device, host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice);
    return device;
}

// small integers: all sums are exact
static std::vector<half> numbers(size_t n)
{
    std::vector<half> v(n);
    for (size_t i = 0; i < n; i++)
        v[i] = __float2half((float)(i * 7 % 13) - 6);
    return v;
}

static void call(bool graph, float *c, const half *a, const half *b, int rows, int k, cudaStream_t stream)
{
    cudaGraph_t g;
    cudaGraphExec_t exec;
    if (graph)
        cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal);
    project(c, a, b, rows, k, stream);
    if (graph) {
        cudaStreamEndCapture(stream, &g);
        cudaGraphInstantiate(&exec, g, 0);
        cudaGraphLaunch(exec, stream);
    }
}

static int wrong(int rows, int k, bool graph)
{
    const std::vector<half> a = numbers((size_t)rows * k), b = numbers((size_t)8 * k);
    std::vector<float> c((size_t)rows * 8);
    half *da = upload(a), *db = upload(b);
    float *dc = upload(c);
    int bad = 0;
    cudaStream_t stream;
    cudaStreamCreate(&stream);
    call(graph, dc, da, db, rows, k, stream);
    cudaStreamSynchronize(stream);
    cudaMemcpy(c.data(), dc, c.size() * sizeof(float), cudaMemcpyDeviceToHost);
    for (int i = 0; i < rows * 8; i++) {
        float want = 0;
        for (int j = 0; j < k; j++)
            want += __half2float(a[(size_t)(i / 8) * k + j]) * __half2float(b[(size_t)(i % 8) * k + j]);
        bad += c[i] != want;
    }
    return bad;
}

int main(int argc, char **)
{
    int bad = 0;
    for (int rows : {1, 63, 64, 1000})
        for (int k : {128, 256, 1024, 20})
            bad += wrong(rows, k, argc > 1);
    std::printf("%d wrong, %s\n", bad, cudaGetErrorString(cudaGetLastError()));
    return bad != 0;
}
