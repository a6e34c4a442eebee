// Rows to mean 0 and variance 1, a block a row, three passes.
#pragma ksearch in(x[rows][cols]) out(y[rows][cols]) launch(grid = rows, block = 256) check(y, rtol = 1e-3, atol = 1e-3)
#pragma ksearch workload(rows = 16384, cols = 1024) test(rows = 3, cols = 1000)
__global__ void layernorm(const float *x, float *y, int rows, int cols)
{
    __shared__ float part[256];
    const float *row = x + (size_t)blockIdx.x * cols;
    float s = 0;
    for (int i = threadIdx.x; i < cols; i += 256)
        s += row[i];
    part[threadIdx.x] = s;
    __syncthreads();
    for (int d = 128; d > 0; d /= 2) {
        if (threadIdx.x < d)
            part[threadIdx.x] += part[threadIdx.x + d];
        __syncthreads();
    }
    float mean = part[0] / cols;
    __syncthreads();
    s = 0;
    for (int i = threadIdx.x; i < cols; i += 256)
        s += (row[i] - mean) * (row[i] - mean);
    part[threadIdx.x] = s;
    __syncthreads();
    for (int d = 128; d > 0; d /= 2) {
        if (threadIdx.x < d)
            part[threadIdx.x] += part[threadIdx.x + d];
        __syncthreads();
    }
    float scale = rsqrtf(part[0] / cols + 1e-5f);
    for (int i = threadIdx.x; i < cols; i += 256)
        y[(size_t)blockIdx.x * cols + i] = (row[i] - mean) * scale;
}

void run_layernorm(const float *x, float *y, int rows, int cols)
{
    layernorm<<<rows, 256>>>(x, y, rows, cols);
}
