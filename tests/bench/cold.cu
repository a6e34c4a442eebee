// The samples' originals, timed as nvbench times them: one launch between two events, the stream held by a kernel until all is queued, the L2
// cache flushed by a memset before each, until the mean is known to 0.5 % or 15 s are over, but 10 launches and 0.5 s at least; then as many
// in one go, without a flush ("batch"). Both as https://github.com/NVIDIA/nvbench/blob/main/docs/benchmarks.md describes them; its code is not
// used. One line of JSON a workload.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <functional>
#include <numeric>
#include "samples/gemm/gemm.cuh"
#include "samples/gqa_decode/gqa_decode.cuh"
#include "samples/rmsnorm/rmsnorm.cuh"
#include "samples/sample.cuh"
#include "samples/softmax/softmax.cuh"
#include "samples/transpose/transpose.cuh"
#include "samples/vadd/vadd.cuh"

static const double NOISE = 0.005, LEAST_S = 0.5, MOST_S = 15;

__global__ void hold(volatile int *go)
{
    while (!*go)
        ;
}

struct timer {
    cudaStream_t stream;
    cudaEvent_t begin, end;
    int *go, *go_there, l2;
    char *flush;

    timer()
    {
        CUDA_OK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
        CUDA_OK(cudaEventCreate(&begin));
        CUDA_OK(cudaEventCreate(&end));
        CUDA_OK(cudaHostAlloc(&go, sizeof *go, cudaHostAllocMapped));
        CUDA_OK(cudaHostGetDevicePointer(&go_there, go, 0));
        CUDA_OK(cudaDeviceGetAttribute(&l2, cudaDevAttrL2CacheSize, 0));
        CUDA_OK(cudaMalloc(&flush, l2));
    }

    // microseconds of n launches
    double sample(const std::function<void(cudaStream_t)> &call, int n, bool cold)
    {
        float ms = 0;
        if (cold)
            CUDA_OK(cudaMemsetAsync(flush, 0, l2, stream));
        CUDA_OK(cudaStreamSynchronize(stream));
        *(volatile int *)go = 0;
        hold<<<1, 1, 0, stream>>>(go_there);
        CUDA_OK(cudaEventRecord(begin, stream));
        for (int i = 0; i < n; i++) {
            if (i == 200) // more than a stream takes before it is let go
                *(volatile int *)go = 1;
            call(stream);
        }
        CUDA_OK(cudaEventRecord(end, stream));
        *(volatile int *)go = 1;
        CUDA_OK(cudaStreamSynchronize(stream));
        CUDA_OK(cudaEventElapsedTime(&ms, begin, end));
        return 1e3 * ms;
    }
};

static void measure(timer &t, const char *entry, const char *label, const std::function<void(cudaStream_t)> &call)
{
    std::vector<double> us;
    double sum = 0, squares = 0, deviation = 0;
    call(t.stream); // is loaded now: behind a kernel that holds the stream it would wait for ever
    CUDA_OK(cudaStreamSynchronize(t.stream));
    for (;;) {
        us.push_back(t.sample(call, 1, true));
        sum += us.back();
        squares += us.back() * us.back();
        double n = (double)us.size(), mean = sum / n;
        deviation = n > 1 ? std::sqrt(std::fmax(0, (squares - n * mean * mean) / (n - 1))) / mean : 1;
        if (sum > MOST_S * 1e6 || (us.size() >= 10 && sum >= LEAST_S * 1e6) ||
            (us.size() >= 1000 && deviation < NOISE) || us.size() >= 50000)
            break;
    }
    int batch = (int)std::fmax(1, std::fmin(20000, LEAST_S * 1e6 / (sum / us.size())));
    double hot = t.sample(call, batch, false) / batch;
    std::sort(us.begin(), us.end());
    std::printf("{\"entry\": \"%s\", \"label\": \"%s\", \"cold_us\": %.4f, \"median_us\": %.4f, \"deviation\": %.5f, \"samples\": %zu, "
                "\"batch_us\": %.4f}\n",
                entry, label, sum / us.size(), us[us.size() / 2], deviation, us.size(), hot);
    std::fflush(stdout);
}

template <typename... T> static const char *text(const char *format, T... values)
{
    static char label[160];
    std::snprintf(label, sizeof label, format, values...);
    return label;
}

template <typename T, typename F> static void gemm(timer &t, const char *entry, F multiply, int m, int n, int k)
{
    device<T> a(random_vector<T>((size_t)m * k, -1, 1)), b(random_vector<T>((size_t)k * n, -1, 1)), c((size_t)m * n);
    CUDA_OK(cudaMemset(c.at, 0, c.n * sizeof(T)));
    measure(t, entry, text("M=%d, N=%d, K=%d", m, n, k),
            [&](cudaStream_t s) { multiply(m, n, k, T(1.f), a.at, b.at, T(0.5f), c.at, s); });
}

// lengths from half to three halves of ctx, batch * ctx tokens in all, in random order
static void decode(timer &t, int batch, int ctx)
{
    enum { HQ = 32, HK = 4, D = 128 };
    random_source random;
    std::vector<double> share;
    for (int b = 0; b < batch; b++)
        share.push_back(random.uniform(0.5f, 1.5f));
    double all = std::accumulate(share.begin(), share.end(), 0.0), so_far = 0;
    std::vector<int> indptr{0}, indices;
    size_t pages = (size_t)batch * ctx;
    for (int b = 0; b < batch; b++) {
        so_far += share[b];
        indptr.push_back((int)(pages * so_far / all));
    }
    indptr.back() = (int)pages;
    for (size_t i = 0; i < pages; i++)
        indices.push_back((int)i);
    for (size_t i = pages; i > 1; i--)
        std::swap(indices[i - 1], indices[random.below(i)]);
    device<__nv_bfloat16> q(random_vector<__nv_bfloat16>((size_t)batch * HQ * D, -1, 1)), k(random_vector<__nv_bfloat16>(pages * HK * D, -1, 1)),
        v(random_vector<__nv_bfloat16>(pages * HK * D, -1, 1)), out((size_t)batch * HQ * D);
    device<float> lse((size_t)batch * HQ);
    device<int> at(indptr), which(indices);
    measure(t, "gqa_decode", text("batch=%d, ctx=%d", batch, ctx), [&](cudaStream_t s) {
        gqa_decode(out.at, lse.at, q.at, k.at, v.at, at.at, which.at, batch, 0.08838834764f, s);
    });
}

int main()
{
    need_gpu();
    timer t;
    for (int n : {1 << 20, 1 << 26}) {
        device<float> a(random_vector<float>(n, -1, 1)), b(random_vector<float>(n, -1, 1)), c(n);
        measure(t, "vadd", text("n=%d", n), [&](cudaStream_t s) { run_vadd(a.at, b.at, c.at, n, s); });
    }
    for (int rows : {1, 16, 8192}) {
        const int d = 4096;
        device<__half> x(random_vector<__half>((size_t)rows * d, -1, 1)), w(random_vector<__half>(d, 0.5, 1.5)), y((size_t)rows * d);
        measure(t, "rmsnorm", text("rows=%d, d=%d", rows, d), [&](cudaStream_t s) { rmsnorm(y.at, x.at, w.at, 1e-5f, rows, d, s); });
    }
    for (auto size : {std::pair<int, int>{16384, 2048}, {256, 128256}}) {
        device<float> x(random_vector<float>((size_t)size.first * size.second, -1, 1)), y(x.n);
        measure(t, "softmax_rows", text("rows=%d, cols=%d", size.first, size.second),
                [&](cudaStream_t s) { softmax(x.at, y.at, size.first, size.second, s); });
    }
    for (auto size : {std::pair<int, int>{8192, 8192}, {2048, 32768}}) {
        device<float> x(random_vector<float>((size_t)size.first * size.second, -1, 1)), y(x.n);
        measure(t, "transpose", text("rows=%d, cols=%d", size.first, size.second),
                [&](cudaStream_t s) { layout::run_transpose(x.at, y.at, size.first, size.second, s); });
    }
    for (int m : {4096, 16}) {
        gemm<float>(t, "blas::gemm<T=float>", sgemm, m, 4096, 4096);
        gemm<__half>(t, "blas::gemm<T=__half>", hgemm, m, 4096, 4096);
    }
    decode(t, 1, 1024);
    decode(t, 16, 8192);
    decode(t, 64, 8192);
}
