// C = alpha A B + beta C, all row-major: a tile of C a block in shared memory, a smaller one a thread
// in registers. instance() names what is measured; template parameters named by tune() are chosen
// by the search, the others by instance().
#include "gemm.cuh"

namespace blas {

#pragma ksearch instance(T = float) instance(T = __half)
#pragma ksearch in(A[M][K], B[K][N]) inout(C[M][N]) arg(alpha = 1, beta = 0.5)
#pragma ksearch launch(grid = (cdiv(N, BN), cdiv(M, BM)), block = (BN / TN, BM / TM))
#pragma ksearch workload(M = 4096, N = 4096, K = 4096, weight = 2) workload(M = 16, N = 4096, K = 4096)
#pragma ksearch test(M = 33, N = 65, K = 17)
#pragma ksearch tune(BM = 32, 64, 128) tune(BN = 32, 64, 128) tune(BK = 8, 16, 32)
#pragma ksearch tune(TM = 2, 4, 8) tune(TN = 2, 4, 8)
#pragma ksearch where((BM / TM) * (BN / TN) <= 1024, (BM / TM) * (BN / TN) >= 64, (BM + BN) * BK * 4 <= gpu.smem)
#pragma ksearch budget(time = 90s)
#pragma ksearch on(sm_90, sm_100) hint("use TMA and wgmma where T is __half")
template <typename T, int BM = 64, int BN = 64, int BK = 16, int TM = 4, int TN = 4>
__global__ void __launch_bounds__((BM / TM) * (BN / TN))
gemm(int M, int N, int K, T alpha, const T *__restrict__ A, const T *__restrict__ B, T beta, T *C)
{
    __shared__ T As[BK][BM], Bs[BK][BN];
    const int nthreads = blockDim.x * blockDim.y, tid = threadIdx.y * blockDim.x + threadIdx.x;
    const int row0 = blockIdx.y * BM, col0 = blockIdx.x * BN;
    float acc[TM][TN] = {};

    for (int k0 = 0; k0 < K; k0 += BK) {
        for (int i = tid; i < BM * BK; i += nthreads) {
            int r = i / BK, k = i % BK;
            As[k][r] = row0 + r < M && k0 + k < K ? A[(size_t)(row0 + r) * K + k0 + k] : T(0.f);
        }
        for (int i = tid; i < BN * BK; i += nthreads) {
            int k = i / BN, c = i % BN;
            Bs[k][c] = col0 + c < N && k0 + k < K ? B[(size_t)(k0 + k) * N + col0 + c] : T(0.f);
        }
        __syncthreads();
        for (int k = 0; k < BK; k++)
            for (int i = 0; i < TM; i++)
                for (int j = 0; j < TN; j++)
                    acc[i][j] += float(As[k][threadIdx.y * TM + i]) * float(Bs[k][threadIdx.x * TN + j]);
        __syncthreads();
    }
    for (int i = 0; i < TM; i++)
        for (int j = 0; j < TN; j++) {
            int r = row0 + threadIdx.y * TM + i, c = col0 + threadIdx.x * TN + j;
            if (r < M && c < N)
                C[(size_t)r * N + c] = T(float(alpha) * acc[i][j] + float(beta) * float(C[(size_t)r * N + c]));
        }
}

} // namespace blas

// the tile sizes that the template has by default
static dim3 tiles(int M, int N)
{
    return dim3((N + 63) / 64, (M + 63) / 64);
}

void sgemm(int M, int N, int K, float alpha, const float *A, const float *B, float beta, float *C, cudaStream_t s)
{
    blas::gemm<float><<<tiles(M, N), dim3(16, 16), 0, s>>>(M, N, K, alpha, A, B, beta, C);
}

void hgemm(int M, int N, int K, __half alpha, const __half *A, const __half *B, __half beta, __half *C, cudaStream_t s)
{
    blas::gemm<__half><<<tiles(M, N), dim3(16, 16), 0, s>>>(M, N, K, alpha, A, B, beta, C);
}
