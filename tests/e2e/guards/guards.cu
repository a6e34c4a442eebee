// Host entries with conditions: what a call must fulfil for the winner, and every way of passing arguments on.
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
constexpr int B = 32;
static __global__ void k(float *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n)
        x[blockIdx.x * B + threadIdx.x] += B;
}
struct Token { /* moved, never copied */
    int id = 7;
    Token() = default;
    Token(Token &&o) noexcept : id(std::exchange(o.id, -1)) {}
    Token(const Token &) = delete;
};
#pragma ksearch inout(x[n]) workload(n = 64, m = 2) tune(B = 32, 64)
#pragma ksearch assume(n % B == 0, n >= 2 * m, m > 0 || n < 0, m <= gpu.sms)
int assumed(float *x, int n, unsigned char m)
{
    k<<<(n + B - 1) / B, B>>>(x, n);
    return B + m;
}
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64, 128)
void regimes(float *x, long long n) noexcept
{
    k<<<(n + B - 1) / B, B>>>(x, n);
}
static std::string tag = "t";
#pragma ksearch inout(x[n] as float) workload(n = 64) tune(B = 32, 64) call(passed(x, (int)n, Token(), std::make_unique<int>(5), tag, tag, stream))
int passed(float *x, const int &n, Token token, std::unique_ptr<int> p, std::string &out, const std::string &in = tag,
           cudaStream_t s = nullptr, int = 3)
{
    k<<<(n + B - 1) / B, B, 0, s>>>(x, n);
    out += in + "!";
    return token.id + (p ? *p : 1000) + B;
}
#pragma ksearch inout(x[n] as T) workload(n = 64) tune(B = 32, 64) instance(T = float) instance(T = double)
#pragma ksearch assume(n > 0) call(templated<T, N>(x, (int)n, T(1)))
template <typename T, int N = 2> T &&templated(T *x, int n, T &&y)
{
    k<<<(n + B - 1) / B, B>>>((float *)x, n);
    return static_cast<T &&>(y);
}
int main()
{
    float *x = nullptr;
    double *z = nullptr, d = 2;
    std::printf("%d %d\n", assumed(x, 128, 2), assumed(x, 128, 7));
    std::printf("%d %d\n", assumed(x, 127, 2), assumed(x, 64, 65));
    std::printf("%d %d\n", assumed(x, 64, 0), assumed(x, 1024, 8));
    for (long long n : {0ll, 1ll, 16ll, 17ll, 99ll, 100ll, 300ll, 301ll, 1ll << 40})
        if (n < 1 << 20)
            regimes(x, n);
    std::string out;
    std::printf("%d\n", passed(x, 64, Token(), std::make_unique<int>(5), out));
    std::printf("%d %s\n", passed(x, 64, Token(), nullptr, out, out), out.c_str());
    std::printf("%g\n", templated(x, 64, 1.5f));
    std::printf("%g\n", templated(z, 64, std::move(d)));
    std::printf("%g\n", templated<float, 3>(x, 64, 2.5f));
    std::printf("%g\n", templated(x, -64, 3.5f));
}
