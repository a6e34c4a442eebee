// What the samples' main programs share: is there a GPU, memory, inputs, times, a verdict.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>
#include <cuda_runtime.h>

enum { EXIT_WRONG = 1, EXIT_NO_GPU = 77 };

#define CUDA_OK(call) cuda_ok((call), #call, __FILE__, __LINE__)

inline void cuda_ok(cudaError_t e, const char *call, const char *file, int line)
{
    if (e == cudaSuccess)
        return;
    std::fprintf(stderr, "%s:%d: %s: %s\n", file, line, call, cudaGetErrorString(e));
    std::exit(EXIT_WRONG);
}

// ends the program with 77, "skipped" to test drivers, where there is nothing to run on
inline void need_gpu()
{
    int n = 0;
    cudaError_t e = cudaGetDeviceCount(&n);
    if (e == cudaSuccess && n > 0)
        return;
    std::printf("no GPU here (%s): nothing was run\n", cudaGetErrorString(e));
    std::exit(EXIT_NO_GPU);
}

// an array on the device
template <typename T> struct device {
    T *at = nullptr;
    size_t n;
    explicit device(size_t count) : n(count) { CUDA_OK(cudaMalloc(&at, n * sizeof(T))); }
    explicit device(const std::vector<T> &host) : device(host.size())
    {
        CUDA_OK(cudaMemcpy(at, host.data(), n * sizeof(T), cudaMemcpyHostToDevice));
    }
    std::vector<T> host() const
    {
        std::vector<T> v(n);
        CUDA_OK(cudaMemcpy(v.data(), at, n * sizeof(T), cudaMemcpyDeviceToHost));
        return v;
    }
    ~device() { cudaFree(at); }
    device(const device &) = delete;
    device &operator=(const device &) = delete;
};

// numbers in [lo, hi), the same in every run
struct random_source {
    unsigned long long state = 42;
    float uniform(float lo, float hi)
    {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        return lo + (hi - lo) * (float)(state >> 40) / (float)(1 << 24);
    }
    size_t below(size_t n) { return (size_t)(uniform(0.f, 1.f) * (double)n) % n; }
};

template <typename T> std::vector<T> random_vector(size_t n, float lo, float hi)
{
    static random_source source;
    std::vector<T> v(n);
    for (T &x : v)
        x = T(source.uniform(lo, hi));
    return v;
}

// microseconds a call on the default stream: the median of 15 times, each over enough calls to
// last some milliseconds
template <typename F> double median_us(F call)
{
    cudaEvent_t from, to;
    CUDA_OK(cudaEventCreate(&from));
    CUDA_OK(cudaEventCreate(&to));
    auto run = [&](int calls) {
        float ms;
        CUDA_OK(cudaEventRecord(from));
        for (int i = 0; i < calls; i++)
            call();
        CUDA_OK(cudaEventRecord(to));
        CUDA_OK(cudaEventSynchronize(to));
        CUDA_OK(cudaGetLastError());
        CUDA_OK(cudaEventElapsedTime(&ms, from, to));
        return 1000. * ms / calls;
    };
    run(2);
    int calls = (int)std::min(200., std::max(1., 5000. / run(2)));
    std::vector<double> us(15);
    for (double &t : us)
        t = run(calls);
    std::nth_element(us.begin(), us.begin() + 7, us.end());
    CUDA_OK(cudaEventDestroy(from));
    CUDA_OK(cudaEventDestroy(to));
    return us[7];
}

// counts results that are not near what they should be; the first is printed
struct verdict {
    const char *what;
    size_t wrong = 0, checked = 0;
    void near(size_t at, double got, double want, double rtol, double atol)
    {
        checked++;
        if (std::fabs(got - want) <= atol + rtol * std::fabs(want))
            return;
        if (wrong++ == 0)
            std::printf("%s: element %zu is %g, should be %g\n", what, at, got, want);
    }
    // the exit status
    int end() const
    {
        if (wrong)
            std::printf("%s: WRONG: %zu of %zu elements\n", what, wrong, checked);
        else
            std::printf("%s: %zu elements are right\n", what, checked);
        return wrong ? EXIT_WRONG : 0;
    }
};
