// The sum of two arrays, on one thread.
namespace ref {

static __global__ void add_kernel(const float *a, const float *b, float *c, int n)
{
    for (int i = 0; i < n; i++)
        c[i] = a[i] + b[i];
}

void add(const float *a, const float *b, float *c, int n, cudaStream_t stream)
{
    add_kernel<<<1, 1, 0, stream>>>(a, b, c, n);
}

} // namespace ref
