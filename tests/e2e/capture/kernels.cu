// What tests/fake/capture/app.c launches, as its source would say it.
__global__ void vadd(const float *a, const float *b, float *c, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n)
        c[i] = a[i] + b[i];
}

namespace blas {
template <typename T, int B = 256>
__global__ void scale(T *__restrict__ x, T by, int rows, int columns)
{
    for (int i = threadIdx.x; i < rows * columns; i += B)
        x[i] *= by;
}
} // namespace blas

__global__ void histogram(const unsigned char *data, unsigned *counts, unsigned n)
{
    for (unsigned i = threadIdx.x; i < n; i += blockDim.x)
        atomicAdd(&counts[data[i]], 1u);
}

struct View {
    float *at;
    int n;
};

__global__ void fill(View v)
{
    for (int i = threadIdx.x; i < v.n; i += blockDim.x)
        v.at[i] = 1;
}

struct Body {
    float x[7];
};

__global__ void move(Body *bodies, int n)
{
    if (threadIdx.x < n)
        bodies[threadIdx.x].x[0] += 0;
}

extern "C" __global__ void plain(const float *a, const float *b, float *c, int n)
{
    c[0] = a[n - 1] + b[n - 1];
}
