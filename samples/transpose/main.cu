#include "../sample.cuh"
#include "transpose.cuh"

int main()
{
    need_gpu();
    verdict result{"transpose"};
    const int sizes[][2] = {{8192, 8192}, {2048, 32768}};
    for (const int *size : sizes) {
        int rows = size[0], cols = size[1];
        auto x = random_vector<float>((size_t)rows * cols, -1, 1);
        device<float> dx(x), dy(x.size());
        CUDA_OK(cudaMemset(dy.at, 0xff, x.size() * sizeof(float)));
        layout::run_transpose(dx.at, dy.at, rows, cols, 0);
        auto y = dy.host();
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < cols; c++)
                result.near((size_t)c * rows + r, y[(size_t)c * rows + r],
                            x[(size_t)r * cols + c], 0, 0);
        double us = median_us([&] { layout::run_transpose(dx.at, dy.at, rows, cols, 0); });
        std::printf("transpose rows=%d, cols=%d: %.2f us, %.0f GB/s\n", rows, cols, us,
                    8e-3 * rows * cols / us);
    }
    return result.end();
}
