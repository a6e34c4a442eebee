// Entries in all kinds of places, each with a constant that wastes time: every one has a winner. What the program prints does not
// depend on which of its kernels runs.
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>
constexpr int WASTE = 30000, OTHER = 20000, THIRD = 25000;
extern int outside(int); /* in other.cu, as is who launches `elsewhere` */
void run_elsewhere(float *x, int n);

#define INDEX (blockIdx.x * blockDim.x + threadIdx.x)
#define LAUNCH(k, g, b, ...) k<<<g, b>>>(__VA_ARGS__)
#define CDIV(a, b) (((a) + (b) - 1) / (b))
static __device__ void waste(unsigned ns)
{
    if (ns)
        __nanosleep(ns);
}

namespace deep::inner {
inline namespace v2 {
namespace {
#pragma ksearch inout(x[n]) workload(n = 4096) test(n = 100) tune(WASTE = 0, 30000)
#pragma ksearch launch(grid = cdiv(n, 128), block = 128)
__global__ void add(float *x, int n) /* an overload of the next */
{
    waste(WASTE);
    if (INDEX < (unsigned)n)
        x[INDEX] += 1;
}
__global__ void add(double *x, int n)
{
    if (INDEX < (unsigned)n)
        x[INDEX] += 2;
}
#pragma ksearch inout(x[n]) workload(n = 4096) test(n = 100) tune(OTHER = 0, 20000) instance(T = float)
#pragma ksearch launch(grid = cdiv(n, 128), block = 128) name(scaled)
template <typename T> __global__ void scale(T *x, int n)
{
    waste(OTHER);
    if (INDEX < (unsigned)n)
        x[INDEX] *= T(2);
}
template <> __global__ void scale<int>(int *x, int n)
{
    if (INDEX < (unsigned)n)
        x[INDEX] = n / 2;
}
} // namespace
} // namespace v2
} // namespace deep::inner

static __constant__ float weights[4];
__device__ float bias = 0.5f;
static void upload(float a)
{
    const float w[4] = {a, 2 * a, 3 * a, 4 * a};
    cudaMemcpyToSymbol(weights, w, sizeof w);
}
#pragma ksearch inout(x[n]) workload(n = 4096) test(n = 77) tune(THIRD = 0, 25000) setup(upload(1.5f))
#pragma ksearch launch(grid = cdiv(n, 64), block = 64)
__global__ void weigh(float *x, int n)
{
    waste(THIRD);
    if (INDEX < (unsigned)n)
        x[INDEX] += weights[threadIdx.x % 4] + bias;
}

/* launched here and in other.cu */
#pragma ksearch inout(x[n]) workload(n = 4096) tune(THIRD = 0, 25000) launch(grid = cdiv(n, 64), block = 64)
__global__ void elsewhere(float *x, int n)
{
    waste(THIRD);
    if (INDEX < (unsigned)n)
        x[INDEX] -= 3;
}

static __global__ void body(float *x, int rows, int n)
{
    waste(OTHER);
    for (int row = blockIdx.y; row < rows; row += gridDim.y)
        if (INDEX < (unsigned)n)
            x[row * n + INDEX] += row;
}
#pragma ksearch inout(x[rows][n] as float) workload(rows = 1, 64, n = 1024) test(rows = 3, n = 1056) tune(OTHER = 0, 20000)
#pragma ksearch assume(n % 32 == 0, rows < 1000) call(rowwise(x, (int)rows, (int)n, nullptr, stream))
int rowwise(float *x, int rows, int n, std::unique_ptr<int> p, cudaStream_t stream = nullptr) noexcept
{
    body<<<dim3(CDIV(n, 256), rows < 8 ? rows : 8), 256, 0, stream>>>(x, rows, n);
    return (p ? *p : 0) + rows;
}

template <typename T> static void print(const char *name, const T *x, int n)
{
    std::vector<T> host(n);
    cudaError_t error = cudaMemcpy(host.data(), x, n * sizeof(T), cudaMemcpyDeviceToHost);
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (i % 7 + 1) * (double)host[i];
    std::printf("%s %.6f (%d)\n", name, sum, (int)error);
}

int main()
{
    const int n = 4096;
    float *x;
    double *y;
    int *z;
    cudaMalloc(&x, n * sizeof *x);
    cudaMalloc(&y, n * sizeof *y);
    cudaMalloc(&z, n * sizeof *z);
    cudaMemset(x, 0, n * sizeof *x);
    cudaMemset(y, 0, n * sizeof *y);
    using namespace deep::inner;
    add<<<CDIV(n, 128), 128>>>(x, n);
    add<<<CDIV(n, 128), 128>>>(y, n);
    LAUNCH(add, CDIV(n, 128), 128, x, n);
    deep::inner::v2::add<<<1, 64>>>(x, 64); /* not as measured */
    print("add", x, n);
    print("add", y, n);
    scale<<<CDIV(n, 128), 128>>>(x, n);
    scale<<<CDIV(n, 128), 128>>>(y, n);
    scale<<<CDIV(n, 128), 128>>>(z, n);
    print("scale", x, n);
    print("scale", y, n);
    print("scale", z, n);
    upload(0.25f);
    weigh<<<CDIV(n, 64), 64>>>(x, n);
    print("weigh", x, n);
    elsewhere<<<CDIV(n, 64), 64>>>(x, n);
    run_elsewhere(x, n);
    print("elsewhere", x, n);
    std::printf("%d\n", rowwise(x, 4, 1024, std::make_unique<int>(outside(5))));
    std::printf("%d\n", rowwise(x, 2, 1000, nullptr)); /* an assumption does not hold */
    std::printf("%d\n", rowwise(x, 1, 1024, nullptr));
    print("rowwise", x, n);
    return cudaDeviceSynchronize() != cudaSuccess;
}
