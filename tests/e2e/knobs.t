#!/bin/bash
# Knobs meet the compiler: every one of every file compiles without a warning, off is the original's machine code, on is other code, and
# what is emitted is what was measured. Then records that name knobs, in a lockfile.
. "$(dirname "$0")/../tap.sh"

build=${KSEARCH_BUILD:?the folder of the build}
rewrite=$build/tests/rewrite
cubinof=$build/tests/cubinof
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
lang=$(realpath "$(dirname "$0")/../lang")
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER|AGAIN|QUIET|DEBUG|CACHE_DIR)|NVCC_|CI$)'); do unset "$v"; done
cp "$lang"/03_gemm.cu "$dir"
cd "$dir" || exit 1
export KSEARCH_CACHE_DIR=$dir/cache HOME=$dir

# no tune() anywhere
cat >plain.cu <<'C'
#include <cuda_fp16.h>
constexpr int BLOCK = 128;
__device__ float squares(const float *p, int n)
{
    float s = 0;
    for (int i = 0; i < n; i++)
        s += p[i] * p[i];
    return s;
}
__global__ void mean(const float *x, float *y, __half *h, int n);
#pragma ksearch in(x[n]) out(y[n], h[n]) launch(grid = cdiv(n, BLOCK), block = (BLOCK / 2, 2))
#pragma ksearch workload(n = 4096)
__global__ void mean(const float *x, float *y, __half *h, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x + threadIdx.y * (BLOCK / 2);
    auto add = [&](int k) {
        float a = 0;
        for (int j = 0; j < k; ++j)
            a += x[j];
        return a;
    };
    switch (n) {
    case 7:
        for (int j = 0; j < 4; j++)
            y[j] = 0;
        break;
    default:;
    }
    if (i < n)
        y[i] = add(n) + squares(x, i);
    else
        return;
    h[i] = y[i];
}
template <typename T, int N> __global__ void __launch_bounds__(N) copy(T *a, const T *b, int n)
{
    if (threadIdx.x < 32)
        for (int i = threadIdx.x; i < n; i += N)
            a[i] = b[i];
    else
        do
            for (int i = n; i > 0; i--)
                a[i] = squares(b, i);
        while (n < 0);
}
static __global__ void fill(float *a, float v)
{
    a[threadIdx.x] = v;
}
#pragma ksearch in(b[n]) out(a[n]) workload(n = 4096)
void run(float *a, const float *b, int n)
{
    fill<<<1, n>>>(a, 0.f);
    copy<float, 64><<<1, 64>>>(a, b, n);
}
void run_mean(const float *x, float *y, __half *h, int n)
{
    mean<<<(n + BLOCK - 1) / BLOCK, dim3(BLOCK / 2, 2)>>>(x, y, h, n);
}
C
cat >reg.cu <<'C'
#pragma ksearch inout(x[n]) workload(n = 64) launch(grid = 1, block = n)
__global__ void few(float *x, int n)
{
    if (threadIdx.x < n)
        x[threadIdx.x] += 1;
}
void run_few(float *x, int n)
{
    few<<<1, n>>>(x, n);
}
C
is 'what is offered' "$("$rewrite" knobs plain.cu mean; "$rewrite" knobs reg.cu)" \
    'unroll:squares:1 = 0 1 2 4 8 (6)
blocks:mean = 0 1 2 4 (13)
unroll:mean:1 = 0 1 2 4 8 (18)
unroll:mean:2 = 0 1 2 4 8 (24)
stream:mean = 0 1 (25)
maxreg:few = 0 32 64 96 128 168 (2)'
is 'of a host entry' "$("$rewrite" knobs plain.cu run)" \
    'unroll:squares:1 = 0 1 2 4 8 (6)
blocks:copy = 0 1 2 4 (35)
unroll:copy:1 = 0 1 2 4 8 (38)
unroll:copy:2 = 0 1 2 4 8 (42)
blocks:fill = 0 1 2 (46)
stream:fill = 0 1 (48)'

strict=(-std=c++17 -Werror all-warnings -Xcompiler -Wall,-Wextra,-Werror)
compile() { # NAME OPTIONS...
    "$nvcc" "${strict[@]}" "${@:2}" "$1.cu" >"$1.log" 2>&1
    echo $? >"$1.rc"
}
off='unroll:squares:1=0;blocks:mean=0;unroll:mean:1=0;unroll:mean:2=0;stream:mean=0'
all='unroll:squares:1=8;blocks:mean=2;unroll:mean:1=2;unroll:mean:2=1;stream:mean=1'
host='unroll:squares:1=8;blocks:copy=2;unroll:copy:1=4;unroll:copy:2=2;stream:fill=1'
gemm='128,64,32,8,4;blocks:gemm=1;unroll:gemm:3=1'
"$rewrite" unit plain.cu mean 0 ";$off" ';unroll:squares:1=1' ';unroll:squares:1=8' ";$all" ';blocks:mean=4' ';stream:mean=1' >u_mean.cu
"$rewrite" unit plain.cu run 0 ";$host" ';blocks:fill=2' >u_run.cu
"$rewrite" unit reg.cu few 0 ';maxreg:few=32' ';maxreg:few=0' >u_few.cu
"$rewrite" unit 03_gemm.cu gemm 1 '128,64,32,8,4;unroll:gemm:3=0' "$gemm" >u_gemm.cu
"$rewrite" unit 03_gemm.cu gemm 1 128,64,32,8,4 >u_none.cu
"$rewrite" emit plain.cu mean 0 ";$all" run 0 ";$host" >e_plain.cu
"$rewrite" emit reg.cu few 0 ';maxreg:few=32' >e_few.cu
"$rewrite" emit 03_gemm.cu gemm 0 32,64,16,4,4 gemm 1 "$gemm" >e_gemm.cu
mkdir k1 k2 k3
export -f compile
export nvcc
declare -p strict >strict.sh
xargs -P 2 -L 1 bash -c '. ./strict.sh; compile "$@"' _ <<'J'
u_mean -arch=sm_90 -cubin -o u_mean.cubin
u_run -arch=sm_90 -cubin -o u_run.cubin
u_few -arch=sm_90 -cubin -o u_few.cubin
u_gemm -arch=sm_90 -cubin -o u_gemm.cubin
u_none -arch=sm_90 -cubin -o u_none.cubin
e_plain -arch=sm_90 --keep --keep-dir k1 -c -o e_plain.o
e_few -arch=sm_90 --keep --keep-dir k2 -c -o e_few.o
e_gemm -arch=sm_90 --keep --keep-dir k3 -c -o e_gemm.o
J
for name in u_mean u_run u_few u_gemm u_none e_plain e_few e_gemm; do
    is "$name compiles without a warning" "$(cat "$name.rc" "$name.log")" 0
done

code() { # CUBIN PATTERN: the hash of the one kernel whose symbol matches
    "$cubinof" "$1" | awk -v p="$2" '$1 ~ p { n++; print $NF } END { if (n != 1) print n " kernels" }'
}
regs() { "$cubinof" "$1" | awk -v p="$2" '$1 ~ p { print $2 }'; }
is 'off is the original' "$(code u_mean.cubin mean__ks1P)" "$(code u_mean.cubin Z4meanP)"
unlike 'not unrolled is other code' "$(code u_mean.cubin mean__ks2P)" "$(code u_mean.cubin Z4meanP)"
unlike 'as is unrolled by eight' "$(code u_mean.cubin mean__ks3P)" "$(code u_mean.cubin Z4meanP)"
unlike 'and that is no other' "$(code u_mean.cubin mean__ks3P)" "$(code u_mean.cubin mean__ks2P)"
unlike 'streaming stores are other code' "$(code u_mean.cubin mean__ks6P)" "$(code u_mean.cubin Z4meanP)"
is 'registers that are off' "$(code u_few.cubin few__ks2)" "$(code u_few.cubin Z3few)"
is 'gemm: knobs that are off' "$(code u_gemm.cubin gemm__ks1I)" "$(code u_none.cubin gemm__ks1I)"
unlike 'gemm: a knob that is on' "$(code u_gemm.cubin gemm__ks2I)" "$(code u_none.cubin gemm__ks1I)"
is 'mean: the code is the measured one' "$(code k1/*.cubin mean__ks_)" "$(code u_mean.cubin mean__ks4P)"
is 'run: the code is the measured one' "$(code k1/*.cubin copy__ks_)" "$(code u_run.cubin copy__ks1I)"
is 'in all of its kernels' "$(code k1/*.cubin fill__ks_)" "$(code u_run.cubin fill__ks1P)"
is 'few: the code is the measured one' "$(code k2/*.cubin few__ks_)" "$(code u_few.cubin few__ks1)"
is 'gemm: the code is the measured one' "$(code k3/*.cubin gemm__ks_gemm_1)" "$(code u_gemm.cubin gemm__ks2I)"
is 'the original is there too' "$(code k1/*.cubin Z4meanP)" "$(code u_mean.cubin Z4meanP)"
ok 'the copy has the lines of the original' diff <(sed -n '/^__global__ .*mean__ks.*n)$/,/^}/=' e_plain.cu | wc -l) \
    <(sed -n '/^__global__ void mean.*n)$/,/^}/=' plain.cu | wc -l)

# ---- a record
ks() { "$KSEARCH_BIN/ksnvcc" "$@"; }
zeros=$(printf '%064d' 0)
record() { # VALUES CODE
    cat <<J
{"ksearch": 1, "records": [{"entry": "mean", "gpu": "NVIDIA H200/9.0/132/143GB", "key": "$key",
 "parts": {"region": "$zeros", "clauses": "$zeros", "context": "$zeros", "flags": "$zeros",
           "toolkit": "$zeros"},
 "file": "plain.cu", "cc": "9.0", "winners": [{"values": {$1}, "code": "$2"}],
 "ratio": 1.5, "low": 1.4, "high": 1.6, "noise": 0.002,
 "workloads": [{"label": "n=4096", "weight": 1, "original_us": 30.5, "winner_us": 20.25,
                "ratio": 1.5, "low": 1.4, "high": 1.6, "floor_us": 12.5}],
 "space": 2, "trials": 1, "interrupted": false, "seconds": 12.5, "gpu_uuid": "GPU-1",
 "driver": 13000, "toolkit": "13.0.88", "created": "2026-11-22T12:00:00Z", "version": "0.1.0"}]}
J
}
explained=$(ks explain plain.cu -- -arch=sm_90)
like 'explain has them on one line' "$explained" \
    '^  knobs      unroll:squares:1 = 0 1 2 4 8, blocks:mean = 0 1 2 4, unroll:mean:1 = .*, stream:mean = 0 1$'
key=$(ks explain --json plain.cu -- -arch=sm_90 | sed -n 's/.*"key": "\(.*\)".*/\1/p' | head -1)
export KSEARCH_MODE=cached KSEARCH_LOCK=$dir/ksearch.lock
build_with() { # VALUES CODE: $said, $status
    record "$1" "$2" >ksearch.lock
    rm -f plain.o
    said=$(ks nvcc -std=c++17 -arch=sm_90 -c plain.cu -o plain.o 2>&1)
    status=$?
}
has_winner() { nm -C plain.o | grep -q 'mean__ks_'; }
key=$(ks explain --json plain.cu -- -std=c++17 -arch=sm_90 | sed -n 's/.*"key": "\(.*\)".*/\1/p' | head -1)
measured=$("$cubinof" --code mean__ks4 u_mean.cubin)
on='"unroll:squares:1": 8, "blocks:mean": 2, "unroll:mean:1": 2, "unroll:mean:2": 1, "stream:mean": 1'
build_with "$on" "$measured"
is 'a record with knobs: the build succeeds' "$status" 0
like 'it says what won' "$said" 'mean: unroll:squares:1=8, blocks:mean=2, .*stream:mean=1 is 1.50x as fast'
ok 'the object has the winner' has_winner
like 'and tells' "$(ks explain plain.o)" 'unroll:squares:1=8, blocks:mean=2'
build_with "$on" "$("$cubinof" --code mean__ks3 u_mean.cubin)"
like 'other code than was measured is refused' "$said" 'machine code is not what was measured'
is 'and the build goes on' "$status" 0
ok 'with the original' sh -c '! nm -C plain.o | grep -q mean__ks_'
build_with "$on, \"unroll:mean:9\": 2" "$measured"
like 'a loop that is gone is said' "$said" "mean: the winner cannot be emitted: it does not fit the code: there is no such value of 'unroll:mean:9'"
like 'and what was not emitted' "$said" 'mean: original \(the winner .*unroll:mean:9=2 was not emitted\)'
is 'the build goes on' "$status" 0
ok 'with the original' sh -c '! nm -C plain.o | grep -q mean__ks_'
build_with '"unroll:mean:1": 3' "$measured"
like 'a value that is none of the knob is said' "$said" "no such value of 'unroll:mean:1'"
finish
