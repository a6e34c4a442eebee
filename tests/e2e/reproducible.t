#!/bin/bash
# The same bytes, whoever compiles, where and when: objects with a winner, without one and without annotations, made twice as
# differently as can be. What KSEARCH_REPRODUCIBLE does not ask for stays nvcc's.
. "$(dirname "$0")/../tap.sh"
samples=$(cd "$(dirname "$0")/../../samples" && pwd)
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER|REPRODUCIBLE|CACHE_DIR)|NVCC_.*|CI|SOURCE_DATE_EPOCH)$'); do unset "$v"; done
one=$dir/one two="$dir/another, longer folder/with two"
cd "$dir" || exit 1

# ---- one project, twice

mkdir -p "$one"/{src,build} "$two"/{src,build} "$dir/no-cache" "$dir/home"
cp "$samples"/{transpose/transpose,vadd/vadd}.cu* "$one/src"
cp "$samples/ksearch.lock" "$one"
cat >"$one/src/plain.cu" <<'C'
#include "plain.h"
namespace { __global__ void hidden(float *p) { assert(p[3] > 0); p[threadIdx.x] += 1; } }
static __global__ void own(float *p) { assert(p); p[threadIdx.x] *= 2; }
__device__ float table[4];
static int counter = 0;
void run(float *p)
{
    int unused;
    hidden<<<1, 64>>>(p);
    own<<<1, 64>>>(p);
    assert(counter++ < 5);
    printf("%s %s %s %s %s\n", where(), __FILE__, __DATE__, __TIME__, __TIMESTAMP__);
}
C
printf '#include <cassert>\n#include <cstdio>\nstatic inline const char *where() { return __FILE__ " of " __TIMESTAMP__; }\n' >"$one/src/plain.h"
cp "$one"/src/* "$two/src"
cp "$one/ksearch.lock" "$two"
touch -d '2021-03-04 05:06:07' "$one"/src/*
# what is on file there must not matter: with another winner it would be another object
KSEARCH_CACHE_DIR=$dir/cache "$KSEARCH_BUILD/tests/store_fill" "$one/ksearch.lock"

# the second time as another user, where we may become one who can run what was built
other=(setpriv --reuid=65534 --regid=65534 --clear-groups)
chmod 755 "$dir"
if [ "$(id -u)" = 0 ] && "${other[@]}" test -x "$KSEARCH_BIN/ksnvcc" 2>/dev/null; then
    chown -R 65534:65534 "${two%/*}" "$dir/no-cache" "$dir/home"
else
    other=()
fi

# twice OBJECT FLAGS... SOURCE: in $one/build and in $two/build; what was said is in $said
twice() {
    local object=$1 source=${!#}
    shift
    set -- "${@:1:$#-1}"
    said=$(cd "$one/build" && env "${env[@]}" KSEARCH_CACHE_DIR="$dir/cache" "$KSEARCH_BIN/ksnvcc" \
        "$nvcc" "$@" "${one_source-$one/src}/$source" -o "$object" 2>&1)
    (cd "$two/build" && umask 077 && "${other[@]}" env -i "PATH=$PATH" "HOME=$dir/home" TMPDIR=/var/tmp LC_ALL=C "${env[@]}" \
        KSEARCH_CACHE_DIR="$dir/no-cache" "$KSEARCH_BIN/ksnvcc" "$nvcc" "$@" "${two_source-$two/src}/$source" -o "$object" >"$dir/other.log" 2>&1)
}

same() { # NAME OBJECT FLAGS... SOURCE
    local name=$1 object=$2
    shift
    rm -f "$one/build/$object" "$two/build/$object"
    twice "$@"
    ok "$name: the same" cmp "$one/build/$object" "$two/build/$object"
    unlike "$name: no place in it" "$(strings "$one/build/$object")" "$dir|tmpxft"
}

file_symbol() { # OBJECT: the name of the file that it was made of
    readelf -sW "$1" | awk '$4 == "FILE" { print $8; exit }'
}

env=(CI=true)
same 'a winner' t.o -arch=sm_90 -std=c++17 -O3 -Xcompiler -fPIC -c transpose.cu
like 'a winner: it is in there' "$said$(cat other.log)" 'TILE=.*\(lockfile\)'
same 'lines and debug information' t.o -arch=sm_90 -std=c++17 -lineinfo -g -c transpose.cu
same 'a winner for one of two architectures' t.o -gencode arch=compute_90,code=sm_90 -gencode 'arch=compute_80,code=[sm_80,compute_80]' \
    -std=c++17 -rdc=true -c transpose.cu
same 'no winner' v.o -arch=sm_90 -std=c++17 -c vadd.cu
like 'no winner: that is said' "$said" 'vadd: original: no proven gain'
same 'a cubin' t.cubin -arch=sm_90 -std=c++17 -lineinfo -cubin transpose.cu

# ---- files without annotations are nvcc's own in CI, and the same everywhere when that is asked for

(cd "$one/build" && CI=true "$KSEARCH_BIN/ksnvcc" "$nvcc" -arch=sm_90 -c ../src/plain.cu -o p.o 2>/dev/null)
like 'without annotations, in CI: nvcc alone' "$(file_symbol "$one/build/p.o")" '^tmpxft_'
env=(KSEARCH_REPRODUCIBLE=1)
same 'without annotations' p.o -arch=sm_90 -rdc=true -c plain.cu
like 'without annotations: the days of old' "$(strings "$one/build/p.o")" '^Jan  1 1970$'
like 'without annotations: of files, too' "$(strings "$one/build/p.o")" '^\./src/plain\.h of Thu Jan  1 00:00:00 1970$'
one_source=../src two_source=../src same 'a relative name, for a debugger on the GPU' p.o -arch=sm_90 -g -G -c plain.cu
like 'its messages name the file as the command does' "$said" '^\.\./src/plain\.cu\(8\): warning #177-D'
same 'an absolute name, for a debugger on the GPU' p.o -arch=sm_90 -g -G -c plain.cu
like 'its messages do, too' "$said" "^$one/src/plain\.cu\(8\): warning #177-D"
printf '#include <cstdio>\nint main() { printf("%%s\\n", __FILE__); }\n' | tee "$one/src/whole.cu" >"$two/src/whole.cu"
same 'compiled and linked in one' whole -arch=sm_90 whole.cu
cat >"$one/src/unnamed.cu" <<'C'
namespace {
__device__ float hidden_table[2];
__global__ void hidden(float *p) { p[0] = hidden_table[1]; }
struct at_start { at_start() { hidden<<<1, 1>>>(nullptr); } } started;
}
C
cp "$one/src/unnamed.cu" "$two/src"
same 'nothing in it is for other files' u.o -arch=sm_90 -c unnamed.cu
same 'nothing in it is for other files, relocatable' u.o -arch=sm_90 -rdc=true -c unnamed.cu
env+=(SOURCE_DATE_EPOCH=86400)
same 'another date' p.o -arch=sm_90 -c plain.cu
like 'another date: it is the one' "$(strings "$one/build/p.o")" '^Jan  2 1970$'

# ---- what belongs to one program stays apart

env=(KSEARCH_REPRODUCIBLE=1)
mkdir -p "$one"/{src/a,src/b}
printf 'static __global__ void k(int *p) { *p = 1; }\nvoid a(int *p) { k<<<1, 1>>>(p); }\n' >"$one/src/a/k.cu"
printf 'static __global__ void k(int *p) { *p = 2; }\nvoid a(int *);\nint main() { k<<<1, 1>>>(nullptr); a(nullptr); }\n' >"$one/src/b/k.cu"
cd "$one/build" || exit 1
export KSEARCH_REPRODUCIBLE=1
"$KSEARCH_BIN/ksnvcc" "$nvcc" -arch=sm_90 -rdc=true -c ../src/a/k.cu -o a.o
"$KSEARCH_BIN/ksnvcc" "$nvcc" -arch=sm_90 -rdc=true -c ../src/b/k.cu -o b.o
ok 'two files of one name make one program' "$nvcc" -arch=sm_90 -rdc=true a.o b.o -o program

# ---- the build around it

"$nvcc" -arch=sm_90 -MD -MF want.d -c ../src/plain.cu -o p.o 2>/dev/null
"$KSEARCH_BIN/ksnvcc" "$nvcc" -arch=sm_90 -MD -MF got.d -c ../src/plain.cu -o p.o 2>/dev/null
ok "the depfile is nvcc's" cmp want.d got.d
is 'nothing is left behind' "$(ls -d -- *.ks 2>/dev/null)" ''
printf 'int x = ;\n' >wrong.cu
want=$("$nvcc" -c wrong.cu -o w.o 2>&1; echo $?)
is "what is wrong is said as by nvcc" "$("$KSEARCH_BIN/ksnvcc" "$nvcc" -c wrong.cu -o w.o 2>&1; echo $?)" "$want"
said=$("$KSEARCH_BIN/ksnvcc" "$nvcc" -arch=sm_90 --time times.csv -c ../src/a/k.cu -o a.o 2>&1)
is 'what only nvcc can do is done' "$?" 0
like 'and said' "$said" "the output is nvcc's own, and not reproducible: .*--time"
mkdir -p kept
said=$("$KSEARCH_BIN/ksnvcc" "$nvcc" -arch=sm_90 --keep --keep-dir kept -c ../src/a/k.cu -o a.o 2>&1)
ok 'intermediate files that are asked for are there' test -s kept/k.ptx
like "and nvcc's" "$said" "not reproducible: --keep"
said=$(KSEARCH_REPRODUCIBLE=yes "$KSEARCH_BIN/ksnvcc" "$nvcc" -arch=sm_90 -c ../src/a/k.cu -o a.o 2>&1)
like 'a word that is none' "$said" 'KSEARCH_REPRODUCIBLE=yes is not one of 0, 1, annotated'
CI=1 KSEARCH_REPRODUCIBLE=0 "$KSEARCH_BIN/ksnvcc" "$nvcc" -arch=sm_90 -std=c++17 -c ../src/vadd.cu -o v.o 2>/dev/null
like 'it can be off in CI' "$(file_symbol v.o)" '^tmpxft_'

# ---- with a lockfile nothing else counts

export KSEARCH_CACHE_DIR=$dir/cache CI=true
: >"$one/ksearch.lock"
said=$(KSEARCH_REPRODUCIBLE=annotated "$KSEARCH_BIN/ksnvcc" "$nvcc" -arch=sm_90 -std=c++17 -c ../src/transpose.cu -o t.o 2>&1)
like 'what only the cache has is not used' "$said" 'transpose.*: original: nothing on file for sm_90'
said=$(KSEARCH_REPRODUCIBLE=0 "$KSEARCH_BIN/ksnvcc" "$nvcc" -arch=sm_90 -std=c++17 -c ../src/transpose.cu -o t.o 2>&1)
like 'but where reproducibility is off' "$said" '\(cache\)'
rm "$one/ksearch.lock"
said=$(KSEARCH_REPRODUCIBLE=annotated "$KSEARCH_BIN/ksnvcc" "$nvcc" -arch=sm_90 -std=c++17 -c ../src/transpose.cu -o t.o 2>&1)
like 'and where there is no lockfile' "$said" '\(cache\)'
finish
