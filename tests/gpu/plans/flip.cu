// A host entry whose structure reads its input through a tensor map.
#include <cuda.h>
#include <cstdio>
#include <vector>

static __global__ void flip_plain(float *out, const float *in, int rows, int cols)
{
    const int c = blockIdx.x * 32 + threadIdx.x, r = blockIdx.y * 8 + threadIdx.y;
    if (c < cols && r < rows)
        out[(size_t)c * rows + r] = in[(size_t)r * cols + c];
}

#pragma ksearch in(in[rows][cols]) out(out[cols][rows])
#pragma ksearch workload(rows = 4096, cols = 4096) test(rows = 4, cols = 4) test(rows = 100, cols = 36)
#pragma ksearch structure("flip_map.cu") budget(time = 30s) require(graph)
cudaError_t flip(float *out, const float *in, int rows, int cols, cudaStream_t stream)
{
    flip_plain<<<dim3((cols + 31) / 32, (rows + 7) / 8), dim3(32, 8), 0, stream>>>(out, in, rows, cols);
    return cudaGetLastError();
}

int main()
{
    const int rows = 260, cols = 516;
    std::vector<float> in(rows * cols), out(rows * cols);
    float *a, *b;
    int bad = 0;
    for (size_t i = 0; i < in.size(); i++)
        in[i] = (float)i;
    cudaMalloc(&a, in.size() * 4), cudaMalloc(&b, in.size() * 4);
    cudaMemcpy(a, in.data(), in.size() * 4, cudaMemcpyHostToDevice);
    const cudaError_t error = flip(b, a, rows, cols, 0);
    cudaMemcpy(out.data(), b, in.size() * 4, cudaMemcpyDeviceToHost);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++)
            bad += out[(size_t)c * rows + r] != in[(size_t)r * cols + c];
    std::printf("%d wrong, %s\n", bad, cudaGetErrorString(error));
    return bad != 0;
}
