// Every clause that says what is right, wanted and allowed, on a kernel and on host functions.
#include <span>
#include <vector>

constexpr int BLOCK = 256;
__global__ void slow_add(const float *a, const float *b, float *c, int n);
void host_add(const float *a, const float *b, float *c, int n, cudaStream_t stream);
bool close_enough(const float *expected, const float *got, size_t n);

#pragma ksearch in(a[n], b[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK) name(kernel)
#pragma ksearch workload(few: n = 1 << 10) workload(many: n = 1 << 20, weight = 2) test(n = 3, a = const(2))
#pragma ksearch reference(slow_add) check(c, by = close_enough) objective(time, cold, p50)
#pragma ksearch require(smem <= 48K, regs <= 64, spills <= 0) budget(time = 10s, evals = 3, tokens = 1K)
#pragma ksearch scratch(64M) hint("wide loads") tune(BLOCK = 128, 256)
__global__ void add(const float *a, const float *b, float *c, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        c[i] = a[i] + b[i];
}

#pragma ksearch in(a[n], b[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK) name(by_host)
#pragma ksearch workload(n = 64) reference(host_add) check(c, exact)
__global__ void add_again(const float *a, const float *b, float *c, int n)
{
}

#pragma ksearch in(a[n], b[n]) out(c[n]) workload(n = 64) reference("ref/add_ref.cu", ref::add)
#pragma ksearch check(c, rtol = 1e-3, atol = 0, bad = 0.5, by = close_enough) allow(host) objective(time, warm)
void add_on_host(const float *a, const float *b, float *c, int n, cudaStream_t stream = 0, int more = 2)
{
}

struct Grid {
    const float *in;
    float *out;
    int n;
};
struct Solver {
    int n;
    void run(const float *a, float *c, cudaStream_t stream) const;
    static void run_all(const float *a, float *c, int n, cudaStream_t stream);
};

#pragma ksearch in(a[n] as float) out(c[n] as float) workload(n = 64) name(reference)
#pragma ksearch call(step(Grid{a, c, (int)n}, stream))
void step(const Grid &g, cudaStream_t stream)
{
    Solver{g.n}.run(g.in, g.out, stream);
}

#pragma ksearch in(a[n] as float) out(c[n] as float) workload(n = 64) name(span)
#pragma ksearch call(spans(std::span<const float>(a, n), std::span<float>(c, n), stream))
void spans(std::span<const float> a, std::span<float> c, cudaStream_t stream)
{
}

#pragma ksearch in(a[n]) out(c[n]) workload(n = 64) name(member)
#pragma ksearch call(Solver{(int)n}.run(a, c, stream))
void member(const float *a, float *c, int n, cudaStream_t stream)
{
    Solver{n}.run(a, c, stream);
}
