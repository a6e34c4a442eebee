// A kernel entry, a template, whose structure is another kernel of its name.
#include <cstdio>
#include <vector>

constexpr int THREADS = 128;

#pragma ksearch instance(T = float) in(x[rows][cols]) out(y[rows]) launch(grid = rows, block = THREADS)
#pragma ksearch workload(rows = 4096, cols = 8192) test(rows = 3, cols = 8) test(rows = 5, cols = 1004)
#pragma ksearch structure("rows_wide.cu") check(y, rtol = 1e-3) assume(cols % 4 == 0) budget(time = 30s) tune(THREADS = 64, 128)
template <typename T>
__global__ void row_sums(T *y, const T *x, int rows, int cols)
{
    __shared__ T part[THREADS];
    T sum = 0;
    for (int i = threadIdx.x; i < cols; i += THREADS)
        sum += x[(size_t)blockIdx.x * cols + i];
    part[threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.x == 0) {
        sum = 0;
        for (int i = 0; i < THREADS; i++)
            sum += part[i];
        y[blockIdx.x] = sum;
    }
}

int main()
{
    const int rows = 100, cols = 4000;
    std::vector<float> x(rows * cols), y(rows);
    float *dx, *dy;
    int bad = 0;
    for (size_t i = 0; i < x.size(); i++)
        x[i] = (float)(i % 3);
    cudaMalloc(&dx, x.size() * 4), cudaMalloc(&dy, rows * 4);
    cudaMemcpy(dx, x.data(), x.size() * 4, cudaMemcpyHostToDevice);
    row_sums<float><<<rows, THREADS>>>(dy, dx, rows, cols);
    cudaMemcpy(y.data(), dy, rows * 4, cudaMemcpyDeviceToHost);
    for (int r = 0; r < rows; r++) {
        float want = 0;
        for (int c = 0; c < cols; c++)
            want += x[(size_t)r * cols + c];
        bad += y[r] != want;
    }
    std::printf("%d wrong, %s\n", bad, cudaGetErrorString(cudaGetLastError()));
    return bad != 0;
}
