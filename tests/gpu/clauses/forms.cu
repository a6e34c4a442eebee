// What only call(...) can pass: a struct by reference, a container, a method; the program checks what was emitted.
#include <cstdio>
#include <vector>

constexpr int WASTE = 64;

__global__ void twice(const float *a, float *b, int n)
{
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i >= n)
        return;
    float x = a[i];
    for (int k = 1; k < WASTE; k++) // work for nothing
        x = __fdiv_rn(x, 3.f) * 0 + x;
    b[i] = 2 * x;
}

struct Part {
    const float *in;
    float *out;
    int n;
};

#pragma ksearch in(a[n] as float) out(b[n] as float) call(by_reference(Part{a, b, (int)n}, stream))
#pragma ksearch workload(n = 1 << 20) test(n = 1000) tune(WASTE = 1, 64)
void by_reference(const Part &p, cudaStream_t stream)
{
    twice<<<(p.n + 255) / 256, 256, 0, stream>>>(p.in, p.out, p.n);
}

#pragma ksearch let(half = n / 2) in(a[n] as float) out(b[n] as float) tune(WASTE = 1, 64)
#pragma ksearch call(containers(std::vector<Part>{{a, b, (int)half}, {a + half, b + half, (int)(n - half)}}, stream))
#pragma ksearch workload(n = 1 << 20) test(n = 1000)
void containers(const std::vector<Part> &parts, cudaStream_t stream)
{
    for (const Part &p : parts)
        twice<<<(p.n + 255) / 256, 256, 0, stream>>>(p.in, p.out, p.n);
}

#pragma ksearch in(a[n]) out(b[n]) call(Solver{(int)n}.run(a, b, stream))
#pragma ksearch workload(n = 1 << 20) test(n = 1000) tune(WASTE = 1, 64)
void in_method(const float *a, float *b, int n, cudaStream_t stream)
{
    twice<<<(n + 255) / 256, 256, 0, stream>>>(a, b, n);
}

struct Solver {
    int n;
    void run(const float *a, float *b, cudaStream_t stream) const
    {
        in_method(a, b, n, stream);
    }
};

static bool right(const float *b, int n)
{
    std::vector<float> out(n);
    cudaMemcpy(out.data(), b, n * sizeof *b, cudaMemcpyDeviceToHost);
    for (int i = 0; i < n; i++)
        if (out[i] != 6.f)
            return std::printf("[%d] = %g\n", i, out[i]), false;
    return cudaMemset((void *)b, 0, n * sizeof *b) == cudaSuccess;
}

int main()
{
    const int n = 1001;
    std::vector<float> in(n, 3.f);
    float *a, *b;
    cudaMalloc(&a, n * sizeof *a), cudaMalloc(&b, n * sizeof *b);
    cudaMemcpy(a, in.data(), n * sizeof *a, cudaMemcpyHostToDevice);
    by_reference({a, b, n}, 0);
    bool good = right(b, n);
    containers({{a, b, 500}, {a + 500, b + 500, n - 500}}, 0);
    good = right(b, n) && good;
    Solver{n}.run(a, b, 0);
    return right(b, n) && good && cudaGetLastError() == cudaSuccess ? 0 : 1;
}
