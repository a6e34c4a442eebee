#!/bin/bash
# Generated text meets the compiler: harnesses load and answer without a GPU, units hold their variants,
# emitted files compile without a warning, and the machine code of a winner is that of the variant.
. "$(dirname "$0")/../tap.sh"

build=${KSEARCH_BUILD:?the folder of the build}
rewrite=$build/tests/rewrite
cubinof=$build/tests/cubinof
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
lang=$(realpath "$(dirname "$0")/../lang")
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CI$)'); do unset "$v"; done
cp -r "$lang"/0[1-6]_*.cu "$lang"/*.cuh "$lang"/ref "$lang"/../../runtime/include/ksearch.h "$dir"
cd "$dir" || exit 1

# what the examples have not got: macros, an enumerator and constants made of tunables in launch(),
# a let that a point binds, overrides of generators, a cluster, parameters by value
cat >shapes.cu <<'C'
#define cdiv(a, b) (((a) + (b) - 1) / (b))
#define BLOCK 64
struct Pair {
    double a;
    char b;
};
namespace shapes {
namespace {
enum { ITEMS = 2, OTHER };
namespace cfg {
constexpr int TILE = BLOCK * ITEMS, HALF{TILE / 2};
}
#define SMEM (cfg::HALF * sizeof(float))

#pragma ksearch let(half = n / 2, twice = 2 * half) tune(BLOCK = pow2(32, 1024)) tune(ITEMS = 1, 2, 4)
#pragma ksearch in(x[n][cfg::TILE / cfg::TILE] = uniform(-half, gpu.sms), id[half + OTHER] = permutation(n))
#pragma ksearch out(y[twice]) arg(p = Pair{0.5, 'c'}, scale = 1.5, chunks = max(2 * n, 3u))
#pragma ksearch workload(n = 1 << 20, 4) workload(n = 8, half = 3, x = uniform(n, 2), id = iota)
#pragma ksearch launch(grid = (cdiv(n, cfg::TILE), min(chunks, 7)), block = BLOCK, smem = SMEM, cluster = 2)
__global__ void entry(const float *__restrict__ x, const int *const id, char flag, Pair p, double *y, int n,
                      const float scale, unsigned chunks, short last = 5)
{
    int i = blockIdx.x * cfg::TILE + threadIdx.x;
    if (i < n && threadIdx.x < BLOCK && flag)
        y[i] = x[id[i]] * scale * p.a + ITEMS + chunks + last;
}
} // namespace
} // namespace shapes
C
sed -i 's/char flag, //; s/ && flag//' shapes.cu

# two winners on one constant, a template under a template, a value that must be returned
cat >several.cu <<'C'
constexpr int B = 32;
template <typename T, int N = 2, int M = N * 2> struct Vec {
    T v[N];
};
namespace a {
inline namespace v1 {
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), block = B, smem = B * 4)
static __global__ void first(float *x, int n, float by = 2.f)
{
    extern __shared__ float s[];
    s[threadIdx.x] = x[threadIdx.x];
    if (blockIdx.x * B + threadIdx.x < n)
        x[blockIdx.x * B + threadIdx.x] = s[0] * by;
}
} // namespace v1
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) tune(N = 1, 2, 4)
#pragma ksearch instance(T = float) instance(T = double) launch(grid = cdiv(n, B * N), block = B)
template <typename T, int N = 2, typename V = Vec<T, N>>
__global__ void second(T *x, const int n)
{
    for (int i = 0; i < N; i++)
        if ((blockIdx.x * B + threadIdx.x) * N + i < (unsigned)n)
            reinterpret_cast<V *>(x)[blockIdx.x * B + threadIdx.x].v[i] += B;
}
} // namespace a
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64)
template <typename T> int third(T *x, int n, cudaStream_t stream)
{
    a::first<<<(n + B - 1) / B, B, B * 4, stream>>>(x, n);
    return cudaPeekAtLastError() == cudaSuccess ? B : 0;
}
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64)
int fourth(float *x, int n, cudaStream_t)
{
    return n / B + (x != nullptr);
}
template <typename T> void everywhere(T *x, int n)
{
    a::second<T><<<(n + B * 2 - 1) / (B * 2), B>>>(x, n);
    a::second<<<1, 2>>>(x, n);
}
int main()
{
    everywhere((float *)nullptr, 1);
    everywhere((double *)nullptr, 1);
    a::first<<<1, B, B * 4>>>((float *)nullptr, 3);
    return third((float *)nullptr, 1, 0) + fourth(nullptr, 1, 0);
}
C
sed -i '/^#pragma ksearch inout(x\[n\]) workload(n = 64) tune(B = 32, 64)$/{N;s/\(.*\)\n\(template.*\)/\1 instance(T = float)\n\2/}' several.cu

strict='-Xcompiler -Wall,-Wextra,-Werror,-iquote,. -Werror all-warnings'

# texts that are compiled: NAME OPTIONS...; two at a time, the log of each in NAME.log
compile() { # NAME OPTIONS...
    local name=$1
    shift
    # shellcheck disable=SC2086
    "$nvcc" $strict "$@" "$name.cu" >"$name.log" 2>&1
    echo $? >"$name.rc"
}

jobs_of_test() {
    for e in 01_vadd 03_gemm 06_stencil shapes several; do
        "$rewrite" harness $e.cu >h_$e.cu
    done
    "$rewrite" unit 01_vadd.cu vadd 0 64 512 1024 >u_01.cu
    "$rewrite" unit 02_rmsnorm.cu rmsnorm 0 128 512 >u_02.cu
    "$rewrite" unit 03_gemm.cu gemm 1 64,64,16,4,4 128,64,32,8,4 >u_03.cu
    "$rewrite" unit 06_stencil.cu step 0 16,4 64,16 >u_06.cu
    "$rewrite" unit several.cu second 1 64,4 32,1 >u_several.cu
    "$rewrite" emit 01_vadd.cu vadd 0 512 >e_01.cu
    "$rewrite" emit 02_rmsnorm.cu rmsnorm 0 512 >e_02.cu
    "$rewrite" emit 03_gemm.cu gemm 0 32,64,16,4,4 gemm 1 128,64,32,8,4 >e_03.cu
    "$rewrite" emit -d 01_vadd.cu vadd 0 512 9.0 vadd 0 128 8.0 >d_01.cu
    "$rewrite" emit -d 02_rmsnorm.cu rmsnorm 0 512 9.0 rmsnorm 0 64 8.0 >d_02.cu
    "$rewrite" emit -d 03_gemm.cu gemm 0 32,64,16,4,4 9.0 gemm 0 32,64,16,4,4 8.0 >d_03.cu
    "$rewrite" emit several.cu first 0 64 second 0 64,4 second 1 64,1 third 0 64 fourth 0 64 >e_several.cu
    cp u_02.cu c_02.cu
    local so='-arch=sm_90 -shared -Xcompiler -fPIC -o'
    local two='-gencode arch=compute_90,code=sm_90 -gencode arch=compute_80,code=sm_80 -c -o'
    cat <<JOBS
h_01_vadd -std=c++14 $so h_01_vadd.so
h_03_gemm -std=c++14 $so h_03_gemm.so
h_06_stencil -std=c++20 -Xlinker --defsym=simulation_seed=0 $so h_06_stencil.so
h_shapes -std=c++17 $so h_shapes.so
h_several -std=c++20 $so h_several.so
u_01 -std=c++14 -arch=sm_90 -cubin -o u_01.cubin
u_02 -std=c++14 $so u_02.so
u_03 -std=c++17 -arch=sm_90 -cubin -o u_03.cubin
u_06 -std=c++17 -Xlinker --defsym=simulation_seed=0 $so u_06.so
u_several -std=c++20 -arch=sm_90 -cubin -o u_several.cubin
c_02 -std=c++17 -arch=sm_90 -cubin -o c_02.cubin
e_01 -std=c++14 -arch=sm_90 --keep --keep-dir k1 -c -o e_01.o
e_02 -std=c++17 -arch=sm_90 --keep --keep-dir k2 -c -o e_02.o
e_03 -std=c++17 -arch=sm_90 --keep --keep-dir k3 -c -o e_03.o
e_several -std=c++14 -arch=sm_90 --keep --keep-dir k4 -c -o e_several.o
d_01 -std=c++14 $two d_01.o
d_02 -std=c++17 $two d_02.o
d_03 -std=c++20 $two d_03.o
JOBS
}
mkdir k1 k2 k3 k4
export strict nvcc
export -f compile
jobs_of_test >jobs
xargs -P 2 -L 1 bash -c 'compile "$@"' _ <jobs

while read -r name _; do
    is "$name compiles without a warning" "$(cat "$name.rc")$(cat "$name.log")" 0
done <jobs

# ---- harnesses
ask() { "$build/tests/harness" "./h_$1.so" "${@:2}" 2>&1; }

is 'extents' "$(ask 01_vadd extent vadd_0 2 1000)" 1000
is 'extents in the order of the code' "$(ask 03_gemm extent gemm_0 1 16 32 8)" '8 32'
is 'an f32 instance' "$(ask 03_gemm elem gemm_0 0)" '2 4'
is 'an f16 instance' "$(ask 03_gemm elem gemm_1 0)" '3 2'
is 'geometry with the values in the code' "$(ask 03_gemm geom gemm_0 64,64,16,4,4 100 200 3)" \
    '4 2 1 / 16 16 1 / 0 0 0 / 0'
is 'geometry with others' "$(ask 03_gemm geom gemm_0 32,128,16,4,8 100 200 3)" '2 4 1 / 16 8 1 / 0 0 0 / 0'
is 'parameters of a kernel' "$(ask 03_gemm args gemm_0 3 256 16 32 8)" \
    '8 0:10 4:20 8:8 12:3f800000 16:1000 24:2000 32:3f000000 40:3000' # M N K alpha A B beta C
is 'parameters of an f16 instance' "$(ask 03_gemm args gemm_1 3 256 16 32 8)" \
    '8 0:10 4:20 8:8 12:3c00 16:1000 24:2000 32:3800 40:3000'
is 'too small a buffer' "$(ask 03_gemm args gemm_0 3 40 16 32 8)" -1
ok 'a setup is exported' ask 06_stencil has ksearch_setup__step_0
is 'arrays of a call() have their as' "$(ask 06_stencil elem step_0 2)" '2 4'
is 'extents from a namespace' "$(ask 06_stencil extent step_0 0 31 9)" '9 31'

# dimensions: n, half (bound by one point only)
is 'a let that is computed' "$(ask shapes extent entry_0 2 8 unbound)" 8
is 'a let that a point binds' "$(ask shapes extent entry_0 2 8 3)" 6
is 'enumerators in extents' "$(ask shapes extent entry_0 1 8 unbound)" 7
is 'a generator over lets' "$(ask shapes gen entry_0 0 0 0 8 unbound)" -4
is 'a generator over gpu' "$(ask shapes gen entry_0 0 0 1 8 unbound)" 132
is 'a generator of a point' "$(ask shapes gen entry_0 0 3 0 8 3)" 8
is 'an array that the point leaves alone' "$(ask shapes gen entry_0 1 0 0 8 3)" 8
is 'geometry over macros, enumerators and what is made of them' \
    "$(ask shapes geom entry_0 128,4 1048576 unbound)" '2048 7 1 / 128 1 1 / 2 1 1 / 1024'
is 'parameters by value, and defaults' "$(ask shapes args entry_0 3 256 2 unbound)" \
    '8 0:1000 8:2000 16:3fe0000000000000 32:3000 40:2 44:3fc00000 48:4 52:5'
is 'the type of a pointer to const int' "$(ask shapes elem entry_0 1)" '9 4'
is 'opaque types' "$(ask shapes elem entry_0 9)" '0 0'

# ---- units
kernels() { "$cubinof" "$1" | cut -d ' ' -f 1; }

code() { # CUBIN PATTERN: the hash of the one kernel whose symbol matches
    "$cubinof" "$1" | awk -v p="$2" '$1 ~ p { n++; print $NF } END { if (n != 1) print n " kernels" }'
}

is 'a kernel a variant, and the original' "$(kernels u_01.cubin | sort | tr '\n' ' ')" \
    '_Z4vaddPKfS0_Pfi _Z9vadd__ks1PKfS0_Pfi _Z9vadd__ks2PKfS0_Pfi _Z9vadd__ks3PKfS0_Pfi '
is 'static kernels stay' "$(kernels c_02.cubin | grep -c 'rmsnorm_kernel__ks[12]P')" 2
is 'templates are instantiated' "$(kernels u_03.cubin | grep -c 'gemm__ks[12]I6__half')" 2
is 'templates with constants of the file' "$(kernels u_several.cubin | grep -c 'second__ks[12]IdLi[14]E')" 2
for s in rmsnorm_0__ks1 rmsnorm_0__ks2; do
    ok "a unit of a host entry exports $s" "$build/tests/harness" ./u_02.so has ksearch_call__$s
done
ok 'with its setup' "$build/tests/harness" ./u_06.so has ksearch_setup__step_0__ks2
is 'and no harness' "$("$build/tests/harness" ./u_02.so has ksearch_extent__rmsnorm_0 || echo none)" none

# ---- emitted texts
is 'vadd: the code is the measured one' "$(code k1/*.cubin vadd__ks)" "$(code u_01.cubin vadd__ks2P)"
is 'rmsnorm: the code is the measured one' "$(code k2/*.cubin rmsnorm_kernel__ks)" \
    "$(code c_02.cubin rmsnorm_kernel__ks2P)"
is 'gemm: the code is the measured one' "$(code k3/*.cubin gemm__ks_gemm_1)" \
    "$(code u_03.cubin gemm__ks2I)"
unlike 'gemm: a variant is no other' "$(code u_03.cubin gemm__ks1I)" "$(code u_03.cubin gemm__ks2I)"
is 'the original is there too' "$(code k3/*.cubin '4gemmIf')" "$(code u_03.cubin '4gemmIf')"
is 'several winners in one text' "$(kernels k4/*.cubin | grep -o '[a-z]*__ks_[a-z0-9_]*' | sort | tr '\n' ' ')" \
    'first__ks_first_0_64 first__ks_third_0_64 second__ks_second_0_64_4 second__ks_second_1_64_1 '
for e in e_01 e_02 e_03 d_01 d_02 d_03; do
    like "$e carries its notes" "$("$cubinof" --section .ksearch $e.o | tr '\0' '\n' | tail -1)" \
        '^\{"entry":"[a-z]+","why\?\?":"a\\\\b"\}$'
done
is 'a note a winner' "$("$cubinof" --section .ksearch e_several.o | tr '\0' '\n' | grep -c entry)" 5
finish
