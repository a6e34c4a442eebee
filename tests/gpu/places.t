#!/bin/bash
# Entries in all kinds of places, searched live: each has a winner, and the program prints what plain nvcc's prints.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")/places" && pwd)
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_BUDGET=60s
unset CI KSEARCH_LOCK KSEARCH_WORKER
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
cd "$dir" || exit 1

build() { # NAME COMPILER...: output in $said
    said=$("${@:2}" -std=c++17 -O2 -arch=native -c "$here/main.cu" -o "$1.o" 2>&1 &&
        "$nvcc" -std=c++17 -O2 -arch=native "$1.o" "$here/other.cu" -o "$1" 2>&1)
    status=$?
}

build plain "$nvcc"
is 'plain nvcc builds it' "$status$said" 0
build tuned "$KSEARCH_BIN/ksnvcc" "$nvcc"
is 'ksnvcc builds it' "$status" 0
for entry in add scale weigh elsewhere rowwise; do
    like "$entry: a winner" "$said" "$entry.*: [A-Z]+=0 .*is [0-9.]+x as fast"
done
unlike 'no launch is left out' "$said" 'warning'
ok 'they are in the object' sh -c "test \$(nm -C tuned.o | grep -c '__ks_') -ge 5"
is 'the program prints what it did' "$(./tuned 2>&1)" "$(./plain 2>&1)"
build tuned "$KSEARCH_BIN/ksnvcc" "$nvcc"
unlike 'the second build does not search' "$said" 'searching'
is 'and prints the same' "$(./tuned 2>&1)" "$(./plain 2>&1)"
finish
