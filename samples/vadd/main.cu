#include "../sample.cuh"
#include "vadd.cuh"

int main()
{
    need_gpu();
    verdict result{"vadd"};
    for (int n : {1 << 20, 1 << 26}) {
        auto a = random_vector<float>(n, -1, 1), b = random_vector<float>(n, -1, 1);
        device<float> da(a), db(b), dc(n);
        CUDA_OK(cudaMemset(dc.at, 0xff, n * sizeof(float)));
        run_vadd(da.at, db.at, dc.at, n, 0);
        auto c = dc.host();
        for (int i = 0; i < n; i++)
            result.near(i, c[i], a[i] + b[i], 0, 0);
        double us = median_us([&] { run_vadd(da.at, db.at, dc.at, n, 0); });
        std::printf("vadd n=%d: %.2f us, %.0f GB/s\n", n, us, 12e-3 * n / us);
    }
    return result.end();
}
