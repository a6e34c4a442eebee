#!/bin/bash
# Whose winner is it? Records of several GPU models on file, objects for several architectures, and builds that change only what a
# careless key would miss: the program must do what its source says.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/recording.sh"
here=$(cd "$(dirname "$0")" && pwd)
worker=$KSEARCH_BUILD/libexec/ksearch/ksearch-worker
for v in $(compgen -e | grep -E '^(NVCC_|KSEARCH_(MODE|LOCK|GPU|WORKER|CACHE_DIR|QUIET)$|CI$)'); do unset "$v"; done
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_JOBS=2
"${CC:-cc}" -c -o "$dir/cudart.o" "$here/../fake/cudart.c" || exit 1
cd "$dir" || exit 1

cat >scale.cu <<'C'
#include <cstdio>
constexpr int BLOCK = 128;
__device__ float twice(float x)
{
#if __CUDA_ARCH__ == 860
    return 2 * x; // here
#else
    return 2 * x;
#endif
}

#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 1<<20) test(n = 1, 1000) tune(BLOCK = 64, 128, 256)
__global__ void scale(const float *a, float *b, int n)
{
    __shared__ float turned[BLOCK]; // whose address, in relocatable code, is not known before it is linked
    int i = blockIdx.x * BLOCK + threadIdx.x;
    turned[BLOCK - 1 - threadIdx.x] = i < n ? a[i] : 0;
    __syncthreads();
    if (i < n)
        b[i] = twice(turned[BLOCK - 1 - threadIdx.x]);
}
static int answer()
{
#ifdef __CUDA_ARCH__
    return 0;
#elif defined(X)
    return X;
#else
    return 111;
#endif
}
int main()
{
    scale<<<(4096 + BLOCK - 1) / BLOCK, BLOCK>>>(nullptr, nullptr, 4096);
    std::printf("%d\n", answer());
}
C
h200=$gpu_json
h100=${gpu_json/H200/H100} h100=${h100/150754820096/85000000000}
a100=${gpu_json/H200/A100} a100=${a100/\"major\":9/\"major\":8}
recording h200.jsonl scale_0 n=1048576 'n=1;n=1000' '[128]' 10 '[64]' 12 '[256]' 8
gpu_json=$h100 recording h100.jsonl scale_0 n=1048576 'n=1;n=1000' '[128]' 10 '[64]' 8 '[256]' 12
gpu_json=$a100 recording a100.jsonl scale_0 n=1048576 'n=1;n=1000' '[128]' 10 '[64]' 7 '[256]' 12

ks() { # nvcc's arguments; says everything into $said
    said=$("$KSEARCH_BIN/ksnvcc" nvcc "$@" 2>&1)
    status=$?
}
with_gpu() { # RECORDING nvcc's arguments
    local recording=$1
    shift
    KSEARCH_WORKER="$worker --replay $dir/$recording" ks "$@"
}
program() { # OBJECT CAPABILITY: what it launches and prints
    g++ -o program "$1" cudart.o && FAKE_CAPABILITY=$2 ./program 2>&1 | c++filt -p | grep -v '^asked' | sed 's, / 0 / (nil)$,,' | tr '\n' ' '
}
original='scale 32 1 1 / 128 1 1 111 '
for_90='scale__ks_scale_0_256 16 1 1 / 256 1 1 111 '
for_80='scale__ks_scale_0_64 64 1 1 / 64 1 1 111 '

# ---- GPU models
with_gpu h200.jsonl -arch=sm_90 -c scale.cu -o x.o
like 'one GPU is searched' "$said" 'BLOCK=256 .* on NVIDIA H200 \(search\)'
KSEARCH_GPU='NVIDIA H100' ks -arch=sm_90 -c scale.cu -o x.o
like "its winner is not another model's" "$said" 'original: nothing on file'
is 'nor in the object' "$(program x.o 90)" "$original"
with_gpu h100.jsonl -arch=sm_90 -c scale.cu -o x.o
like 'which is searched for itself' "$said" 'BLOCK=64 .* on NVIDIA H100 \(search\)'
ks -arch=sm_90 -c scale.cu -o x.o
like 'with both on file somebody has to say' "$said" 'original: records of NVIDIA H[12]00.* and NVIDIA H[12]00.* are on file: set KSEARCH_GPU'
is 'and the object has neither' "$(program x.o 90)" "$original"
KSEARCH_GPU='NVIDIA H200' ks -arch=sm_90 -c scale.cu -o x.o
is 'who is named is taken' "$(program x.o 90)" "$for_90"

# ---- several architectures
export KSEARCH_CACHE_DIR=$dir/cache2
both='-gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=[sm_90,compute_90]'
with_gpu h200.jsonl -arch=sm_90 -c scale.cu -o x.o
# shellcheck disable=SC2086
ks $both -c scale.cu -o x.o
like 'a winner of one of two is found' "$said" 'BLOCK=256 .* on NVIDIA H200 \(cache\)'
is 'it runs there' "$(program x.o 90)" "$for_90"
is 'and nowhere else' "$(program x.o 80)" "$original"
touch ksearch.lock
with_gpu a100.jsonl -arch=sm_80 -c scale.cu -o x.o
# shellcheck disable=SC2086
ks $both -c scale.cu -o x.o
is 'winners of both are found' "$(grep -Eo 'BLOCK=.*' <<<"$said" | sed 's/ is .* on/ on/')" \
    'BLOCK=64 on NVIDIA A100 (lockfile)
BLOCK=256 on NVIDIA H200 (cache)'
is 'each runs on its own' "$(program x.o 90)$(program x.o 80)" "$for_90$for_80"
is 'the original on a third' "$(program x.o 86)" "$original"
is 'both are noted in the object' "$("$KSEARCH_BIN/ksnvcc" explain x.o | grep -Eo 'BLOCK=[0-9]+' | sort -u | tr '\n' ' ')" 'BLOCK=256 BLOCK=64 '
# a record whose code is not what this compile makes
sed -i '/"code"/s/"[0-9a-f]\{8\}/"00000000/' ksearch.lock
# shellcheck disable=SC2086
ks $both -c scale.cu -o x.o
like 'a winner that is refused' "$said" 'machine code is not what was measured'
is 'does not take the other with it' "$(program x.o 90)$(program x.o 80)" "$for_90$original"
rm ksearch.lock
# shellcheck disable=SC2086
with_gpu h200.jsonl $both -c scale.cu -o x.o
like 'with a GPU in the machine as well' "$said" 'BLOCK=256 .*H200 \(cache\)'
is 'both' "$(program x.o 90)$(program x.o 80)" "$for_90$for_80"

# ---- the same with relocatable code
export KSEARCH_CACHE_DIR=$dir/cache3
with_gpu h200.jsonl -arch=sm_90 -rdc=true -c scale.cu -o x.o
with_gpu a100.jsonl -arch=sm_80 -rdc=true -c scale.cu -o x.o
# shellcheck disable=SC2086
ks $both -rdc=true -c scale.cu -o x.o
is 'relocatable: winners of both are found' "$(grep -Eo 'BLOCK=.*' <<<"$said" | sed 's/ is .* on/ on/' | sort)" \
    'BLOCK=256 on NVIDIA H200 (cache)
BLOCK=64 on NVIDIA A100 (cache)'
# shellcheck disable=SC2086
ok 'relocatable: the object links' nvcc $both -rdc=true x.o -o linked
is 'relocatable: with both winners' "$(nm -C linked | grep -Eo 'scale__ks_scale_0_[0-9]+\(' | sort -u | tr '\n' ' ')" 'scale__ks_scale_0_256( scale__ks_scale_0_64( '
export KSEARCH_CACHE_DIR=$dir/cache2

# ---- warnings of a file with a winner are those that nvcc has, once, under the user's names and lines
sed '/int i = /i int unused;' scale.cu >warns.cu
with_gpu h200.jsonl -arch=sm_90 -c warns.cu -o x.o -Xcompiler -Wall
like 'there is a winner' "$said" 'BLOCK=256 .*\(search\)'
is 'its warnings are those of the original' "$(grep -v '^ksnvcc: ' <<<"$said")" \
    "$(nvcc -arch=sm_90 -c warns.cu -o x.o -Xcompiler -Wall,-Wno-unknown-pragmas 2>&1)"

# ---- what a key over preprocessed device code, or over the command line alone, would miss
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_GPU='NVIDIA H200'
sed -i 's/return 111/return 222/' scale.cu
ks -arch=sm_90 -c scale.cu -o x.o
is 'code of the host alone' "$(program x.o 90)" "${for_90/111/222}"
for x in 1 2; do
    NVCC_APPEND_FLAGS=-DX=$x ks -arch=sm_90 -c scale.cu -o x.o
    is "a macro from the environment, $x" "$(program x.o 90)" "${for_90/111/$x}"
done
NVCC_PREPEND_FLAGS=-DX=3 ks -arch=sm_90 -c scale.cu -o x.o
is 'before the others' "$(program x.o 90)" "${for_90/111/3}"
more='-arch=sm_90 -gencode arch=compute_86,code=sm_86'
# shellcheck disable=SC2086
ks $more -c scale.cu -o x.o
like 'an architecture that changes nothing' "$said" 'BLOCK=256 .* on NVIDIA H200'
sed -i 's/2 \* x; .*/4 * x;/' scale.cu
ks -arch=sm_90 -c scale.cu -o x.o
is 'code of another architecture, where that is not compiled' "$(program x.o 90)" "${for_90/111/222}"
# shellcheck disable=SC2086
ks $more -c scale.cu -o x.o
like 'where it is compiled, that is another program' "$said" 'original: nothing on file'
finish
