#!/bin/bash
# What does ksnvcc cost where there is nothing for it to do? Bare nvcc, nvcc behind a static execv
# shim (the least that any wrapper costs), and nvcc behind ksnvcc, interleaved, ROUNDS times each:
# quartiles in microseconds, and how far each median is over nvcc's and over the shim's. The shim is
# built as ksnvcc is: with musl where that is installed, and then once more with glibc. `nvcc
# --version FILE` stands for a compile: ksnvcc does what it does for one, and nvcc takes less time,
# and more evenly. "first" is a look at a file that ksnvcc does not know, "later" one at a file that
# it has seen before; files of up to 1.8 MB are looked at each time.
set -eu

rounds=${ROUNDS:-300}
bin=${KSEARCH_BIN:?the folder of ksnvcc}
nvcc=${CUDA_HOME:-/usr/local/cuda}/bin/nvcc
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export KSEARCH_CACHE_DIR=$dir/cache

cat >"$dir/shim.c" <<'C'
#include <unistd.h>
int main(int argc, char **argv)
{
    (void)argc;
    execv(argv[1], argv + 1);
    return 127;
}
C
musl=$(command -v musl-gcc || true)
"${musl:-${CC:-cc}}" -O2 -static -Wl,-z,noseparate-code -o "$dir/shim" "$dir/shim.c"
${CC:-cc} -O2 -static -o "$dir/glibc" "$dir/shim.c"
${CC:-cc} -O2 -D_GNU_SOURCE -o "$dir/race" "$here/race.c"
source_of() { # LINES
    awk -v n="$1" 'BEGIN {
        for (i = 0; i < n; i++) print "// a line of a source file, without the word; " i
        print "__global__ void k() {}"
    }'
}
source_of 1000 >"$dir/usual.cu"
source_of 20000 >"$dir/half.cu"
source_of 40000 >"$dir/large.cu"
source_of 400000 >"$dir/huge.cu"
sleep 4 # a file that has just changed is not remembered

compare() { # TITLE FIRST-TOO ARGS...
    local title=$1 first=$2
    shift 2
    local -a more=() ks=("$bin/ksnvcc" "$nvcc" "$@")
    [ -z "$musl" ] || more=('shim, glibc' - "$dir/glibc" "$nvcc" "$@" --)
    [ -z "$first" ] || more+=('ksnvcc, first' "$dir/cache/looked" "${ks[@]}" --)
    printf '%s (%d rounds, us)\n  %-14s %8s %8s %8s %10s %10s\n' "$title" "$rounds" '' q1 median q3 \
        'over bare' 'over shim'
    "$dir/race" "$rounds" bare - "$nvcc" "$@" -- shim - "$dir/shim" "$nvcc" "$@" -- \
        "${more[@]}" "ksnvcc${first:+, later}" - "${ks[@]}"
}

uptime
compare 'no file' '' --version
compare '50 KB without annotations' '' --version "$dir/usual.cu"
compare '1 MB' '' --version "$dir/half.cu"
compare '2 MB' yes --version "$dir/large.cu"
compare '2 MB, as CMake has it' yes --version -x cu -c "$dir/large.cu" -o "$dir/large.o"
compare '20 MB' yes --version "$dir/huge.cu"
uptime
