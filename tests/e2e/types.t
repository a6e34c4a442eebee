#!/bin/bash
# Element types: what the harness says of each, and what is said of those that cannot be.
. "$(dirname "$0")/../tap.sh"
build=${KSEARCH_BUILD:?the folder of the build}
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER)|NVCC_.*|CI)$'); do unset "$v"; done
export KSEARCH_CACHE_DIR=$dir/cache
cd "$dir" || exit 1

# TYPE LANE SIZE: enum elem_type and bytes; a user's macros do not disturb what looks for complex numbers
types='bool 15 1
char 13 1
int8_t 13 1
uint8_t 14 1
short 11 2
unsigned 10 4
size_t 8 8
long 7 8
float 2 4
double 1 8
char3 13 3
uchar4 14 4
short2 11 4
ushort1 12 2
int2 9 8
uint3 10 12
long2 7 16
ulonglong2 8 16
float3 2 12
float4 2 16
double2 1 16
double4_32a 1 32
__half 3 2
__half2 3 4
__nv_bfloat16 4 2
__nv_bfloat162 4 4
__nv_fp8_e4m3 5 1
__nv_fp8x2_e4m3 5 2
__nv_fp8x4_e5m2 6 4
cuFloatComplex 2 8
cuDoubleComplex 1 16
std::complex<float> 2 8
cuda::std::complex<double> 1 16
cuda::std::complex<__half> 3 4
at::Half 3 2
c10::BFloat16 4 2
c10::Float8_e4m3fn 5 1
c10::Float8_e5m2 6 1
c10::complex<c10::Half> 3 4
cutlass::half_t 3 2
cutlass::bfloat16_t 4 2
cutlass::float_e4m3_t 5 1
cutlass::float_e5m2_t 6 1
own::Half 0 2
c10::Halfway 0 2
Triple 0 12
Holder 0 8
long_double -2 16
char_pointer -1 8'
{
    printf '#include <complex>\n#include <cuda/std/complex>\n#include <cuComplex.h>\n'
    printf 'namespace c10 { struct alignas(2) Half { short x; Half operator+(Half) const { return *this; } }; struct alignas(2) BFloat16 { short x; };\n'
    printf 'struct Float8_e4m3fn { char x; }; struct Float8_e5m2 { char x; }; struct Halfway { short x; };\n'
    printf 'template <typename T> struct complex { using value_type = T; T a, b; T real() const { return a; } T imag() const { return b; } }; }\n'
    printf 'namespace at { using c10::Half; }\nnamespace own { struct Half { short x; }; }\n'
    printf 'namespace cutlass { struct half_t { short x; }; struct bfloat16_t { short x; }; struct float_e4m3_t { char x; }; struct float_e5m2_t { char x; }; }\n'
    printf '#include <cuda_fp16.h>\n#include <cuda_bf16.h>\n#include <cuda_fp8.h>\n#define real double\n#define imag real\n'
    printf 'struct Triple { float x, y, z; };\nstruct Holder { using value_type = float; float a; int b; };\n'
    printf 'typedef long double long_double;\ntypedef char *char_pointer;\nconstexpr int B = 64;\n'
    printf 'template <typename... T> static void use(T *...) {}\n'
    n=0
    all=
    while read -r type _; do
        printf '#pragma ksearch temp(a%d[n] as %s)\n' $n "$type"
        all+="${all:+, }a$n"
        n=$((n + 1))
    done <<<"$types"
    printf '#pragma ksearch inout(x[n]) call((use(%s), run(x, n))) workload(n = 64) tune(B = 32, 64)\n' "$all"
    printf 'static void run(float *x, int n) { if (n < B) x[0] = 0; }\n'
} >types.cu
"$build/tests/rewrite" harness types.cu >harness.cu
is 'a harness with arrays of all types compiles without a warning' \
    "$("$nvcc" -std=c++17 -Xcompiler -Wall,-Wextra,-Werror -Werror all-warnings -arch=sm_90 -shared -Xcompiler -fPIC -o types.so harness.cu 2>&1)" ''
n=0
while read -r type lane size; do
    is "$type" "$("$build/tests/harness" ./types.so elem run_0 $n)" "$lane $size"
    n=$((n + 1))
done <<<"$types"

# ---- types that no array may hold
refused() { # TYPE ROLE: compiles with a worker on the CPU; says everything into $said
    cat >refused.cu <<C
constexpr int B = 64;
#pragma ksearch $2 inout(y[n]) call(run(x, y, n)) workload(n = 64) tune(B = 32, 64)
static void run($1 *x, float *y, int n) { if (n < B) y[0] = x != nullptr; }
void runs($1 *x, float *y) { run(x, y, 3); }
C
    said=$(KSEARCH_WORKER="env LD_LIBRARY_PATH=$build/tests/fake $build/libexec/ksearch/ksearch-worker" \
        "$KSEARCH_BIN/ksnvcc" nvcc -arch=sm_90 -c refused.cu -o refused.o 2>&1)
    status=$?
}
refused 'long double' 'in(x[n] as long double)'
is 'long double: the build goes on' "$status" 0
like 'long double: why it is not searched' "$said" "original: array 'x' is of long double, which GPUs do not have: use double"
refused 'float *' 'in(x[n] as float *)'
like 'pointers: why not' "$said" "original: array 'x' is of pointers, which no generator makes"
finish
