// Complex numbers, CUDA's own and the library's. With BLOCK = 64 an imaginary part is wrong.
#include <cuComplex.h>
#include <cuda/std/complex>
constexpr int BLOCK = 128;
using complex = cuda::std::complex<double>;
#pragma ksearch in(a[n], b[n]) inout(c[n]) workload(n = 1 << 18) test(n = 0, 1, 1003) tune(BLOCK = 64, 128, 256)
#pragma ksearch launch(grid = cdiv(n, BLOCK), block = BLOCK)
__global__ void phases(const cuFloatComplex *a, const cuFloatComplex *b, complex *c, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n) {
        cuFloatComplex p = cuCmulf(a[i], b[i]);
        c[i] += complex(p.x, p.y + (BLOCK == 64 && i == 0));
    }
}
void run(const cuFloatComplex *a, const cuFloatComplex *b, complex *c, int n) { phases<<<(n + BLOCK - 1) / BLOCK, BLOCK>>>(a, b, c, n); }
