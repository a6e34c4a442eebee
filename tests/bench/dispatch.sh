#!/bin/bash
# What the dispatch in an emitted object costs a call: the same program by plain nvcc and with winners in it, its kernels' launches
# replaced by a function that returns at once, so that all that is timed is what runs on the host. ROUNDS rounds of each, interleaved;
# medians and quartiles in nanoseconds a call, and the differences of the medians. On a machine with a GPU the runtime is the real
# one; elsewhere it is a stub, whose calls cost next to nothing. Where several GPUs differ, a dispatch also asks which is current.
set -eu

rounds=${ROUNDS:-31}
rewrite=${KSEARCH_BUILD:?the folder of the build}/tests/rewrite
cuda=${CUDA_HOME:-/usr/local/cuda}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >bench.cu <<'C_'
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
constexpr int B = 32, C = 32;
#pragma ksearch inout(x[n]) workload(rows = 1, n = 64) tune(B = 32, 64, 128, 256, 512) assume(n % 32 == 0, rows < 100000)
__attribute__((noinline)) int host(float *x, int rows, int n)
{
    asm volatile("" ::: "memory");
    return B + rows + n + (x != nullptr);
}
#pragma ksearch inout(x[n]) workload(rows = 1, n = 64) tune(B = 32, 64) assume(n % 32 == 0, rows < gpu.sms)
__attribute__((noinline)) int sms(float *x, int rows, int n)
{
    asm volatile("" ::: "memory");
    return B + rows + n + (x != nullptr);
}
#pragma ksearch inout(x[n]) workload(n = 64) tune(C = 32, 64) launch(grid = cdiv(n, C), block = C)
__global__ void kernel(float *x, int n)
{
    if (blockIdx.x * C + threadIdx.x < (unsigned)n)
        x[blockIdx.x * C + threadIdx.x] += C;
}
__attribute__((noinline)) int launch(float *x, int rows, int n)
{
    kernel<<<rows, 32>>>(x, n);
    return n;
}

template <typename F> static double once(F f, int rows, int n)
{
    const int calls = 2000000;
    volatile int sink = 0, r = rows, m = n;
    auto from = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; i++)
        sink = f(nullptr, r, m);
    std::chrono::duration<double, std::nano> ns = std::chrono::steady_clock::now() - from;
    (void)sink;
    return ns.count() / calls;
}

int main()
{
    cudaFree(nullptr); /* a program that launches has a context */
    once(host, 1, 64);
    std::printf("host-first %.2f\n", once(host, 1, 64));
    std::printf("host-last %.2f\n", once(host, 4000, 64));
    std::printf("host-none %.2f\n", once(host, 50000, 64));
    std::printf("host-gpu %.2f\n", once(sms, 1, 64));
    std::printf("launch-same %.2f\n", once(launch, 2, 64));
    std::printf("launch-other %.2f\n", once(launch, 3, 64));
}
C_
cat >launch.c <<'C_'
/* launches that do nothing, in place of the runtime's */
#include <stddef.h>
struct dim3 { unsigned x, y, z; };
int __wrap_cudaLaunchKernel(const void *k, struct dim3 g, struct dim3 b, void **a, size_t m, void *s)
{
    (void)k, (void)g, (void)b, (void)a, (void)m, (void)s;
    return 0;
}
int __wrap___cudaLaunchKernel(void *k, struct dim3 g, struct dim3 b, void **a, size_t m, void *s)
{
    (void)k, (void)g, (void)b, (void)a, (void)m, (void)s;
    return 0;
}
C_
cat >stub.c <<'C_'
/* as much of the runtime as the program needs besides */
#include <stddef.h>
struct dim3 { unsigned x, y, z; };
static struct { struct dim3 g, b; size_t m; void *s; } pushed;
void **__cudaRegisterFatBinary(void *f) { static void *h; (void)f; return &h; }
void __cudaRegisterFatBinaryEnd(void **h) { (void)h; }
void __cudaUnregisterFatBinary(void **h) { (void)h; }
char __cudaInitModule(void **h) { (void)h; return 0; }
void __cudaRegisterFunction(void **h, const char *f, char *d, const char *n) { (void)h, (void)f, (void)d, (void)n; }
int __cudaGetKernel(void **k, const void *f) { *k = (void *)f; return 0; }
unsigned __cudaPushCallConfiguration(struct dim3 g, struct dim3 b, size_t m, void *s)
{
    pushed.g = g, pushed.b = b, pushed.m = m, pushed.s = s;
    return 0;
}
int __cudaPopCallConfiguration(struct dim3 *g, struct dim3 *b, size_t *m, void **s)
{
    *g = pushed.g, *b = pushed.b, *m = pushed.m, *s = pushed.s;
    return 0;
}
int cudaGetDevice(int *d) { *d = 0; return 0; }
int cudaGetDeviceCount(int *n) { *n = 1; return 0; }
int cudaFree(void *p) { (void)p; return 0; }
int cudaDeviceGetAttribute(int *v, int a, int d) { (void)d; *v = a == 75 ? 9 : a == 76 ? 0 : 100; return 0; }
int cudaFuncSetAttribute(const void *f, int a, int v) { (void)f, (void)a, (void)v; return 0; }
int cudaGetLastError(void) { return 0; }
C_

runtime=stub
"${KSEARCH_BUILD}/libexec/ksearch/ksearch-worker" --probe >/dev/null 2>&1 && runtime=real
arch='-gencode arch=compute_90,code=sm_90'
build() { # NAME TEXT ARCHITECTURES...
    # shellcheck disable=SC2086
    "$cuda/bin/nvcc" -O2 -std=c++17 ${*:3} -c "$2" -o "$1.o"
    if [ $runtime = real ]; then
        "$cuda/bin/nvcc" -Xlinker --wrap=cudaLaunchKernel,--wrap=__cudaLaunchKernel "$1.o" launch.o -o "$1"
    else
        g++ -Wl,--wrap=cudaLaunchKernel,--wrap=__cudaLaunchKernel "$1.o" launch.o stub.o -o "$1"
    fi
}
"${CC:-cc}" -O2 -c launch.c
"${CC:-cc}" -O2 -c stub.c
regimes() { # EMIT-WORDS BEHIND EACH WINNER...
    echo host 0 64@rows=1..16 "$@" host 0 128@rows=32..64 "$@" host 0 256@rows=128..1024 "$@" host 0 512@rows=2048..8192 "$@"
}
# shellcheck disable=SC2046
"$rewrite" emit bench.cu $(regimes) sms 0 64 kernel 0 64 >one.cu
# shellcheck disable=SC2046
"$rewrite" emit -d bench.cu $(regimes 9.0) $(regimes 8.0) sms 0 64 9.0 kernel 0 64 9.0 kernel 0 64 8.0 >several.cu
build 1plain bench.cu "$arch"
build 2one one.cu "$arch"
build 3several several.cu "$arch -gencode arch=compute_80,code=sm_80"

for ((i = 0; i < rounds; i++)); do
    for p in 1plain 2one 3several; do
        ./$p | while read -r what ns; do
            echo "$ns" >>"$p.$what.ns"
        done
    done
done

quartile() { # FILE PERCENT
    sort -n "$1" | awk -v p="$2" '{ v[NR] = $1 } END { print v[int((NR - 1) * p / 100) + 1] }'
}

echo "$runtime runtime, $rounds rounds of 2000000 calls, ns a call"
printf '  %-42s %8s %8s %8s %10s\n' '' q1 median q3 'over plain'
line() { # WHAT TITLE
    local base=0 m p
    echo "$2"
    for p in 1plain 2one 3several; do
        m=$(quartile "$p.$1.ns" 50)
        [ $p != 1plain ] || base=$m
        printf '  %-42s %8.2f %8.2f %8.2f %+10.2f\n' "$(case $p in 1*) echo 'plain nvcc' ;; 2*) echo 'one architecture' ;; *) echo 'two architectures, each with its winners' ;; esac)" \
            "$(quartile "$p.$1.ns" 25)" "$m" "$(quartile "$p.$1.ns" 75)" "$(awk -v a="$m" -v b="$base" 'BEGIN { print a - b }')"
    done
}
line host-first 'host entry, two assumptions and four regimes: the first'
line host-last 'the last regime'
line host-none 'none of the regimes: the original'
line host-gpu 'host entry, an assumption on gpu.sms'
line launch-same 'kernel launch with the measured geometry'
line launch-other 'kernel launch with another geometry: the original'
