// tests/gpu/vadd_harness.cu - a harness by hand (driver/build/harness.h), for tests of the worker.
//
// Targets: vadd_0 the kernel entry of vadd.cu, for plans too; checked_0 the same with a kilobyte of
// dynamic shared memory, a reference that is half of one more, and a checker that takes that for
// right; differs_0 with that reference and no checker; sync_0 the same as a host function that
// synchronises, so that it cannot be captured; unstable_0 adds what it finds in its output;
// axpy_0 has an inout, a temporary and structured inputs.
#include <cuda_runtime.h>
#include <limits.h>
#include <string.h>

struct elem {
    int type, size;
};
enum { f32 = 2, i32 = 9 };

extern "C" {
struct {
    long long sms, smem, regs, l2;
} ksearch_gpu;
}

static __global__ void vadd(const float *a, const float *b, float *c, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;

    if (i < n)
        c[i] = a[i] + b[i];
}

static __global__ void vadd_more(const float *a, const float *b, float *c, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;

    if (i < n)
        c[i] += a[i] + b[i];
}

static int grid(long long n)
{
    return (int)((n + 255) / 256);
}

extern "C" int ksearch_call__vadd_0(const long long *d, void *const *a, void *stream)
{
    if (d[0])
        vadd<<<grid(d[0]), 256, 0, (cudaStream_t)stream>>>((const float *)a[0], (const float *)a[1],
                                                           (float *)a[2], (int)d[0]);
    return cudaGetLastError();
}

extern "C" long long ksearch_extent__vadd_0(int, int k, const long long *d)
{
    return k ? LLONG_MIN : d[0];
}

extern "C" elem ksearch_elem__vadd_0(int)
{
    return {f32, 4};
}

extern "C" int ksearch_geom__vadd_0(const long long *t, const long long *d, unsigned g[10])
{
    memset(g, 0, 10 * sizeof *g);
    g[0] = (unsigned)((d[0] + t[0] - 1) / t[0]);
    g[3] = (unsigned)t[0];
    g[1] = g[2] = g[4] = g[5] = 1;
    return 0;
}

extern "C" int ksearch_args__vadd_0(const long long *d, void *const *a, void *buf, unsigned cap,
                                    unsigned *offset)
{
    int n = (int)d[0];

    if (cap < 28)
        return -1;
    for (unsigned i = 0; i < 3; i++)
        memcpy((char *)buf + (offset[i] = 8 * i), &a[i], 8);
    memcpy((char *)buf + (offset[3] = 24), &n, 4);
    for (unsigned i = 0; i < 4; i++)
        offset[4 + i] = i < 3 ? 8 : 4;
    return 4;
}

extern "C" int ksearch_scalars__vadd_0(const long long *d, void *const *, long long *value)
{
    value[3] = d[0];
    return 4;
}

extern "C" int ksearch_setup__vadd_0(void)
{
    return ksearch_gpu.sms > 0 ? 0 : 1;
}

static __global__ void add_half(float *c, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;

    if (i < n)
        c[i] += 0.5f;
}

extern "C" int ksearch_reference__checked_0(const long long *d, void *const *a, void *stream)
{
    ksearch_call__vadd_0(d, a, stream);
    if (d[0])
        add_half<<<grid(d[0]), 256, 0, (cudaStream_t)stream>>>((float *)a[2], (int)d[0]);
    return cudaGetLastError();
}

extern "C" int ksearch_check__checked_0(int array, const void *expected, const void *got,
                                        long long n)
{
    const float *e = (const float *)expected, *g = (const float *)got;
    int right = array == 2 ? 1 : -1;

    for (long long i = 0; i < n && right > 0; i++)
        right = e[i] - g[i] < 0.75f && g[i] - e[i] < 0.75f;
    return right;
}

extern "C" int ksearch_geom__checked_0(const long long *t, const long long *d, unsigned g[10])
{
    int result = ksearch_geom__vadd_0(t, d, g);

    g[9] = 1024;
    return result;
}

#define SAME_AS_VADD(name)                                                                        \
    extern "C" int ksearch_call__##name(const long long *d, void *const *a, void *stream)         \
    {                                                                                             \
        return ksearch_call__vadd_0(d, a, stream);                                                \
    }                                                                                             \
    extern "C" long long ksearch_extent__##name(int, int k, const long long *d)                   \
    {                                                                                             \
        return k ? LLONG_MIN : d[0];                                                              \
    }                                                                                             \
    extern "C" elem ksearch_elem__##name(int)                                                     \
    {                                                                                             \
        return {f32, 4};                                                                          \
    }

SAME_AS_VADD(checked_0)
SAME_AS_VADD(differs_0)

extern "C" int ksearch_reference__differs_0(const long long *d, void *const *a, void *stream)
{
    return ksearch_reference__checked_0(d, a, stream);
}

extern "C" int ksearch_args__checked_0(const long long *d, void *const *a, void *buf, unsigned cap,
                                       unsigned *offset)
{
    return ksearch_args__vadd_0(d, a, buf, cap, offset);
}

extern "C" int ksearch_call__sync_0(const long long *d, void *const *a, void *stream)
{
    int result = ksearch_call__vadd_0(d, a, stream);

    if (!result)
        result = cudaStreamSynchronize((cudaStream_t)stream);
    return result ? (cudaGetLastError(), result) : 0;
}

extern "C" long long ksearch_extent__sync_0(int, int k, const long long *d)
{
    return k ? LLONG_MIN : d[0];
}

extern "C" elem ksearch_elem__sync_0(int)
{
    return {f32, 4};
}

extern "C" int ksearch_call__unstable_0(const long long *d, void *const *a, void *stream)
{
    vadd_more<<<grid(d[0]), 256, 0, (cudaStream_t)stream>>>(
        (const float *)a[0], (const float *)a[1], (float *)a[2], (int)d[0]);
    return cudaGetLastError();
}

extern "C" long long ksearch_extent__unstable_0(int, int k, const long long *d)
{
    return k ? LLONG_MIN : d[0];
}

extern "C" elem ksearch_elem__unstable_0(int)
{
    return {f32, 4};
}

// arrays of float4
extern "C" int ksearch_call__quads_0(const long long *d, void *const *a, void *stream)
{
    const long long n = 4 * d[0];

    return ksearch_call__vadd_0(&n, a, stream);
}

extern "C" long long ksearch_extent__quads_0(int, int k, const long long *d)
{
    return k ? LLONG_MIN : d[0];
}

extern "C" elem ksearch_elem__quads_0(int)
{
    return {f32, 16};
}

static __global__ void spoil(float *x)
{
    *x += 1;
}

extern "C" int ksearch_call__quads_bad_0(const long long *d, void *const *a, void *stream)
{
    ksearch_call__quads_0(d, a, stream);
    spoil<<<1, 1, 0, (cudaStream_t)stream>>>((float *)a[2] + 4 * 5 + 2);
    return cudaGetLastError();
}

// y[i] += x[index[i]], through a temporary
static __global__ void gather(const float *x, const int *index, float *t, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;

    if (i < n)
        t[i] = x[index[i]];
}

static __global__ void add(float *y, const float *t, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;

    if (i < n)
        y[i] += t[i];
}

extern "C" int ksearch_call__axpy_0(const long long *d, void *const *a, void *stream)
{
    cudaStream_t s = (cudaStream_t)stream;
    int n = (int)d[0];

    if (n) {
        gather<<<grid(n), 256, 0, s>>>((const float *)a[0], (const int *)a[1], (float *)a[3], n);
        add<<<grid(n), 256, 0, s>>>((float *)a[2], (const float *)a[3], n);
    }
    return cudaGetLastError();
}

extern "C" long long ksearch_extent__axpy_0(int, int k, const long long *d)
{
    return k ? LLONG_MIN : d[0];
}

extern "C" elem ksearch_elem__axpy_0(int array)
{
    return {array == 1 ? i32 : f32, 4};
}

// index = permutation(n): its argument is an expression of the dimensions
extern "C" double ksearch_gen__axpy_0(int array, int, int, const long long *d)
{
    return array == 1 ? (double)d[0] : 0;
}
