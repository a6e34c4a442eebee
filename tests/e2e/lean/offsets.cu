constexpr int B = 64;

template <int N> __constant__ float others[N] = {2};
template <int N> __constant__ float mine[N] = {3};

__global__ void other(float *y)
{
    y[threadIdx.x] = others<16>[threadIdx.x & 15];
}

#pragma ksearch in(x[n]) out(y[n]) launch(grid = cdiv(n, B), block = B) workload(n = 65536) test(n = 1, 1000)
#pragma ksearch tune(B = 64, 128)
__global__ void offset(const float *x, float *y, int n)
{
    int i = blockIdx.x * B + threadIdx.x;
    if (i < n)
        y[i] = x[i] * mine<4>[i & 3];
}

void offset_all(const float *x, float *y, int n)
{
    offset<<<(n + B - 1) / B, B>>>(x, y, n);
}
