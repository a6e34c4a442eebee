#include "../sample.cuh"
#include "softmax.cuh"

// the CPU takes its time: every 16th row is computed
static void check(verdict &result, const std::vector<float> &x, const std::vector<float> &y,
                  int rows, int cols)
{
    for (int r = 0; r < rows; r += 16) {
        const float *row = &x[(size_t)r * cols];
        double m = *std::max_element(row, row + cols), sum = 0;
        for (int i = 0; i < cols; i++)
            sum += std::exp(row[i] - m);
        for (int i = 0; i < cols; i++)
            result.near((size_t)r * cols + i, y[(size_t)r * cols + i], std::exp(row[i] - m) / sum,
                        1e-4, 1e-12);
    }
}

int main()
{
    need_gpu();
    verdict result{"softmax"};
    const int sizes[][2] = {{16384, 2048}, {256, 128256}};
    for (const int *size : sizes) {
        int rows = size[0], cols = size[1];
        auto x = random_vector<float>((size_t)rows * cols, -4, 4);
        device<float> dx(x), dy(x.size());
        CUDA_OK(cudaMemset(dy.at, 0xff, x.size() * sizeof(float)));
        softmax(dx.at, dy.at, rows, cols, 0);
        check(result, x, dy.host(), rows, cols);
        double us = median_us([&] { softmax(dx.at, dy.at, rows, cols, 0); });
        std::printf("softmax rows=%d, cols=%d: %.2f us, %.0f GB/s\n", rows, cols, us,
                    8e-3 * rows * cols / us);
    }
    return result.end();
}
