// Every clause that says what is right, wanted and allowed, on a kernel and on host functions; and
// what only call(...) can pass: references, views, containers, structs, methods.
#include <cstddef>
#include <span>
#include <vector>

constexpr int BLOCK = 256;
__constant__ static float scales[2];
void set_scales(float a, float b)
{
    float both[2] = {a, b};
    cudaMemcpyToSymbol(scales, both, sizeof both);
}

static __global__ void slow_add(const float *a, const float *b, float *c, int n)
{
    for (int i = threadIdx.x; i < n; i += blockDim.x)
        c[i] = a[i] + b[i];
}
void host_add(const float *a, const float *b, float *c, int n, cudaStream_t stream)
{
    slow_add<<<1, 32, 0, stream>>>(a, b, c, n);
}
bool close_enough(const float *expected, const float *got, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (got[i] < expected[i] - 0.5f || got[i] > expected[i] + 0.5f)
            return false;
    return true;
}

#pragma ksearch in(a[n], b[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK) name(kernel)
#pragma ksearch workload(few: n = 1 << 10) workload(many: n = 1 << 20, weight = 2) test(n = 3, a = const(2))
#pragma ksearch reference(slow_add) check(c, by = close_enough) objective(time, cold, p50)
#pragma ksearch require(smem <= 48K, regs <= 64, spills <= 0) budget(time = 10s, evals = 3, tokens = 1K)
#pragma ksearch scratch(64M) hint("wide loads") tune(BLOCK = 128, 256) setup(set_scales(1, 2))
__global__ void add(const float *a, const float *b, float *c, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        c[i] = a[i] * scales[0] + b[i] * scales[1] / 2;
}

#pragma ksearch in(a[n], b[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK) name(by_host)
#pragma ksearch workload(n = 64) reference(host_add) check(c, exact)
__global__ void add_plainly(const float *a, const float *b, float *c, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        c[i] = a[i] + b[i];
}

#pragma ksearch in(a[n], b[n]) out(c[n]) workload(n = 64) reference("ref/add_ref.cu", ref::add)
#pragma ksearch check(c, rtol = 1e-3, atol = 0, bad = 0.5, by = close_enough) allow(host) objective(time, warm)
void add_on_host(const float *a, const float *b, float *c, int n, cudaStream_t stream = 0, int more = 2)
{
    add_plainly<<<(n + BLOCK - 1) / BLOCK, BLOCK, 0, stream>>>(a, b, c, n * more / 2);
}

template <int UNROLL> __global__ void twice(const float *a, float *c, int n)
{
    for (int i = blockIdx.x * BLOCK + threadIdx.x; i < n; i += gridDim.x * BLOCK)
        c[i] = 2 * a[i];
}

struct Grid {
    const float *in;
    float *out;
    int n;
};
struct Solver {
    int n;
    static void run_all(Grid g, cudaStream_t stream);
};

#pragma ksearch in(a[n] as float) out(c[n] as float) workload(n = 64) name(reference) tune(BLOCK = 128, 256)
#pragma ksearch call(step(Grid{a, c, (int)n}, stream))
void step(const Grid &g, cudaStream_t stream)
{
    twice<1><<<1, BLOCK, 0, stream>>>(g.in, g.out, g.n);
}

#pragma ksearch in(a[n] as float) out(c[n] as float) workload(n = 64) name(span) tune(BLOCK = 128, 256)
#pragma ksearch call(spans(std::span<const float>(a, n), std::span<float>(c, n), stream))
void spans(std::span<const float> a, std::span<float> c, cudaStream_t stream)
{
    twice<2><<<1, BLOCK, 0, stream>>>(a.data(), c.data(), (int)a.size());
}

#pragma ksearch in(a[n] as float) out(c[n] as float) workload(n = 64) name(vector) tune(BLOCK = 128, 256)
#pragma ksearch call(batch(std::vector<Grid>{{a, c, (int)n / 2}, {a + n / 2, c + n / 2, (int)n / 2}}, stream))
void batch(const std::vector<Grid> &all, cudaStream_t stream)
{
    for (const Grid &g : all)
        twice<3><<<1, BLOCK, 0, stream>>>(g.in, g.out, g.n);
}

#pragma ksearch in(a[n]) out(c[n]) workload(n = 64) name(member) tune(BLOCK = 128, 256)
#pragma ksearch call(Holder<float>{(int)n}.run(a, c, stream))
void member(const float *a, float *c, int n, cudaStream_t stream)
{
    twice<4><<<1, BLOCK, 0, stream>>>(a, c, n);
}
template <typename T> struct Holder {
    int n;
    void run(const T *a, T *c, cudaStream_t stream) const
    {
        member(a, c, n, stream);
    }
};

#pragma ksearch in(a[n] as float) out(c[n] as float) workload(n = 64) name(static_member) tune(BLOCK = 128, 256)
#pragma ksearch call(Solver::run_all({a, c, (int)n}, stream))
void run_all(Grid g, cudaStream_t stream)
{
    twice<5><<<1, BLOCK, 0, stream>>>(g.in, g.out, g.n);
}
void Solver::run_all(Grid g, cudaStream_t stream)
{
    ::run_all(g, stream);
}

void programs(const float *a, float *c, int n, cudaStream_t stream)
{
    add<<<(n + BLOCK - 1) / BLOCK, BLOCK, 0, stream>>>(a, a, c, n);
    add_plainly<<<(n + BLOCK - 1) / BLOCK, BLOCK, 0, stream>>>(a, a, c, n);
}
