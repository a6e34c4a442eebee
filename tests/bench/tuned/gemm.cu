// The kernel of samples/gemm in float, with its space: BX x BY threads with TN x TM results each, in
// steps of BK. Tiles are BY * TM by BX * TN, each side 32, 64 or 128.
constexpr int BX = 16;
constexpr int BY = 16;
constexpr int BK = 16;
constexpr int TM = 4;
constexpr int TN = 4;

#pragma ksearch in(A[M][K], B[K][N]) inout(C[M][N]) arg(alpha = 1, beta = 0.5)
#pragma ksearch launch(grid = (cdiv(N, BX * TN), cdiv(M, BY * TM)), block = (BX, BY))
#pragma ksearch workload(M = 4096, N = 4096, K = 4096) test(M = 33, N = 65, K = 17)
#pragma ksearch tune(BX = 4, 8, 16, 32, 64) tune(BY = 4, 8, 16, 32, 64)
#pragma ksearch tune(BK = 8, 16, 32) tune(TM = 2, 4, 8) tune(TN = 2, 4, 8)
#pragma ksearch where(BX * TN >= 32, BX * TN <= 128, BY * TM >= 32, BY * TM <= 128)
#pragma ksearch where(BX * BY >= 64, BX * BY <= 1024, (BX * TN + BY * TM) * BK * 4 <= 48 * 1024)
extern "C" __global__ void __launch_bounds__(BX * BY)
gemm(int M, int N, int K, float alpha, const float *__restrict__ A, const float *__restrict__ B, float beta, float *C)
{
    constexpr int BM = BY * TM, BN = BX * TN;
    __shared__ float As[BK][BM], Bs[BK][BN];
    const int nthreads = BX * BY, tid = threadIdx.y * BX + threadIdx.x;
    const int row0 = blockIdx.y * BM, col0 = blockIdx.x * BN;
    float acc[TM][TN] = {};

    for (int k0 = 0; k0 < K; k0 += BK) {
        for (int i = tid; i < BM * BK; i += nthreads) {
            int r = i / BK, k = i % BK;
            As[k][r] = row0 + r < M && k0 + k < K ? A[(size_t)(row0 + r) * K + k0 + k] : 0.f;
        }
        for (int i = tid; i < BN * BK; i += nthreads) {
            int k = i / BN, c = i % BN;
            Bs[k][c] = col0 + c < N && k0 + k < K ? B[(size_t)(k0 + k) * N + col0 + c] : 0.f;
        }
        __syncthreads();
        for (int k = 0; k < BK; k++)
            for (int i = 0; i < TM; i++)
                for (int j = 0; j < TN; j++)
                    acc[i][j] += As[k][threadIdx.y * TM + i] * Bs[k][threadIdx.x * TN + j];
        __syncthreads();
    }
    for (int i = 0; i < TM; i++)
        for (int j = 0; j < TN; j++) {
            int r = row0 + threadIdx.y * TM + i, c = col0 + threadIdx.x * TN + j;
            if (r < M && c < N)
                C[(size_t)r * N + c] = alpha * acc[i][j] + beta * C[(size_t)r * N + c];
        }
}
