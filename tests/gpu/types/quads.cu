// float4: a scaled sum. With BLOCK = 64 one lane of one element is wrong.
constexpr int BLOCK = 128;
#pragma ksearch in(a[n], b[n] = uniform(-1, 1)) out(c[n]) workload(n = 1 << 18) test(n = 0, 1, 1003) tune(BLOCK = 64, 128, 256)
#pragma ksearch launch(grid = cdiv(n, BLOCK), block = BLOCK)
__global__ void quads(const float4 *a, const float4 *b, float4 *c, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n) {
        float4 x = a[i], y = b[i];
        c[i] = make_float4(x.x + 2 * y.x, x.y + 2 * y.y, x.z + 2 * y.z + (BLOCK == 64 && i == 0), x.w + 2 * y.w);
    }
}
void run(const float4 *a, const float4 *b, float4 *c, int n) { quads<<<(n + BLOCK - 1) / BLOCK, BLOCK>>>(a, b, c, n); }
