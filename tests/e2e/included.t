#!/bin/bash
# KSEARCH_HEADERS=1: annotations in headers that are included by quotes. Off, the front looks at inputs alone and headers stay what they are.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/recording.sh"
here=$(cd "$(dirname "$0")" && pwd)
worker=$KSEARCH_BUILD/libexec/ksearch/ksearch-worker
for v in $(compgen -e | grep -E '^(NVCC_|KSEARCH_(MODE|LOCK|GPU|WORKER|CACHE_DIR|QUIET|HEADERS)$|CI$)'); do unset "$v"; done
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_JOBS=2
"${CC:-cc}" -c -o "$dir/cudart.o" "$here/../fake/cudart.c" || exit 1
mkdir -p "$dir/src/sub" "$dir/inc/deep" && cd "$dir" || exit 1

echo '#define FACTOR 2.0f' >inc/deep/factor.h
printf '#pragma once\n#include "factor.h"\n__device__ inline float times(float x) { return FACTOR * x; }\n' >inc/deep/detail.h
cat >inc/scale.cuh <<'C'
#pragma once
#include "deep/detail.h"
constexpr int BLOCK = 128;

#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch use("more.ks") tune(BLOCK = 64, 128, 256)
__global__ void scale(const float *a, float *b, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    int unused;
    if (i < n)
        b[i] = times(a[i]);
}
C
echo 'workload(n = 1<<20) test(n = 1, 1000)' >inc/more.ks
printf '#pragma once\nstatic const char *file = __FILE__;\n' >src/sub/x.h
printf '#ifndef BETWEEN\n#define BETWEEN\n#include "sub/x.h"\n  #  include "scale.cuh" // here\n#endif\n' >src/between.h
cat >src/main.cu <<'C'
#include <cstdio>
/*
#include "sub/../sub/../between.h"
*/
#include "between.h"
#include "sub/x.h"
int main()
{
    int nobody;
    scale<<<(4096 + BLOCK - 1) / BLOCK, BLOCK>>>(nullptr, nullptr, 4096);
    std::printf("%s %d\n", file, __LINE__);
}
C
sed 's/int nobody/char other/; s/^int main/int more/' src/main.cu >src/other.cu
recording h200.jsonl scale_0 n=1048576 'n=1;n=1000' '[128]' 10 '[64]' 12 '[256]' 8

ks() { # nvcc's arguments; says everything into $said
    said=$("$KSEARCH_BIN/ksnvcc" nvcc -arch=sm_90 "$@" 2>&1)
    status=$?
}
run() {
    g++ -o program x.o cudart.o && FAKE_CAPABILITY=90 ./program 2>&1 | c++filt -p | grep -v '^asked' | sed 's, / 0 / (nil)$,,' | tr '\n' ' '
}
original='scale 32 1 1 / 128 1 1 src/sub/x.h 11 '
winner=${original/scale 32 1 1 \/ 128/scale__ks_scale_0_256 16 1 1 \/ 256}

ks -Iinc -c src/main.cu -o x.o
unlike 'without the variable nobody looks' "$said" ksnvcc
ok 'nor remembers' [ ! -e cache ]
export KSEARCH_HEADERS=1
nvcc -arch=sm_90 -Iinc -c src/main.cu -o x.o -MD -MF want.d -Xcompiler -Wall,-Wno-unknown-pragmas >want.txt 2>&1
KSEARCH_WORKER="$worker --replay $dir/h200.jsonl" ks -Iinc -c src/main.cu -o x.o -MD -MF got.d -Xcompiler -Wall
like 'a kernel in a header is searched' "$said" 'main.cu: scale: BLOCK=256 .*\(search\)'
is 'warnings are of the files that they are in' "$(grep -v '^ksnvcc: ' <<<"$said")" "$(cat want.txt)"
is "the depfile has nvcc's files, and the annotation's" "$(cat got.d)" "$(cat want.d) \\
  inc/more.ks"
is 'the winner runs, and all else is as it was' "$(run)" "$winner"
ks -I inc -c src/other.cu -o y.o
like 'another source finds it too' "$said" 'other.cu: scale: BLOCK=256 .*\(cache\)'
ks -O3 --include-path=inc -c "$dir/src/main.cu" -o x.o
like 'by another name as well' "$said" 'BLOCK=256 .*\(cache\)'
(cd src && ks -c main.cu -I../inc -o ../x.o && echo "$said") >said
like 'from its own folder' "$(cat said)" 'BLOCK=256 .*\(cache\)'
is 'without a trace of where the text came from' "$(run)" "${winner/src\//}"
said=$("$KSEARCH_BIN/ksnvcc" explain src/main.cu -- -arch=sm_90 -Iinc)
like 'explain knows it' "$said" 'BLOCK=256'
like 'and where it stands' "$said" '^inc/scale.cuh:7: scale \(kernel\)$'
"$KSEARCH_BIN/ksnvcc" diff src/main.cu -- -arch=sm_90 -Iinc >winner.patch
like 'diff shows the header' "$(cat winner.patch)" '^# inc/scale.cuh: scale: BLOCK=256; '
said=$("$KSEARCH_BIN/ksnvcc" diff --json src/main.cu -- -arch=sm_90 -Iinc)
like 'as JSON, too' "$said" '"source": "inc/scale.cuh"'
like 'with the files of the patch' "$(tr -d ' \n' <<<"$said")" '"files":\["inc/scale.cuh"\]'
if command -v patch >/dev/null; then
    mkdir patched && cp -r inc src patched
    ok 'which patch(1) takes' patch -s -d patched -p0 -i ../winner.patch
    is 'and makes the winner of it' "$(diff -r inc patched/inc | tail -n +2)" "$(printf '3c3\n< constexpr int BLOCK = 128;\n---\n> constexpr int BLOCK = 256;')"
    is 'all else is left alone' "$(diff -r src patched/src)" ''
else
    skip 'which patch(1) takes' 'no patch here'
fi
# ---- the same header by another way, which its #pragma once must keep out
printf '#pragma once\n#include "scale.cuh"\ninline int lib() { return BLOCK; }\n' >inc/lib.h
printf '#pragma once\n#include <lib.h>\n' >src/plain.h
body='int main() { scale<<<(4096 + BLOCK - 1) / BLOCK, BLOCK>>>(nullptr, nullptr, 4096); return lib() - 128; }'
for includes in '"scale.cuh" <lib.h>' '<lib.h> "scale.cuh"' '"scale.cuh" "plain.h"' '"../inc/scale.cuh" "lib.h" <scale.cuh>'; do
    { printf '#include %s\n' $includes && echo "$body"; } >src/via.cu
    ks -Iinc -c src/via.cu -o x.o
    like "$includes" "$said $("$KSEARCH_BIN/ksnvcc" explain x.o)" 'BLOCK=256 .*\(cache\)'
done
printf '#include "../inc/scale.cuh"\n#include <lib.h>\n%s\n' "$body" >src/via.cu
ks -isystem inc -c src/via.cu -o x.o
like 'where it cannot be kept out a line says where it comes in' "$said" 'via.cu: the annotations in inc/scale.cuh are not looked at where inc/lib.h includes it'
unset KSEARCH_HEADERS
said=$("$KSEARCH_BIN/ksnvcc" --ks-headers nvcc -arch=sm_90 -c src/main.cu -o x.o -Iinc 2>&1)
like '--ks-headers' "$said" 'BLOCK=256 .*\(cache\)'
"$KSEARCH_BIN/ksnvcc" --ks-headers=no nvcc -c src/main.cu 2>/dev/null
is 'takes no value' $? 100
export KSEARCH_HEADERS=1
sed -i 's/FACTOR 2/FACTOR 3/' inc/deep/factor.h
ks -Iinc -c src/main.cu -o x.o
like 'what the header depends on is in the key' "$said" 'original: nothing on file'
# what is old enough to be kept is kept, and found
find inc src -type f -exec touch -d '1 minute ago' {} +
sleep 0.02 # within a tick of the clock they could be written again
ks -Iinc -c src/main.cu -o x.o
ks -Iinc -c src/main.cu -o x.o
like 'the object is used again' "$("$KSEARCH_BIN/ksnvcc" cache --json stats)" '"object_hit": ?[1-9]'
sed -i 's/use(/sue(/' inc/scale.cuh
touch -d '1 minute ago' inc/scale.cuh
ks -Iinc -c src/main.cu -o x.o
is 'a malformed annotation' "$status" 101
like 'is located in its header' "$said" "^inc/scale.cuh:6:17: error: ksearch: unknown clause 'sue'"
like 'with its line' "$said" '^#pragma ksearch sue'
sed -i 's/sue(/use(/' inc/scale.cuh

# ---- what the front looks at (seen.t: what it remembers): the engine is a script that says when it is called
mkdir engine
printf '#!/bin/sh\necho engine\n' >engine/ksearch-engine && chmod +x engine/ksearch-engine
printf '#!/bin/sh\necho plain\n' >engine/nvcc && chmod +x engine/nvcc
front() { KSEARCH_LIBEXEC=$dir/engine "$KSEARCH_BIN/ksnvcc" "$dir/engine/nvcc" "$@"; }
is 'a header of a header' "$(front -c src/main.cu -Iinc)" engine
is 'again' "$(front -c src/main.cu -Iinc)" engine
is 'the folder may be named behind, or in a file' "$(echo '-I inc' >o.rsp; front -c src/main.cu -optf o.rsp)" engine
is 'without it the header is not found' "$(front -c src/main.cu)" plain
cp inc/scale.cuh src/
is 'until it is there' "$(front -c src/main.cu)" engine
sed -i 's/ksearch/search/' src/scale.cuh
is 'and until it is another' "$(front -c src/main.cu)" plain
is 'a file beside hides one of a folder' "$(front -c src/main.cu -Iinc)" plain
rm src/scale.cuh
is 'until it is gone' "$(front -c src/main.cu -Iinc)" engine
rm -rf cache/looked && touch cache/looked
is 'where nothing can be kept it is looked at each time' "$(front -c src/main.cu -Iinc)" engine
printf '#include "loop.h"\n' >src/loop.h && cp src/loop.h src/loop.cu
is 'headers that include each other' "$(front -c src/loop.cu)" plain
KSEARCH_HEADERS=0
is 'off' "$(front -c src/main.cu -Iinc)" plain
finish
