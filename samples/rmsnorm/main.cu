#include "../sample.cuh"
#include "rmsnorm.cuh"

static const float EPS = 1e-5f;

static void check(verdict &result, const std::vector<__half> &y, const std::vector<__half> &x,
                  const std::vector<__half> &w, int rows, int d)
{
    for (int r = 0; r < rows; r++) {
        const __half *row = &x[(size_t)r * d];
        double ss = 0;
        for (int i = 0; i < d; i++)
            ss += (double)__half2float(row[i]) * __half2float(row[i]);
        double scale = 1 / std::sqrt(ss / d + EPS);
        for (int i = 0; i < d; i++)
            result.near((size_t)r * d + i, __half2float(y[(size_t)r * d + i]),
                        __half2float(row[i]) * scale * __half2float(w[i]), 2e-3, 1e-4);
    }
}

int main()
{
    need_gpu();
    verdict result{"rmsnorm"};
    const int d = 4096;
    auto w = random_vector<__half>(d, 0.5f, 1.5f);
    device<__half> dw(w);
    for (int rows : {1, 16, 8192}) {
        auto x = random_vector<__half>((size_t)rows * d, -2, 2);
        device<__half> dx(x), dy(x.size());
        CUDA_OK(cudaMemset(dy.at, 0xff, x.size() * sizeof(__half)));
        rmsnorm(dy.at, dx.at, dw.at, EPS, rows, d, 0);
        check(result, dy.host(), x, w, rows, d);
        double us = median_us([&] { rmsnorm(dy.at, dx.at, dw.at, EPS, rows, d, 0); });
        std::printf("rmsnorm rows=%d, d=%d: %.2f us, %.0f GB/s\n", rows, d, us,
                    4e-3 * rows * d / us);
    }
    return result.end();
}
