// A kernel that reads a table which the host fills; the program then checks what was emitted.
#include <cstdio>
#include <vector>

constexpr int WASTE = 64;

namespace {
__constant__ float table[4];
}

static void fill_table(float from)
{
    float values[4] = {from, from + 1, from + 2, from + 3};
    cudaMemcpyToSymbol(table, values, sizeof values);
}

#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, 256), block = 256) setup(fill_table(10))
#pragma ksearch workload(n = 1 << 20) test(n = 1000) tune(WASTE = 1, 64)
__global__ void look_up(const float *a, float *b, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i >= n)
        return;
    float x = a[i];
    for (int k = 1; k < WASTE; k++) // work for nothing
        x = __fdiv_rn(x, 3.f) * 0 + x;
    b[i] = x + table[i % 4];
}

int main()
{
    const int n = 1001;
    std::vector<float> in(n, 1.f), out(n);
    float *a, *b;
    cudaMalloc(&a, n * sizeof *a), cudaMalloc(&b, n * sizeof *b);
    cudaMemcpy(a, in.data(), n * sizeof *a, cudaMemcpyHostToDevice);
    fill_table(20);
    look_up<<<(n + 255) / 256, 256>>>(a, b, n);
    cudaMemcpy(out.data(), b, n * sizeof *b, cudaMemcpyDeviceToHost);
    for (int i = 0; i < n; i++)
        if (out[i] != 21.f + i % 4)
            return std::printf("[%d] = %g\n", i, out[i]), 1;
    return cudaGetLastError() != cudaSuccess;
}
