#!/bin/bash
# The samples from their lockfile, on a machine without a GPU: every entry's result is on file, and every winner's code is in its object.
. "$(dirname "$0")/../tap.sh"
samples=$(cd "$(dirname "$0")/../../samples" && pwd)
export KSEARCH_CACHE_DIR=$dir/none KSEARCH_MODE=cached KSEARCH_LOCK=$samples/ksearch.lock
unset CI KSEARCH_GPU KSEARCH_WORKER
cd "$dir" || exit 1

for name in vadd rmsnorm gemm softmax transpose gqa_decode; do
    # as CMake compiles a release for CMAKE_CUDA_ARCHITECTURES=90
    said=$("$KSEARCH_BIN/ksnvcc" nvcc -forward-unknown-to-host-compiler -O3 -DNDEBUG \
        '--generate-code=arch=compute_90,code=[compute_90,sm_90]' -std=c++17 -x cu -c "$samples/$name/$name.cu" -o $name.o 2>&1)
    is "$name builds" $? 0
    unlike "$name: the lockfile has all of it" "$said" 'nothing on file|warning|not emitted'
    like "$name: from the lockfile" "$said" '\(lockfile\)'
done
for name in rmsnorm gemm softmax transpose gqa_decode; do
    ok "$name: the winner's kernels are in the object" sh -c "nm -C $name.o | grep -q __ks_"
    like "$name: and it says so" "$("$KSEARCH_BIN/ksnvcc" explain $name.o)" 'NVIDIA H[12]00'
done
ok 'vadd: nothing was proven, so it is the original' sh -c '! nm -C vadd.o | grep -q __ks_'

# the search that a language model took part in, from its recording
unset KSEARCH_MODE KSEARCH_LOCK
cp -r "$samples/gqa_decode" .
KSEARCH_MODE=search KSEARCH_LOCK=$dir/replayed.lock "$KSEARCH_BIN/ksnvcc" search --json --model "replay:$samples/replay/gqa_decode.ksearch" \
    gqa_decode/gqa_decode.cu -- -arch=sm_90 -std=c++17 >replay.json 2>replay.txt
is 'the recorded search can be searched again' $? 0
unlike 'it holds all that the search asks for' "$(cat replay.txt)" 'not in the recording'
code() { # of the winner, in a record or a lockfile
    sed -n 's/.*"code": *"\([0-9a-f]*\)".*/\1/p' "$1" | sort -u
}
ok 'and finds what the lockfile has' sh -c "grep -q '$(code replay.json)' '$samples/ksearch.lock'"
finish
