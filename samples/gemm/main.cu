#include "../sample.cuh"
#include "gemm.cuh"

template <typename T>
using gemm_function = void(int, int, int, T, const T *, const T *, T, T *, cudaStream_t);

// the whole product takes the CPU too long: 4000 elements of it are computed
template <typename T>
static void check(verdict &result, const std::vector<T> &A, const std::vector<T> &B,
                  const std::vector<T> &before, const std::vector<T> &C, int N, int K,
                  double rtol, double atol)
{
    random_source source;
    for (int k = 0; k < 4000; k++) {
        size_t at = source.below(C.size()), row = at / N, column = at % N;
        double sum = 0;
        for (int i = 0; i < K; i++)
            sum += (double)float(A[row * K + i]) * float(B[(size_t)i * N + column]);
        result.near(at, float(C[at]), sum + 0.5 * float(before[at]), rtol, atol);
    }
}

template <typename T>
static void run(verdict &result, const char *name, gemm_function<T> *gemm, double rtol, double atol)
{
    const int N = 4096, K = 4096;
    for (int M : {16, 4096}) {
        auto A = random_vector<T>((size_t)M * K, -1, 1), B = random_vector<T>((size_t)K * N, -1, 1),
             C = random_vector<T>((size_t)M * N, -1, 1);
        device<T> dA(A), dB(B), dC(C);
        auto call = [&] { gemm(M, N, K, T(1.f), dA.at, dB.at, T(0.5f), dC.at, 0); };
        call();
        check(result, A, B, C, dC.host(), N, K, rtol, atol);
        double us = median_us(call);
        std::printf("%s M=%d, N=%d, K=%d: %.1f us, %.2f TFLOP/s\n", name, M, N, K, us,
                    2e-6 * M * N * K / us);
    }
}

int main()
{
    need_gpu();
    verdict result{"gemm"};
    run<float>(result, "sgemm", sgemm, 1e-3, 1e-2);
    run<__half>(result, "hgemm", hgemm, 1e-2, 5e-2);
    return result.end();
}
