#!/bin/bash
# Element types on a GPU: vectors, complex numbers, fp8, bool, 64-bit integers and structs are filled, timed and compared; of each, the
# variant that is wrong in one place is refused, and the place is named.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_BUDGET=30s
unset CI KSEARCH_LOCK KSEARCH_WORKER
cp "$here"/types/*.cu "$dir" && cd "$dir" || exit 1

npy() { # FILE DESCR COUNT BYTES: every byte is 0x3f, and a float of such bytes 0.747
    local header="{'descr': '$2', 'fortran_order': False, 'shape': ($3,), }"
    { printf '\x93NUMPY\1\0'; printf "\\x$(printf %02x ${#header})\\0%s" "$header"; head -c "$4" /dev/zero | tr '\0' '?'; } >"$1"
}
npy particles.npy '|V16' 65536 1048576
npy few.npy '|V16' 1003 16048

search() { # NAME PLACE: of the wrong variant's first difference
    said=$("$KSEARCH_BIN/ksnvcc" nvcc -std=c++17 -arch=native -c "$1.cu" -o "$1.o" 2>&1)
    is "$1: the build goes on" "$?" 0
    like "$1: is measured" "$said" "$1: (BLOCK=(128|256) is [0-9.]+x as fast|original: no proven gain)"
    like "$1: the wrong variant is refused, and where" "$said" "1 of [0-9]+ variants were refused; the first, BLOCK=64: $2: expected"
}

search quads 'c\[0\] lane 2'
search phases 'c\[0\] lane 1'
search eighths 'x\[0\] lane 1'
search flags 'sum\[0\]'
search particles 'to\[0\]'
finish
