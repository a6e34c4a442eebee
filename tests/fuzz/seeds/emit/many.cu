#include "other.h"
#include <utility>

constexpr int B = 64;

HD float twice(float x)
{
    return x + x;
}

constexpr HD int width(int n)
{
    return n / 32;
}

static __device__ float lift(float x)
{
    return x + 1.0f;
}

#pragma ksearch in(x[n]) out(y[n]) launch(grid = cdiv(n, B), block = B) workload(n = 65536) test(n = 1, 1000)
#pragma ksearch tune(B = 64, 128, 256)
__global__ void pick(const float *x, float *y, int n)
{
    float r[width(B)];
    int i = blockIdx.x * B + threadIdx.x;

    if (i >= n)
        return;
    for (int k = 0; k < width(B); k++)
        r[k] = lift(TWICE(x[i]));
    y[i] = r[0];
}

template <int N> __global__ void heavy(float *y)
{
#pragma unroll
    for (int k = 0; k < N; k++)
        y[k * N + threadIdx.x] += __sinf(y[k]);
}

/* each starts a kernel that no other does */
void plain(float *y)
{
    heavy<1><<<1, 32>>>(y);
}

static inline unsigned long long *pointer(float *y)
{
    heavy<2><<<1, 32>>>(y);
    return nullptr;
}

std::pair<int, float> pair(float *y)
{
#ifdef NOBODY
    return {0, 0.0f};
#else
    heavy<3><<<1, 32>>>(y);
    return {1, 1.0f};
#endif
}

struct runner {
    void go(float *y) const noexcept;
};

void runner::go(float *y) const noexcept
{
    heavy<4><<<1, 32>>>(y);
}

namespace {
__host__ const char *inner(float *y)
{
    if (y)
        heavy<5><<<1, 32>>>(y);
    return ")}";
}
} // namespace

extern "C" int use(float *y)
{
    return pointer(y) != nullptr || *inner(y) || pair(y).first;
}

template <int N> void spread(float *y)
{
    heavy<N><<<1, 32>>>(y);
}
template void spread<6>(float *y);
template __global__ void heavy<7>(float *y);

__global__ void other(float *y)
{
#pragma unroll
    for (int k = 0; k < 40; k++)
        y[k] = y[k + 1] * y[k];
}

/* what these do may matter behind them */
auto deduced(float *y)
{
    heavy<8><<<1, 32>>>(y);
    return 1;
}

void defines(float *y)
{
#define NINE 9
    heavy<NINE><<<1, 32>>>(y);
}

float ten(float *y, decltype(deduced(nullptr)) = NINE)
{
    return heavy<10><<<1, 32>>>(y), 1.0f;
}

/* what may run as the program is loaded, and what that calls; and a macro that may say anything */
int eleven(float *y)
{
    heavy<11><<<1, 32>>>(y);
    return 11;
}
static int number = eleven(nullptr);

#define CHECKED int
CHECKED twelve(float *y)
{
    heavy<12><<<1, 32>>>(y);
    return number;
}

void thirteen(float *y)
{
    heavy<13><<<1, 32>>>(y);
}
__attribute__((constructor)) static void begin()
{
    thirteen(nullptr);
}

int helper(int n)
{
    return n + 1;
}

void prepare();
bool alike(const float *expected, const float *got, size_t n);
void truth(const float *x, float *y, int n);

void pick_all(const float *x, float *y, int n)
{
    pick<<<(n + B - 1) / B, B>>>(x, y, n);
}
