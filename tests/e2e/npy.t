#!/bin/bash
# Inputs from .npy files: a search with one, and files that are missing, broken, or of another shape or type than the array.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/recording.sh"
worker=$KSEARCH_BUILD/libexec/ksearch/ksearch-worker
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_JOBS=2
unset CI KSEARCH_MODE KSEARCH_LOCK KSEARCH_GPU KSEARCH_WORKER
mkdir "$dir/src" "$dir/src/cap" && cd "$dir" || exit 1

npy() { # FILE DESCR SHAPE BYTES: an array of so many zero bytes
    local header="{'descr': '$2', 'fortran_order': False, 'shape': $3, }"
    { printf '\x93NUMPY\1\0'; printf "\\x$(printf %02x ${#header})\\0%s" "$header"; head -c "$4" /dev/zero; } >"$1"
}

cat >src/gather.cu <<'C'
constexpr int BLOCK = 128;

#pragma ksearch in(x[n], at[n] = file("cap/at.npy")) out(y[n]) tune(BLOCK = 64, 128, 256)
#pragma ksearch launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 1000)
#pragma ksearch test(n = 10, x = file("cap/x.npy"), at = integers(0, n - 1))
__global__ void gather(const float *x, const int *at, float *y, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        y[i] = x[at[i]];
}
void run(const float *x, const int *at, float *y, int n) { gather<<<(n + BLOCK - 1) / BLOCK, BLOCK>>>(x, at, y, n); }
C
npy src/cap/at.npy '<i4' '(1000,)' 4000
npy src/cap/x.npy '<f4' '(10,)' 40
recording fast.jsonl gather_0 n=1000 n=10 '[128]' 10 '[64]' 12 '[256]' 8

ks() { # WORKER: compiles; says everything into $said
    said=$(KSEARCH_WORKER=$1 "$KSEARCH_BIN/ksnvcc" nvcc -arch=sm_90 -c src/gather.cu -o gather.o 2>&1)
    status=$?
}
replays="$worker --replay $dir/fast.jsonl"
# the worker as it is, over the driver that runs on the CPU: it reads the files, and fails at the first launch
fake="env LD_LIBRARY_PATH=$KSEARCH_BUILD/tests/fake $worker"

ks "$replays"
is 'a search with inputs from files' "$status" 0
like 'finds what it finds' "$said" 'gather: BLOCK=256 is 1\.25x as fast'
npy src/cap/at.npy '<i4' '(1000,)' 4000
head -c 4000 /dev/urandom | tail -c 40 >>src/cap/at.npy # other contents, of whatever length
ks "$replays"
like 'what the file holds is no part of the key' "$said" 'BLOCK=256 .*\(cache\)'
sed -i 's/cap\/at/cap\/other/' src/gather.cu
ks "$replays"
is 'a file that is not there: the build goes on' "$status" 0
like 'the error is at the generator' "$said" 'src/gather.cu:3:34: error: ksearch: cannot read .*/src/cap/other.npy: No such file'
like 'and shows it' "$said" '^ +\^'
like 'the original stays' "$said" 'gather: original: a file of its inputs cannot be used'
ok 'it is what is in the object' sh -c '! nm -C gather.o | grep gather__ks'

npy src/cap/other.npy '<i4' '(1000,)' 12
ks "$replays"
like 'a file that is too short' "$said" ':3:34: error: ksearch: .*other.npy: the header says 1000 elements of 4 bytes, the file holds 12 bytes'
npy src/cap/other.npy '<i4' '(1000,)' 4000
echo nonsense >src/cap/x.npy
ks "$replays"
like 'a file of a test point that is none' "$said" ':6:34: error: ksearch: .*x.npy: is no .npy file'

npy src/cap/x.npy '<f4' '(10,)' 40
npy src/cap/other.npy '<i8' '(64,)' 512
ks "$fake"
is 'a file that does not fit: the build goes on' "$status" 0
like 'both are named' "$said" "src/gather.cu:5:17: error: ksearch: array 'at' at n=1000: file .*other.npy holds int64\[64\], 'at' is int32\[1000\] here"
like 'the original stays then, too' "$said" 'gather: original: one of its sizes cannot be measured'
npy src/cap/other.npy '<i4' '(1000,)' 4000
npy src/cap/x.npy '<f4' '(10, 1)' 40
ks "$fake"
like 'nor does one of a test point' "$said" ":6:17: error: .*x.npy holds float32\[10\]\[1\], 'x' is float32\[10\] here"
npy src/cap/x.npy '<f4' '(10,)' 40
ks "$fake"
unlike 'those that fit are taken' "$said" 'error: ksearch'
like 'and the search goes on to the first launch' "$said" 'the original cannot be measured: (calling the entry|the entry)'
sed -i 's/workload(n = 1000)/workload(n = -1)/; s/file("cap\/other.npy")/zeros/' src/gather.cu
ks "$fake"
like 'an extent that is negative is told, with its place' "$said" ":5:17: error: ksearch: extent 1 of array 'x' is -1 at n=-1"
finish
