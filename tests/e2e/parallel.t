#!/bin/bash
# `make -j` over annotated files, each of which is searched: all compilers together are no more than make's jobs, every token of its
# jobserver comes back, files that are the same are searched once, what is said can be read, and a search that is killed is gone on
# with by the one that waits for it. Without GPU: tests/fake/worker invents times. Compilers are counted by a script in
# front of nvcc.
#
# PARALLEL_FILES=64 PARALLEL_JOBS=16 makes it a big build, PARALLEL_ONLY=1 that build alone: see tests/bench/parallel.sh.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../counting.sh"
files=${PARALLEL_FILES:-6} jobs=${PARALLEL_JOBS:-3} make=${MAKE:-make}
ksnvcc=$KSEARCH_BIN/ksnvcc
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|BUDGET|JOBS|PROGRESS|QUIET|DEBUG)|NVCC_|CUDACXX|CI$|MAKE|MFLAGS)'); do unset "$v"; done
export KSEARCH_MODE=search KSEARCH_CACHE_DIR=$dir/cache KSEARCH_LOCK_DIR=$dir KSEARCH_WORKER="$KSEARCH_BUILD/tests/fake/worker {\"base_us\":100}"
# more than make has: what limits is the jobserver
export KSEARCH_JOBS=$((2 * jobs))
cd "$dir" || exit 1

cat >hook <<'S'
# what the tests below do to a variant of twin0
if [ -n "$TWIN" ] && [ -e "hold-$TWIN" ] && [[ $* == */unit* ]]; then
    for ((i = 0; i < 600; i++)); do
        grep -q 'another process searches it' said && break
        sleep 0.1
    done
    if [ -e kill ]; then
        rm kill
        kill -9 $PPID
    fi
fi
S

kernel() { # NAME FACTOR
    cat <<C
constexpr int BLOCK = 128;

#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 1<<20) tune(BLOCK = 32, 64, 96, 128, 192, 256, 384, 512)
__global__ void $1(const float *a, float *b, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        b[i] = a[i] * $2;
}

void run_$1(const float *a, float *b, int n)
{
    $1<<<(n + BLOCK - 1) / BLOCK, BLOCK>>>(a, b, n);
}
C
}

# a third of the files are two that are the same, which make starts side by side
twins=$((files / 3)) names=()
for ((i = 0; i < twins; i++)); do
    kernel twin$((i / 2)) $((i / 2)).5f >twin$i.cu
    names+=(twin$i)
done
for ((i = twins; i < files; i++)); do
    kernel k$i $i.25f >k$i.cu
    names+=(k$i)
done
keys=$((files - twins + (twins + 1) / 2))
cat >Makefile <<M
all: $(printf '%s.o ' "${names[@]}")
%.o: %.cu
	@TWIN=\$* $ksnvcc $dir/bin/nvcc -arch=sm_90 -c \$< -o \$@
M

run() { # MAKE'S WORDS...
    rm -f -- *.o
    counted "$make" "$@"
}

# ---- all of them
[ "$jobs" = 1 ] || : >hold-twin0
start=${EPOCHREALTIME/./}
run -j "$jobs"
echo "# $files files with -j$jobs in $(((${EPOCHREALTIME/./} - start) / 1000)) ms, $(wc -l <counts) compilers, at most $most at once, $(wc -l <said) lines"
rm -f hold-twin0
is 'the build ends well' "$status" 0
[ "$status" = 0 ] || sed 's/^/# /' said
if [ "$jobs" -gt 1 ]; then
    ok "never more compilers than make's jobs" test "$most" -le "$jobs"
    ok 'but several at once' test "$most" -gt 1
    like 'who waits for another says so' "$(cat said)" '^ksnvcc: twin[01]\.cu: twin0: another process searches it; waiting for its result$'
fi
unlike 'make has all of its tokens back' "$(cat said)" 'INTERNAL|jobserver|tokens'
is 'each key is searched once' "$(grep -c ': searching on ' said)" "$keys"
is 'each file has its winner' "$("$ksnvcc" explain "${names[@]/%/.o}" | grep -c 'BLOCK=')" "$files"
is 'and each says so' "$(grep -cE '^ksnvcc: [a-z0-9]+\.cu: [a-z0-9]+: (BLOCK=[0-9]+ is [0-9.]+x as fast|original: no proven gain)' said)" "$files"
unlike 'all lines are whole, and name the file and the entry' \
    "$(grep -vE '^ksnvcc: (twin|k)[0-9]+\.cu: (twin|k)[0-9]+: [^:].*[])a-z]$' said)" .
ok 'and are few' test "$(wc -l <said)" -le $((4 * files))
is 'nothing is left running' "$(for p in alive/*; do kill -0 "${p##*/}" 2>/dev/null && echo "$p"; done)" ''

[ -z "${PARALLEL_ONLY:-}" ] || finish

# ---- one file: what others do not use is its
export KSEARCH_CACHE_DIR=$dir/one
run -j "$jobs" twin0.o
ok 'the last file of a build gets all of its jobs' test "$most" -gt 1 -a "$most" -le "$jobs"
is 'it is built' "$status" 0

# ---- a search that is killed, with tokens in its hands and another that waits for it
export KSEARCH_CACHE_DIR=$dir/killed
: >hold-twin0
: >hold-twin1
: >kill
run -k -j "$jobs" twin0.o twin1.o
rm hold-*
is 'a search that is killed fails its file' "$status" 2
is 'that one alone' "$(grep -c '^make.*Error' said)" 1
like 'the one that waited goes on with it' "$(cat said)" 'twin[01]\.cu: twin0: going on with the search twin0-'
unlike 'make has all of its tokens back then, too' "$(cat said)" 'INTERNAL|jobserver|tokens'
run twin0.o twin1.o
is 'and the next build finds the winner' "$status $(grep -c '(cache)$' said)" '0 2'

# ---- a jobserver with a name, as make has it since 4.4 and ninja 1.13 hands it on
export KSEARCH_CACHE_DIR=$dir/named
mkfifo fifo
exec 9<>fifo
printf 'ab' >&9
counted env MAKEFLAGS=" -j3 --jobserver-auth=fifo:$dir/fifo" "$ksnvcc" bin/nvcc -arch=sm_90 -c k$((files - 1)).cu -o k.o
is 'with a fifo' "$status" 0
ok 'three compilers at most, and several' test "$most" -le 3 -a "$most" -gt 1
read -r -t 5 -n 2 tokens <&9
is 'the same tokens come back' "$(grep -o . <<<"$tokens" | sort | tr -d '\n')" ab
exec 9>&-

# ---- on a terminal one process at a time has the last line; under make nobody
export KSEARCH_CACHE_DIR=$dir/terminal
if command -v script >/dev/null; then
    script -qec "$ksnvcc bin/nvcc -arch=sm_90 -c k$((files - 1)).cu -o k.o" /dev/null >said </dev/null 2>&1
    like 'alone, progress overwrites itself' "$(cat -v said)" '\^M\^\[\[Kksnvcc: k[0-9]+\.cu: k[0-9]+: (best [0-9.]+x, )?[0-9]+ of 8 tried'
    rm -rf terminal
    script -qec "rm -f k*.o; $make -j2 k$((files - 1)).o" /dev/null >said </dev/null 2>&1
    unlike 'under make -j nothing overwrites' "$(cat -v said)" 'tried, best'
else
    skip 'on a terminal' 'script is not installed'
fi
finish
