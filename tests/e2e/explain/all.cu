// every clause once, so that explain shows every field of what is read
#define TX 32
enum { TY = 8 };
constexpr int PAD = 1;

namespace blur {
inline namespace v1 {

#pragma ksearch name(blur_rows) use("more.ks") in(x[h][w], ids[h] = integers(0, h - 1)) inout(y[h][w] = ones)
#pragma ksearch temp(work[h * w]) out(bad[1]) let(area = w * h, half = area / 2) arg(scale = 0.5f)
#pragma ksearch launch(grid = (cdiv(w, TX), cdiv(h, TY)), block = (TX, TY), cluster = 2, smem = TX * TY * 4)
#pragma ksearch workload(w = 64, 4096, h = 4096) workload(big: w = 8192, h = 8192, weight = 2.5)
#pragma ksearch test(w = 31, h = 9, x = uniform(-1, 1), ids = distinct(0, h - 1, zipf = 1.1))
#pragma ksearch tune(TX = pow2(16, 64)) tune(PAD = range(0, 2)) tune(DEPTH = 1, 2, 4)
#pragma ksearch where(TX * TY <= 512, PAD < 2 || TX > 16) assume(w % 4 == 0 || w == 31)
#pragma ksearch check(y, rtol = 1e-3, atol = 1e-4, bad = 0.01) check(bad, exact)
#pragma ksearch on("B200") hint("tcgen05")
#pragma ksearch require(deterministic, graph, smem <= 48K, regs <= 128, spills <= 0) scratch(2M) allow(host)
#pragma ksearch budget(time = 10min, evals = 2K, tokens = 4M) objective(time, warm) reference(original)
#pragma ksearch hint("rows are long; " "most of w is read once") instance(T = float) instance(T = double)
template <typename T, int DEPTH = 2>
__global__ void rows(const T *x, const int *ids, T *y, T *work, int *bad, float scale, int w, int h, int k = 3)
{
    int i = blockIdx.x * TX + threadIdx.x, j = blockIdx.y * TY + threadIdx.y;
    if (i < w && j < h) {
        work[j * w + i] = x[ids[j] * w + i];
        y[j * w + i] += (T)scale * work[j * w + i] * k * (PAD + DEPTH);
    }
    if (i + j == 0)
        *bad = 0;
}
template __global__ void rows<float>(const float *, const int *, float *, float *, int *, float, int, int, int);

} // namespace v1
} // namespace blur

struct View {
    const float *data;
    int n;
};

void make_table();
void sure(View x, float *y, cudaStream_t stream);

#pragma ksearch begin scale
constexpr int BLOCK = 256;

static __global__ void scale_kernel(View x, float *y)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < x.n)
        y[i] = 3 * x.data[i];
}

#pragma ksearch in(x[n] as float = file("x.npy")) out(y[n]) call(scale(View{x, (int)n}, y, stream))
#pragma ksearch setup(make_table()) reference(sure) check(y, ulp = 2)
#pragma ksearch workload(n = 1<<20)
static void scale(View x, float *y, cudaStream_t stream)
{
    scale_kernel<<<(x.n + BLOCK - 1) / BLOCK, BLOCK, 0, stream>>>(x, y);
}
#pragma ksearch end

static __global__ void sum_kernel(float *y, const float *x, int n)
{
    for (int i = 0; i < n; i++)
        *y += x[i];
}

#pragma ksearch in(x[n]) out(y[1]) workload(n = 1<<10) scratch(1M) structure("sum.cuh")
void sum(float *y, const float *x, int n, cudaStream_t stream)
{
    sum_kernel<<<1, 1, 0, stream>>>(y, x, n);
}
