#!/bin/bash
# What an emitted program launches, on a runtime that only writes it down: the winner where the launch is the
# measured one and the GPU is its own, the original everywhere else.
. "$(dirname "$0")/../tap.sh"

rewrite=${KSEARCH_BUILD:?the folder of the build}/tests/rewrite
cuda=${CUDA_HOME:?the toolkit}
root=$(realpath "$(dirname "$0")/../..")
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CI$)'); do unset "$v"; done
cd "$dir" || exit 1

cat >t.cu <<'C'
#include <cstdio>
#include <cstdlib>
#define STAGES 1
constexpr int B = 32;
namespace a {
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) tune(STAGES = 1, 30)
#pragma ksearch launch(grid = (cdiv(n, B), min(gpu.sms, 7)), block = B, smem = STAGES * B * 64)
static __global__ void add(float *x, int n)
{
    extern __shared__ float s[];
    s[threadIdx.x % B] = x[threadIdx.x] * STAGES;
    if (blockIdx.x * B + threadIdx.x < (unsigned)n)
        x[blockIdx.x * B + threadIdx.x] += s[0];
}
#pragma ksearch inout(x[n]) workload(n = 64) tune(N = 1, 2, 4) instance(T = float)
#pragma ksearch launch(grid = cdiv(n, 32 * N), block = 32) assume(n % (32 * N) == 0)
template <typename T, int N = 2> __global__ void scale(T *x, int n)
{
    for (int i = 0; i < N && i < n; i++)
        x[i] *= N;
}
}
static __global__ void inner(float *x) { x[threadIdx.x] = B; }
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64)
static int host(float *x, int n) { inner<<<n / B, B>>>(x); return B; }

int main()
{
    float *x = nullptr;
    double *y = nullptr;
    cudaStream_t s = (cudaStream_t)0x10;
    a::add<<<dim3(4, 7), B, B * 64, s>>>(x, 128);   /* as launch() says */
    a::add<<<dim3(5, 7), B, B * 64, s>>>(x, 128);   /* more blocks */
    a::add<<<dim3(4, 7), B, B * 64 + 4>>>(x, 128);  /* more shared memory */
    a::scale<<<2, 32>>>(x, 128);
    a::scale<float, 2><<<2, 32>>>(x, 128);
    a::scale<<<2, 32>>>(x, 127);                    /* an assumption that does not hold */
    a::scale<float, 4><<<1, 32>>>(x, 128);          /* another instance */
    a::scale<<<2, 32>>>(y, 128);                    /* another type */
    std::printf("%d %d\n", host(x, 128), (int)cudaGetLastError());
}
C

emit() { # NAME OPTIONS WINNERS...
    "$rewrite" emit "${@:2}" >"$1.cu" || return 1
    "$cuda/bin/nvcc" -std=c++14 -gencode arch=compute_90,code=sm_90 -gencode arch=compute_80,code=sm_80 \
        -c "$1.cu" -o "$1.o" || return 1
    g++ -o "$1" "$1.o" cudart.o
}
"${CC:-cc}" -c -o cudart.o "$root/tests/fake/cudart.c" || exit 1
emit single t.cu add 0 64,30 scale 0 4 host 0 64 >single.log 2>&1 &
emit multi -d t.cu add 0 64,30 9.0 add 0 64,1 8.0 scale 0 4 9.0 host 0 64 9.0 >multi.log 2>&1
wait
is 'both compile' "$(cat single.log multi.log)" ''

run() { env "${@:2}" "./$1" 2>&1 | c++filt -p | sed 's/^void //; s/^a:://'; }

originals='add 4 7 1 / 32 1 1 / 2048 / 0x10
add 5 7 1 / 32 1 1 / 2048 / 0x10
add 4 7 1 / 32 1 1 / 2052 / (nil)
scale<float, 2> 2 1 1 / 32 1 1 / 0 / (nil)
scale<float, 2> 2 1 1 / 32 1 1 / 0 / (nil)
scale<float, 2> 2 1 1 / 32 1 1 / 0 / (nil)
scale<float, 4> 1 1 1 / 32 1 1 / 0 / (nil)
scale<double, 2> 2 1 1 / 32 1 1 / 0 / (nil)
inner 4 1 1 / 32 1 1 / 0 / (nil)
32 0'
winners='add__ks_add_0_64_30 2 7 1 / 64 1 1 / 122880 / 0x10
add 5 7 1 / 32 1 1 / 2048 / 0x10
add 4 7 1 / 32 1 1 / 2052 / (nil)
scale__ks_scale_0_4<float, 4> 1 1 1 / 32 1 1 / 0 / (nil)
scale__ks_scale_0_4<float, 4> 1 1 1 / 32 1 1 / 0 / (nil)
scale<float, 2> 2 1 1 / 32 1 1 / 0 / (nil)
scale<float, 4> 1 1 1 / 32 1 1 / 0 / (nil)
scale<double, 2> 2 1 1 / 32 1 1 / 0 / (nil)
inner__ks_host_0_64 2 1 1 / 64 1 1 / 0 / (nil)
64 0
asked for shared memory 1 times'
is 'one architecture' "$(run single FAKE_CAPABILITY=90)" "$winners"
is 'the GPU that it was measured on' "$(run multi FAKE_CAPABILITY=90)" "$winners"
is 'a GPU without a winner' "$(run multi FAKE_CAPABILITY=75)" "$originals"
is 'no GPU' "$(run multi A=)" "${originals% 0} 100"
is 'a GPU with another winner' "$(run multi FAKE_CAPABILITY=80)" \
    "add__ks_add_0_64_1 2 7 1 / 64 1 1 / 4096 / 0x10
$(tail -n +2 <<<"$originals")
asked for shared memory 1 times"
is 'a winner that cannot be launched' "$(run multi FAKE_CAPABILITY=90 FAKE_REFUSE=add__ks | head -1)" \
    "$(head -1 <<<"$originals")"
is 'a winner that does not get its shared memory' "$(run multi FAKE_CAPABILITY=90 FAKE_SMEM=100000 | head -1)" \
    "$(head -1 <<<"$originals")"
is 'and no error stays behind' "$(run multi FAKE_CAPABILITY=90 FAKE_SMEM=100000 | grep '^64')" '64 0'
finish
