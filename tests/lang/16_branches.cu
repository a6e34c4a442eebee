// Constants that several branches define: the active one is meant, once the preprocessor was asked.
#ifdef BIG
#define BLOCK 256
constexpr int TILE = 8, PAD = 1;
#else
 #  define BLOCK 128 /* the usual */
constexpr int TILE = 4, PAD = 0;
#endif
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
constexpr int STAGES = 4;
#else
constexpr int STAGES = 2;
#endif
#ifdef UNUSED
#define ONCE 1
#endif

#pragma ksearch inout(x[n]) workload(n = 1024) launch(grid = cdiv(n, BLOCK * TILE), block = BLOCK)
#pragma ksearch tune(BLOCK = 128, 256) tune(TILE = 4, 8) where(BLOCK * (TILE + PAD) <= 4096)
__global__ void f(float *x, int n)
{
}
