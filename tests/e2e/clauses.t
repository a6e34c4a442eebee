#!/bin/bash
# Clauses meet the compiler: what call(...), reference(...), setup(...) and check(by) make of a file is compiled, called over
# a runtime that prints what is launched, and what is wrong in it is shown where it stands.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/recording.sh"

root=$(realpath "$(dirname "$0")/../..")
build=${KSEARCH_BUILD:?the folder of the build}
rewrite=$build/tests/rewrite
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER|BUDGET)|NVCC_.*|CI)$'); do unset "$v"; done
cp -r "$root"/tests/lang/{16_clauses.cu,ref} "$dir"
cd "$dir" || exit 1
"${CC:-cc}" -fPIC -c -o cudart.o "$root/tests/fake/cudart.c" || exit 1

# ---- every form, in a harness and in units
shared() { # NAME: a shared object over the runtime that prints
    "$nvcc" -std=c++20 -arch=sm_90 -cudart none -Xcompiler -Wall,-Wextra,-fPIC -shared -o "$1.so" "$1.cu" cudart.o >"$1.log" 2>&1
}
labels='kernel reference span vector member static_member'
"$rewrite" harness 16_clauses.cu >harness.cu
for l in $labels; do
    if [ $l = static_member ]; then
        "$rewrite" unit 16_clauses.cu $l 0 128 >$l.cu
    else
        "$rewrite" unit 16_clauses.cu $l 0 256 128 >$l.cu
    fi
done
export nvcc
export -f shared
printf '%s\n' harness $labels | xargs -P 2 -I NAME bash -c 'shared NAME'
for name in harness $labels; do
    is "$name compiles without a warning" "$(cat $name.log)" ''
done

ask() { "$build/tests/harness" "./$1.so" "${@:2}" 2>&1 | c++filt -p | sed 's/^void //'; }

is 'a kernel' "$(ask harness call kernel_0 1000)" $'add 4 1 1 / 256 1 1 / 0 / 0x10\n0'
is 'its reference is a kernel' "$(ask harness reference kernel_0 1000)" $'slow_add 4 1 1 / 256 1 1 / 0 / 0x10\n0'
is 'or a function that wants the stream' "$(ask harness reference by_host_0 1000)" $'slow_add 1 1 1 / 32 1 1 / 0 / 0x10\n0'
is 'defaults are left alone' "$(ask harness call add_on_host_0 1000)" $'add_plainly 4 1 1 / 256 1 1 / 0 / 0x10\n0'
is 'a reference from a file' "$(ask harness reference add_on_host_0 1000)" $'ref::add_kernel 1 1 1 / 1 1 1 / 0 / 0x10\n0'
is 'the setup' "$(ask harness setup kernel_0)" $'scales[0] <- 8 bytes\n0'
is 'a checker that accepts' "$(ask harness check kernel_0 2 1,2 1.4,2)" 1
is 'a checker that does not' "$(ask harness check kernel_0 2 1,2 1.6,2)" 0
is 'an array without one' "$(ask harness check kernel_0 1 1,2 1,2)" -1
ok 'no checker where none is asked for' sh -c "! $build/tests/harness ./harness.so has ksearch_check__by_host_0"
ok 'nor a reference' sh -c "! $build/tests/harness ./harness.so has ksearch_reference__span_0"

is 'a kernel with a setup is called in its unit' "$(ask kernel call kernel_0__ks2 1000)" $'add__ks2 8 1 1 / 128 1 1 / 0 / 0x10\n0'
is 'which sets up variables of its own' "$(ask kernel setup kernel_0__ks2)" $'scales[0] <- 8 bytes\n0'
launches() { # UNROLL BLOCK [SUFFIX]
    echo "twice${3-}<$1> 1 1 1 / $2 1 1 / 0 / 0x10"
}
is 'a reference to a struct' "$(ask harness call reference_0 1000)" "$(launches 1 256)"$'\n0'
is 'and its variant' "$(ask reference call reference_0__ks2 1000)" "$(launches 1 128 __ks2)"$'\n0'
is 'views' "$(ask harness call span_0 1000)" "$(launches 2 256)"$'\n0'
is 'and their variant' "$(ask span call span_0__ks2 1000)" "$(launches 2 128 __ks2)"$'\n0'
is 'containers' "$(ask harness call vector_0 1000)" "$(launches 3 256)"$'\n'"$(launches 3 256)"$'\n0'
is 'and their variant' "$(ask vector call vector_0__ks1 1000)" "$(launches 3 256 __ks1)"$'\n'"$(launches 3 256 __ks1)"$'\n0'
is 'a method that calls the entry' "$(ask harness call member_0 1000)" "$(launches 4 256)"$'\n0'
is 'reaches the variant' "$(ask member call member_0__ks2 1000)" "$(launches 4 128 __ks2)"$'\n0'
is 'a static method of its name' "$(ask harness call static_member_0 1000)" "$(launches 5 256)"$'\n0'
is 'too' "$(ask static_member call static_member_0__ks1 1000)" "$(launches 5 128)"$'\n0'

# ---- templates in an anonymous namespace, clauses from a file, lets and generators that a workload overrides
cat >templates.cu <<'C'
#include <cuda_fp16.h>
constexpr int B = 128;
namespace app {
namespace {
struct Params {
    float scale;
    int mode;
};
template <typename T> __global__ void copy(const T *x, T *y, int n, Params p)
{
    int i = blockIdx.x * B + threadIdx.x;
    if (i < n)
        y[i] = x[i];
}
template <typename T> bool same_start(const T *expected, const T *got, size_t n)
{
    return n > 0 && (float)expected[0] == (float)got[0];
}
template <typename T> void plain(const T *x, T *y, const int *id, int n, Params p, cudaStream_t s)
{
    copy<T><<<1, 1, 0, s>>>(x, y, n, p);
}
#pragma ksearch use("templates.ks")
template <typename T> void run(const T *x, T *y, const int *id, int n, Params p, cudaStream_t s = 0)
{
    copy<T><<<(n + B - 1) / B, B, 0, s>>>(x, y, n, p);
}
template <typename T> __global__ void plain_kernel(const T *x, T *y, int n)
{
}
#pragma ksearch name(kern) instance(T = float) in(x[n]) out(y[n]) workload(n = 8) tune(B = 64, 128)
#pragma ksearch launch(grid = cdiv(n, B), block = B, smem = 4 * B) reference(plain_kernel) setup(cudaDeviceSynchronize())
template <typename T> __global__ void kern(const T *x, T *y, int n)
{
}
} // namespace
} // namespace app
C
cat >templates.ks <<'C'
name(host) instance(T = float) instance(T = __half)
let(half = n / 2, quarter = half / 2)
in(x[n], id[quarter] = permutation(n)) out(y[n]) arg(p = Params{1.5f, (int)quarter})
workload(small: n = 64, weight = 2) workload(n = 64, half = 6, id = iota, x = uniform(half, n)) test(n = 1)
tune(B = 64, 128) reference(plain) check(y, by = same_start)
on("H200") budget(evals = 9)
C
"$rewrite" harness templates.cu >templates_harness.cu
"$rewrite" unit templates.cu kern 0 64 128 >templates_unit.cu
for name in templates_harness templates_unit; do
    ok "$name compiles" "$nvcc" -std=c++17 -arch=sm_90 -cudart none -Xcompiler -fPIC -shared -o $name.so $name.cu cudart.o
done
templates() { ask templates_harness "$@" | sed 's/app::(anonymous namespace):://g'; }

is 'a template that a host function is' "$(templates call host_1 64 unbound)" $'copy<__half> 1 1 1 / 128 1 1 / 0 / 0x10\n0'
is 'and its reference' "$(templates reference host_1 64 unbound)" $'copy<__half> 1 1 1 / 1 1 1 / 0 / 0x10\n0'
is 'and its checker' "$(templates check host_0 2 1,2 1,3) $(templates check host_0 2 1,2 3,2)" '1 0'
is 'a let over a let' "$(templates extent host_0 1 64 unbound)" 16
is 'that a workload binds' "$(templates extent host_0 1 64 6)" 3
is 'a generator that one overrides' "$(templates gen host_0 0 2 0 64 6) $(templates gen host_0 0 2 1 64 6)" '6 64'
is 'a template that a kernel is' "$(templates call kern_0 8)" \
    $'kern<float> 1 1 1 / 128 1 1 / 512 / 0x10\n0\nasked for shared memory 1 times'
is 'and its reference, of which the entry says which' "$(templates reference kern_0 8)" \
    $'plain_kernel<float> 1 1 1 / 128 1 1 / 512 / 0x10\n0\nasked for shared memory 1 times'
like 'and its variant' "$(ask templates_unit call kern_0__ks1 8)" 'kern__ks1<float> 1 1 1 / 64 1 1 / 256 / 0x10'

# ---- what the main job makes of them: searches by a worker that answers from a recording
export KSEARCH_JOBS=2
cp "$root"/tests/e2e/compile/scale.cu "$root"/tests/e2e/compile/*.h .
recording fast.jsonl scale_0 n=1048576 'n=1;n=1000' '[128]' 10 '[64]' 12 '[256]' 8

# with CLAUSES [COMMAND...]: scale.cu with clauses more, compiled in a cache of its own; what is said in $said
tries=0
with() {
    tries=$((tries + 1))
    sed "s|^#pragma ksearch tune.*|& $1|" scale.cu >with.cu
    said=$(KSEARCH_CACHE_DIR=$dir/cache$tries KSEARCH_WORKER="$build/libexec/ksearch/ksearch-worker --replay $dir/fast.jsonl" \
        "$KSEARCH_BIN/ksnvcc" nvcc -arch=sm_90 -c with.cu -o with.o "${@:2}" 2>&1)
    status=$?
}

with 'require(regs <= 255, smem <= 1K, spills <= 0)'
like 'limits that are kept to' "$said" 'scale: BLOCK=256 is 1\.25x as fast'
with 'require(regs <= 4)'
is 'limits that are not: the build goes on' "$status" 0
like 'variants beyond them are refused' "$said" \
    '2 of 3 variants are beyond a limit; the first, BLOCK=(64|256): it uses [0-9]+ registers a thread, and require\(regs <= 4\) allows no more'
like 'and the original stays' "$said" 'scale: original: no proven gain'
with 'budget(evals = 1)'
like 'a budget of one evaluation beside the code as it is' "$said" 'scale: 2 of 3 variants'
with 'budget(time = 7s, tokens = 5K)'
like 'a budget of time' "$said" 'searching on NVIDIA H200, at most 7 s'
with 'allow(host)'
like 'what has no effect is said where it stands' "$said" '^with.cu:8:[0-9]+: warning: ksearch: allow\(host\) has no effect'
like 'and costs nothing' "$said" 'BLOCK=256 is'
with 'setup(cudaDeviceSynchronize())'
like 'a kernel with a setup is searched' "$said" 'scale: BLOCK=256 is 1\.25x as fast'
ok 'and the winner is emitted as any other' sh -c 'nm -C with.o | grep -q scale__ks_scale_0_256'
with 'objective(energy, p90)'
is 'what cannot be measured is an error' "$status" 101
like 'where it stands' "$said" '^with.cu:8:[0-9]+: error: ksearch: energy is a mean over many launches'

# ---- what is wrong with a function that a clause names
with 'reference(nothing)'
is 'a reference that is not there: the build goes on' "$status" 0
like 'and it is shown where' "$said" 'with.cu\(?:?8.*nothing'
with 'check(b, by = nothing)'
like 'a checker that is not there' "$said" 'with.cu\(?:?8.*nothing'
mkdir -p 'refs, too'
echo 'void plain(const float *a, float *b, int n) { return 3; }' >'refs, too/plain.cu'
with 'reference("refs, too/plain.cu", plain)'
like 'a mistake in its file is shown there' "$said" 'refs, too/plain.cu\(?:?1'
echo 'void plain(const float *a, float *b, int n) {}' >'refs, too/plain.cu'
with 'reference("refs, too/plain.cu", plain)' -MD -MF with.d
like 'without it, it is used' "$said" 'BLOCK=256 is'
ok 'the file is a prerequisite' grep -q 'refs,\\ too/plain.cu' with.d
key() { KSEARCH_CACHE_DIR=$dir/cache "$KSEARCH_BIN/ksnvcc" explain with.cu -- -arch=sm_90 | sed -n 's/^  key *//p'; }
before=$(key)
is 'the same file, the same key' "$(key)" "$before"
echo 'void plain(const float *a, float *b, int n) { n++; }' >'refs, too/plain.cu'
unlike 'another, another' "$(key)" "$before"

cat >far.cu <<'C'
#include "factor.h"
constexpr int BLOCK = 128;
__global__ void scale_kernel(const float *a, float *b, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        b[i] = FACTOR * a[i];
}
void other(const float *a, float *b, int n, cudaStream_t s);
#pragma ksearch in(a[n]) out(b[n]) workload(n = 1<<20) test(n = 1, 1000) tune(BLOCK = 64, 128, 256)
#pragma ksearch call(other(a, b, (int)n, stream))
void scale(const float *a, float *b, int n, cudaStream_t s)
{
    scale_kernel<<<(n + BLOCK - 1) / BLOCK, BLOCK, 0, s>>>(a, b, n);
}
C
said=$(KSEARCH_CACHE_DIR=$dir/far KSEARCH_WORKER="$build/libexec/ksearch/ksearch-worker --replay $dir/fast.jsonl" \
    "$KSEARCH_BIN/ksnvcc" nvcc -arch=sm_90 -c far.cu -o far.o 2>&1)
is 'a call that does not reach the entry: the build goes on' "$?" 0
like 'and it is shown where' "$said" '^far.cu:11:22: error: ksearch: call\(...\) does not reach .scale.'

# the same through a method that is in the file
sed 's/^#pragma ksearch call.*/#pragma ksearch call(Far{(int)n}.run(a, b, stream))/; /^void other/d' far.cu >near.cu
cat >>near.cu <<'C'
struct Far {
    int n;
    void run(const float *a, float *b, cudaStream_t s) const
    {
        scale(a, b, n, s);
    }
};
C
said=$(KSEARCH_CACHE_DIR=$dir/near KSEARCH_WORKER="$build/libexec/ksearch/ksearch-worker --replay $dir/fast.jsonl" \
    "$KSEARCH_BIN/ksnvcc" nvcc -arch=sm_90 -c near.cu -o near.o 2>&1)
like 'a method that does is searched' "$said" 'scale: BLOCK=256 is 1\.25x as fast'
like 'and its winner emitted' "$("$KSEARCH_BIN/ksnvcc" explain near.o)" 'BLOCK=256'

# ---- explain shows them
said=$(KSEARCH_CACHE_DIR=$dir/cache "$KSEARCH_BIN/ksnvcc" explain 16_clauses.cu -- -arch=sm_90 -std=c++20 2>/dev/null)
for line in 'setup      set_scales(1, 2)' 'reference  slow_add' 'float * c[n]; check: by = close_enough' \
    'require    smem <= 49152' 'regs <= 64' 'spills <= 0' 'budget     time = 10s' 'evals = 3' 'tokens = 1000' \
    'scratch    67108864 bytes' 'hints      wide loads' 'call       step(Grid{a, c, (int)n}, stream)' \
    'reference  "ref/add_ref.cu", ref::add' 'check: rtol = 0.001, atol = 0, bad = 0.5, by = close_enough' \
    'objective  time, warm, p50'; do
    ok "explain shows $line" grep -qF "$line" <<<"$said"
done
finish
