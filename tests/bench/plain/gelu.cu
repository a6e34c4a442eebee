// An activation, an element a thread.
#pragma ksearch in(x[n]) out(y[n]) launch(grid = cdiv(n, 256), block = 256) workload(n = 1 << 25) test(n = 1000)
__global__ void gelu(const float *x, float *y, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i < n) {
        float v = x[i];
        y[i] = 0.5f * v * (1 + tanhf(0.7978845608f * (v + 0.044715f * v * v * v)));
    }
}

void run_gelu(const float *x, float *y, int n)
{
    gelu<<<(n + 255) / 256, 256>>>(x, y, n);
}
