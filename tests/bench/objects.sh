#!/bin/bash
# What compiles of an annotated file cost, beside plain nvcc's and ccache's of the same file: a miss (nothing is on file: the original is
# compiled, and its object kept), the emission of a winner that is on file, and a hit. A small file and one that includes cub/cub.cuh,
# each with -MD. Interleaved; medians and quartiles of ROUNDS rounds of compiles and HITS of hits, the median of the processor time, which
# says more where the machine is busy, and the most memory of any process. An empty program is what any start of one costs.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
bin=${KSEARCH_BIN:?the folder of ksnvcc}
worker=${KSEARCH_BUILD:?the folder of the build}/libexec/ksearch/ksearch-worker
nvcc=${CUDA_HOME:-/usr/local/cuda}/bin/nvcc
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CCACHE_|CI$)'); do unset "$v"; done
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_QUIET=1 KSEARCH_KNOBS=0 CCACHE_DIR=$dir/ccache
. "$here/../e2e/recording.sh"
cd "$dir"

cat >timed.c <<'C'
/* timed FILE COMMAND...: appends its microseconds, those of processors, and its largest process's kilobytes to FILE */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    struct timespec a, b;
    struct rusage use;
    int status;
    (void)argc;
    clock_gettime(CLOCK_MONOTONIC, &a);
    if (fork() == 0) {
        if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
            _exit(126);
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    wait4(-1, &status, 0, &use);
    clock_gettime(CLOCK_MONOTONIC, &b);
    FILE *f = fopen(argv[1], "a");
    fprintf(f, "%.0f %.0f %ld\n", (b.tv_sec - a.tv_sec) * 1e6 + (b.tv_nsec - a.tv_nsec) / 1e3,
            (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e6 + use.ru_utime.tv_usec + use.ru_stime.tv_usec, use.ru_maxrss);
    return status != 0;
}
C
${CC:-cc} -O2 -o timed timed.c
echo 'int main(void) { return 0; }' >empty.c
${CC:-cc} -O2 -static -o empty empty.c

sed 's/#include "first.h"/#define FACTOR 2.0f/; /include <second.h>/d' "$here/../e2e/objects/k.cu" >small.cu
{ echo '#include <cub/cub.cuh>'; cat small.cu; } >heavy.cu
sleep 0.1

row() { # NAME: the median of its milliseconds, the quartiles, the median of processor time, and the most megabytes
    [ -e "$1.times" ] || return 0
    cpu=$(sort -nk2 "$1.times" | awk '{ t[NR] = $2 / 1000 } END { printf "%.1f", t[int((NR - 1) / 2) + 1] }')
    sort -n "$1.times" | awk -v name="$1" -v cpu="$cpu" '{ t[NR] = $1 / 1000; if ($3 > m) m = $3 }
        function q(p) { return t[int((NR - 1) * p) + 1] }
        END { printf "  %-16s %10.1f   %8.1f to %-8.1f %10.1f %6.0f   (%d)\n", name, q(.5), q(.25), q(.75), cpu, m / 1024, NR }'
}

measure() { # FILE ROUNDS HITS
    local file=$1 args=(-arch=sm_90 -MD -MF x.d -c "$1.cu" -o x.o) i
    rm -f -- *.times
    rm -rf cache ccache
    for ((i = 0; i < $2; i++)); do
        ./timed nvcc.times "$nvcc" "${args[@]}"
        rm -rf cache/objects cache/data.mdb cache/lock.mdb
        KSEARCH_MODE=cached ./timed ksnvcc-miss.times "$bin/ksnvcc" "$nvcc" "${args[@]}"
        if command -v ccache >/dev/null; then
            CCACHE_RECACHE=1 ./timed ccache-miss.times ccache "$nvcc" "${args[@]}"
        fi
        KSEARCH_WORKER="$worker --replay $dir/fast.jsonl" "$bin/ksnvcc" "$nvcc" "${args[@]}" >said 2>&1
        KSEARCH_OBJECTS=0 ./timed ksnvcc-emission.times "$bin/ksnvcc" "$nvcc" "${args[@]}"
    done
    "$bin/ksnvcc" "$nvcc" "${args[@]}" >said 2>&1
    nm x.o | grep -q scale__ks || echo 'the winner was not emitted'
    for ((i = 0; i < $3; i++)); do
        ./timed empty.times ./empty
        ./timed ksnvcc-hit.times "$bin/ksnvcc" "$nvcc" "${args[@]}"
        if command -v ccache >/dev/null; then
            ./timed ccache-hit.times ccache "$nvcc" "${args[@]}"
        fi
    done
    echo "$file.cu, $(($(wc -l <x.d) - 1)) dependencies"
    printf '  %-16s %10s   %20s %10s %6s\n' '' 'median ms' 'quartiles      ' cpu MB
    for i in nvcc ksnvcc-miss ccache-miss ksnvcc-emission ksnvcc-hit ccache-hit empty; do row "$i"; done
    awk '/^object_(hit|kept)/ { print "  " $0 }' <("$bin/ksnvcc" cache stats)
    command -v ccache >/dev/null && ccache -s | grep -E 'Direct|Preprocessed' | head -2
    return 0
}

recording fast.jsonl scale_0 n=1048576 'n=1;n=1000' '[128]' 10 '[64]' 12 '[256]' 8
if command -v ccache >/dev/null; then ccache --version | head -1; else echo 'ccache is not here: its lines are left out'; fi
measure small "${ROUNDS:-9}" "${HITS:-101}"
measure heavy "${ROUNDS:-5}" "${HITS:-101}"
