constexpr int BLOCK = 256;
constexpr int ITEMS = 1;

#pragma ksearch in(a[n]) out(c[n]) launch(grid = cdiv(n, BLOCK * ITEMS), block = BLOCK)
#pragma ksearch workload(n = 65536) test(n = 1, 1000)
#pragma ksearch tune(BLOCK = range(32, 1024, 32)) tune(ITEMS = range(1, 8)) where(BLOCK * ITEMS <= 4096)
__global__ void warm(const float *a, float *c, int n)
{
    for (int k = 0; k < ITEMS; k++) {
        int i = (blockIdx.x * ITEMS + k) * BLOCK + threadIdx.x;
        if (i < n)
            c[i] = 2 * a[i];
    }
}

void run(const float *a, float *c, int n)
{
    warm<<<(n + BLOCK * ITEMS - 1) / (BLOCK * ITEMS), BLOCK>>>(a, c, n);
}
