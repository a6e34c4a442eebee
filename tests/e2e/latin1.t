#!/bin/bash
# Texts in Latin-1: in a source and its name, in a structure, and in what the compiler quotes of it. JSON holds UTF-8 alone, and a search
# writes all that it learns as JSON.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
ks=${KSEARCH_BIN:?the folder of ksnvcc}/ksnvcc
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_JOBS=2 MODEL_LOG=$dir/calls
unset CI KSEARCH_LOCK KSEARCH_GPU KSEARCH_MODEL KSEARCH_PLANNER
cp "$here/search/model.sh" "$dir"
cd "$dir" || exit 1
source=$'caf\xe9.cu' shown=$'caf\xef\xbf\xbd.cu'
sed -e 's/hint("cut/structure("bad.cuh") structure("good.cuh") hint("Gr\xf6\xdfe: cut/' -e 's/^{/{ \/\/ Gr\xf6\xdfe/' \
    -e 's/^static __global__/\/\/ K\xf6ln\n&/' "$here/search/norms.cu" >"$source"
cat >good.cuh <<C
// gr$(printf '\366\337')er
constexpr int THREADS = 256;
#pragma ksearch tune(THREADS = 128, 256, 512) run(rows_of<<<rows, THREADS>>>(y, x, cols))
static __global__ void rows_of(float *y, const float *x, int cols)
{
    __shared__ float sums[THREADS];
    float sum = 0;
    for (int i = threadIdx.x; i < cols; i += THREADS)
        sum += x[(size_t)blockIdx.x * cols + i] * x[(size_t)blockIdx.x * cols + i];
    sums[threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.x != 0)
        return;
    for (int i = 1; i < THREADS; i++)
        sum += sums[i];
    y[blockIdx.x] = sqrtf(sum);
}
C
sed 's/__syncthreads();/\n#error zu gro\xdf/' good.cuh >bad.cuh
ok 'texts are in Latin-1' sh -c '! iconv -f UTF-8 -t UTF-8 "$0" 2>/dev/null && ! iconv -f UTF-8 -t UTF-8 bad.cuh 2>/dev/null' "$source"

json() { # FILE EXPRESSION: of what it holds, as Perl
    perl -MJSON::PP -CO -0777 -e 'my $j = decode_json(<STDIN>); print eval $ARGV[0] // ""' "$2" <"$1"
}
search() { # NAME OPTION...: live, and what it printed, as JSON
    KSEARCH_WORKER="$KSEARCH_BUILD/tests/fake/worker {\"base_us\":100}" "$ks" search --json --budget 60s "${@:2}" "$source" -- -arch=sm_90 -std=c++17 >"$1.json" 2>"$1.txt"
    is "$1: it ends well" "$?" 0
    is "$1: it tells of the file" "$(json "$1.json" '$j->[0]{file}')" "$shown"
    unlike "$1: all of it is kept" "$(tr -d '\0' <"$1.txt")" 'not kept'
}
search tuned
is 'what compiles is found' "$(json tuned.json '$j->[0]{record}{winners}[0]{structure}')" good.cuh
report=$("$ks" report norms)
like 'the report names the file' "$report" "$shown"
like 'and says how it ended' "$report" 'ended +everything worth trying was tried'
"$ks" report --json norms >report.json
if command -v zstd >/dev/null; then
    "$ks" report --export tuned.ksearch norms >/dev/null
    like 'what the compiler quotes is in the journal' "$(zstd -dc tuned.ksearch)" $'bad\\.cuh.*error.*zu gro\xef\xbf\xbd'
else
    skip 'what the compiler quotes is in the journal' 'zstd is not installed'
fi
is 'the report as JSON has all trials' "$(json report.json 'scalar grep { $_->{state} eq "good" } @{$j->{trials}}')" 3

export KSEARCH_CACHE_DIR=$dir/written
search written --model "exec:$dir/model.sh; echo 'caf\xe9' >&2"
like 'a model is shown the text' "$(cat calls)" 'propose'
KSEARCH_WORKER="$KSEARCH_BUILD/tests/fake/worker {\"base_us\":100}" "$ks" nvcc -arch=sm_90 -std=c++17 -c "$source" -o norms.o 2>build.txt
is 'a build takes the winner' "$?" 0
like 'from the cache' "$(tr -d '\0' <build.txt)" '\(cache\)'
"$ks" explain --json norms.o >object.json
is 'and the object tells of it' "$(json object.json '$j->[0]{winners}[0]{file}')" "$shown"
"$ks" report --export norms.ksearch norms >/dev/null
KSEARCH_CACHE_DIR=$dir/replayed "$ks" search --json --model "replay:$dir/norms.ksearch" "$source" -- -arch=sm_90 -std=c++17 >replayed.json 2>/dev/null
is 'a replay finds the same' "$(json replayed.json '$j->[0]{record}{winners}[0]{structure}')" "$(json written.json '$j->[0]{record}{winners}[0]{structure}')"

# a model that fails in Latin-1
export KSEARCH_CACHE_DIR=$dir/failed
search failed --model $'exec:printf "kein Schl\xfcssel" >&2; exit 3'
like 'and says why' "$("$ks" report norms)" $'kein Schl\xef\xbf\xbdssel'
finish
