// A matrix times a vector, a thread a row.
#pragma ksearch in(a[m][k], x[k]) out(y[m]) launch(grid = cdiv(m, 128), block = 128) check(y, rtol = 1e-3, atol = 1e-3)
#pragma ksearch workload(m = 16384, k = 4096) test(m = 5, k = 7)
__global__ void gemv(const float *a, const float *x, float *y, int m, int k)
{
    int row = blockIdx.x * 128 + threadIdx.x;
    if (row >= m)
        return;
    float sum = 0;
    for (int i = 0; i < k; i++)
        sum += a[(size_t)row * k + i] * x[i];
    y[row] = sum;
}

void run_gemv(const float *a, const float *x, float *y, int m, int k)
{
    gemv<<<(m + 127) / 128, 128>>>(a, x, y, m, k);
}
