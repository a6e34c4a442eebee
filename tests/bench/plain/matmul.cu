// A matrix product, 16 by 16 tiles in shared memory.
#pragma ksearch in(a[n][n], b[n][n]) out(c[n][n]) launch(grid = (n / 16, n / 16), block = (16, 16)) assume(n % 16 == 0)
#pragma ksearch workload(n = 2048) test(n = 64) check(c, rtol = 1e-3, atol = 1e-2)
__global__ void matmul(const float *a, const float *b, float *c, int n)
{
    __shared__ float as[16][16], bs[16][16];
    int x = threadIdx.x, y = threadIdx.y, row = blockIdx.y * 16 + y, col = blockIdx.x * 16 + x;
    float sum = 0;
    for (int t = 0; t < n; t += 16) {
        as[y][x] = a[(size_t)row * n + t + x];
        bs[y][x] = b[(size_t)(t + y) * n + col];
        __syncthreads();
        for (int i = 0; i < 16; i++)
            sum += as[y][i] * bs[i][x];
        __syncthreads();
    }
    c[(size_t)row * n + col] = sum;
}

void run_matmul(const float *a, const float *b, float *c, int n)
{
    matmul<<<dim3(n / 16, n / 16), dim3(16, 16)>>>(a, b, c, n);
}
