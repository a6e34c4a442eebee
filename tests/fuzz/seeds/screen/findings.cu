#include <cuda_fp16.h>
#include <type_traits>
#include "/etc/passwd"
#include "foo.h"
# include <foo/bar.h>
#define X <a.h>
#include X
#pragma unroll 4
#pragma GCC optimize("O3")
#pragma ksearch tune(A)
#if __has_include("/etc/shadow")
#endif
#line 3 "x"
asm(".incbin \"/etc/passwd\"");
namespace a { asm volatile("x"); struct S { int m() { asm("ok"); return 1; } }; }
extern "C" { asm("x"); }
template <class T, int N> __global__ void __launch_bounds__(N) f(T *p) { asm volatile("mov.u32 %0, 1;" : "=r"(p[0])); for (;;) { asm("y"); } _Pragma("unroll") _Pragma("GCC x")
 printf("x"); void *q = malloc(3); cudaMalloc(&q, 3); int constructor = 1; p<:1:> = 2; }
__managed__ int m;
__attribute__((constructor)) void c() {}
pri\
ntf;
#define A(x) \
   printf(x)
const char *t = "??/ .incbin x";
struct P { int x = 1; } pp;
__device__ inline int g(int a) { return __float_as_int(0.f) ? a : b; }
