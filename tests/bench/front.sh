#!/bin/bash
# What does ksnvcc cost where there is nothing for it to do? Bare nvcc, nvcc behind a static execv
# shim (the least that any wrapper costs), and nvcc behind ksnvcc, interleaved, ROUNDS times each:
# medians and quartiles in microseconds, and the differences of the medians. Beside --version, which
# looks at no file, a --dryrun of files of 50 KB and 2 MB without annotations.
set -eu

rounds=${ROUNDS:-200}
bin=${KSEARCH_BIN:?the folder of ksnvcc}
nvcc=${CUDA_HOME:-/usr/local/cuda}/bin/nvcc
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

cat >"$dir/shim.c" <<'C'
#include <unistd.h>
int main(int argc, char **argv)
{
    (void)argc;
    execv(argv[1], argv + 1);
    return 127;
}
C
${CC:-cc} -O2 -static -o "$dir/shim" "$dir/shim.c"
source_of() { # LINES
    awk -v n="$1" 'BEGIN {
        for (i = 0; i < n; i++) print "// a line of a source file, without the word; " i
        print "__global__ void k() {}"
    }'
}
source_of 1000 >"$dir/usual.cu"
source_of 40000 >"$dir/large.cu"

once() { # FILE COMMAND...
    local out=$1 from to
    shift
    from=$EPOCHREALTIME
    "$@" >/dev/null 2>&1
    to=$EPOCHREALTIME
    echo $((${to/./} - ${from/./})) >>"$out"
}

quartile() { # FILE PERCENT
    sort -n "$1" | awk -v p="$2" '{ v[NR] = $1 } END { print v[int((NR - 1) * p / 100) + 1] }'
}

compare() { # TITLE ARGS...
    local title=$1 base=0 name m
    shift
    rm -f "$dir"/*.us
    for ((i = 0; i < rounds; i++)); do
        once "$dir/1bare.us" "$nvcc" "$@"
        once "$dir/2shim.us" "$dir/shim" "$nvcc" "$@"
        once "$dir/3ksnvcc.us" "$bin/ksnvcc" "$nvcc" "$@"
    done
    echo "$title ($rounds rounds, us)"
    printf '  %-8s %8s %8s %8s %10s\n' '' q1 median q3 'over bare'
    for f in "$dir"/*.us; do
        name=$(basename "$f" .us)
        m=$(quartile "$f" 50)
        [ "$base" != 0 ] || base=$m
        printf '  %-8s %8d %8d %8d %+10d\n' "${name:1}" "$(quartile "$f" 25)" "$m" \
            "$(quartile "$f" 75)" $((m - base))
    done
}

compare 'nvcc --version' --version
compare 'nvcc --dryrun -c, 50 KB without annotations' --dryrun -c "$dir/usual.cu"
compare 'nvcc --dryrun -c, 2 MB without annotations' --dryrun -c "$dir/large.cu"
compare 'the same, as CMake has it' --dryrun -x cu -c "$dir/large.cu" -o "$dir/large.o"
