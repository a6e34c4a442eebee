#!/bin/bash
# Objects for several architectures, as a whole and of relocatable device code: the winner for the GPU that is here is in what is linked, is
# what runs, and gives what the original does.
. "$(dirname "$0")/../tap.sh"
samples=$(cd "$(dirname "$0")/../../samples" && pwd)
ksnvcc=$KSEARCH_BIN/ksnvcc
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_KNOBS=0
unset CI KSEARCH_LOCK KSEARCH_WORKER
cp -r "$samples"/{sample.cuh,transpose} "$dir"
cd "$dir/transpose" || exit 1
arch=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -1 | tr -d .)
several=(-std=c++17 -O3 -gencode arch=compute_80,code=sm_80 -gencode "arch=compute_$arch,code=[sm_$arch,compute_$arch]")
"$ksnvcc" capture --list -- true 2>&1 | grep -q 'did not start CUDA' && lists=yes

build() { # PROGRAM FLAGS...: said of the annotated source is in $said
    local program=$1
    shift
    said=$("$ksnvcc" nvcc "${several[@]}" "$@" -c transpose.cu -o "$program.o" 2>&1)
    sed 's/^/# /' <<<"$said"
    "$ksnvcc" nvcc "${several[@]}" "$@" main.cu "$program.o" -o "$program" 2>&1 | sed 's/^/# /'
}

for flags in '' -rdc=true '-rdc=true -lineinfo'; do
    name="several architectures${flags:+, $flags}"
    # shellcheck disable=SC2086 # they are words
    build program $flags
    like "$name: there is a winner" "$said" 'transpose: TILE=.* is 1\.[0-9]+x as fast'
    ok "$name: the program works" ./program
    if [ "${lists-}" ]; then
        skip "$name: the winner is what it launches" 'capture has no library here'
    else
        list=$("$ksnvcc" capture --list -- ./program 2>&1)
        sed 's/^/# /' <<<"$list"
        like "$name: the winner is what it launches" "$list" 'transpose__ks_'
    fi
done
finish
