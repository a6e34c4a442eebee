#!/bin/bash
# A compile through nvcc's own plan, each source replaced by its own text: object and depfile equal those
# of nvcc byte for byte, and failures look the same.
. "$(dirname "$0")/../tap.sh"

replan=${KSEARCH_BUILD:?the folder of the build}/tests/replan
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CI$)'); do unset "$v"; done
cd "$dir" || exit 1
mkdir -p src/sub inc sys

cat >src/a.cu <<'C'
// longer than eight lines of nothing, so that the preprocessor
// leaves them out and says so




/* and
   another */

#include <cstdio>
#include "u.h"
#include <s.h>
#include "sub/../sub/v w.h"
#ifdef __CUDA_ARCH__
#include "device.h"
#else
#include "host.h"
#endif
__constant__ float tab[4];
static __device__ float f(float x) { return x * K; }
namespace { __global__ void g(float *p) { p[threadIdx.x] += tab[0]; } }
template <int N> __global__ void t(float *p) { p[N] = __LINE__; }
__global__ void vadd(const float *a, float *b, int n)
{
    __shared__ float s[64];
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    s[threadIdx.x % 64] = a[i];
    __syncthreads();
    if (i < n)
        b[i] = f(s[63 - threadIdx.x % 64]);
}
void run(const float *a, float *b, int n)
{
    vadd<<<n / 64, 64>>>(a, b, n);
    g<<<1, 32>>>(b);
    t<3><<<1, 1>>>(b);
    printf("%s %s %s %d\n", __FILE__, __BASE_FILE__, __TIMESTAMP__, __LINE__);
}
C
printf '#define K 3\nstatic const char *u_file = __FILE__;\n' >src/u.h
touch -d '2020-01-02 03:04:05' src/a.cu
touch 'src/sub/v w.h' inc/host.h inc/device.h sys/s.h
printf '#include "u.h"\n#include <s.h>\n__global__ void k(float *p) { p[0] = K; }\n' >src/b.cu
cp src/*.[ch]* .
cp -r src/sub .

# same NAME FILES COMMAND...: nvcc's files and ours, made with the same folder for intermediate files
same() {
    local name=$1 files=$2 f want got
    shift 2
    rm -rf k ours $files && mkdir -p k ours want
    "$nvcc" --keep --keep-dir k "$@" 2>want/err
    want=$?
    for f in $files; do mv "$f" "want/${f##*/}" 2>/dev/null || : >"want/${f##*/}"; done
    rm -rf k
    "$replan" k "$nvcc" "$@" 2>ours/err
    got=$?
    is "$name: exit status" "$got" "$want"
    for f in $files; do
        cmp -s "$f" "want/${f##*/}"
        is "$name: $f is nvcc's" $? 0
        ok "$name: there is a $f" [ -s "want/${f##*/}" ]
    done
    diff want/err ours/err >messages
    is "$name: messages" "$(cat messages)" ""
}

I="-Iinc -isystem sys"
same 'plain' a.o -c src/a.cu -o a.o -arch=sm_90 $I
same 'no folder, -MD' 'x.o x.d' -c a.cu -o x.o -arch=sm_90 $I -MD
same 'absolute, -MMD -MP -MT' 'a.o a.dep' -c "$dir/src/a.cu" -o a.o $I -MMD -MP -MF a.dep -MT 'some where$'
same 'two architectures, -O3 -fPIC -std' 'a.o a.d' -c src/a.cu -o a.o $I -O3 -Xcompiler -fPIC \
    -std=c++20 -gencode arch=compute_80,code=sm_80 -gencode 'arch=compute_90,code=[compute_90,sm_90]' -MD -t 2
same '-dc, default names' 'a.o a.d' -dc src/a.cu -arch=sm_90 $I -MMD
same '-rdc=true -g -lineinfo' 'a.o' -rdc=true -c src/a.cu -o a.o -arch=sm_90 $I -g -lineinfo
same '-g -G, no folder' 'a.o' -c a.cu -o a.o -arch=sm_90 $I -g -G
same '-lineinfo ./' 'a.o' -c ./a.cu -o a.o -arch=sm_90 $I -lineinfo
same '-ptx' 'a.ptx a.d' -ptx src/a.cu -arch=sm_90 $I -MMD
same '-cubin' 'a.cubin' -cubin src/a.cu -arch=sm_90a $I
same '-fatbin' 'f.fatbin f.d' -fatbin src/a.cu -o f.fatbin -arch=sm_90 $I -MD
same 'two sources' 'a.o b.o a.d b.d' -c src/a.cu src/b.cu -arch=sm_90 $I -MMD
printf -- '-Iinc -isystem "sys"\n-DQ="a b"' >o.rsp
NVCC_APPEND_FLAGS='-arch=sm_90 -DX=1' NVCC_PREPEND_FLAGS='-t 4 -DY="q r"' \
    same 'flags from everywhere' 'a.o' --options-file o.rsp -x cu -c src/a.cu -o a.o \
    '-DSTR="he llo"' -forward-unknown-to-host-compiler -fPIC -split-compile=2

# ---- what differs from the file's own text ---------------------------------------------------

sed 's/x \* K/x * 5/' src/a.cu >other.cu
rm -rf k
"$replan" k --text other.cu "$nvcc" -cubin src/a.cu -o got.cubin -arch=sm_90 -Iinc -isystem sys
is 'another text compiles' $? 0
"$nvcc" -cubin -I src other.cu -o want.cubin -arch=sm_90 -Iinc -isystem sys
readelf -x .text._Z4vaddPKfPfi got.cubin >got.x
readelf -x .text._Z4vaddPKfPfi want.cubin >want.x
cmp -s got.x want.x
is 'and its code is the one in the object' $? 0

rm -rf k got.cubin
echo old >got.cubin
"$replan" k --refuse "$nvcc" -cubin src/a.cu -o got.cubin -arch=sm_90 -Iinc -isystem sys 2>err
is 'refused code' $? 99
like 'the reason is told' "$(cat err)" 'refused for sm_90'
[ ! -e got.cubin ]
is 'and is not left behind' $? 0
rm -rf k
echo old >a.o
"$replan" k --refuse "$nvcc" -c src/a.cu -o a.o -arch=sm_90 -Iinc -isystem sys 2>/dev/null
is 'an object is not touched' "$(cat a.o)" old

# ---- failures --------------------------------------------------------------------------------

fails() { # NAME TEXT COMMAND...
    local name=$1
    printf '%s\n' "$2" >src/bad.cu
    cp src/bad.cu bad.cu
    shift 2
    rm -rf k want ours && mkdir k want ours
    echo old >bad.o
    "$nvcc" --keep --keep-dir k "$@" -o bad.o 2>want/err >want/out
    echo "$?" >>want/out
    cksum bad.o >>want/out 2>/dev/null
    ls bad.d >>want/out 2>/dev/null
    rm -rf k bad.d
    echo old >bad.o
    "$replan" k "$nvcc" "$@" -o bad.o 2>ours/err >ours/out
    echo "$?" >>ours/out
    cksum bad.o >>ours/out 2>/dev/null
    ls bad.d >>ours/out 2>/dev/null
    rm -f bad.d
    is "$name: status and files" "$(cat ours/out)" "$(cat want/out)"
    is "$name: messages" "$(cat ours/err)" "$(cat want/err)"
    ok "$name: there are messages" [ -s want/err ]
}
fails 'missing header' '#include "nope.h"' -c src/bad.cu -arch=sm_90 -MD
fails 'host only' "#ifndef __CUDA_ARCH__
#error host
#endif" -c bad.cu -arch=sm_90 -MD
fails 'undefined name' '__global__ void k(float *p) { p[0] = undefined_thing; }' -c src/bad.cu -MD
fails 'undefined name in device code' '__global__ void k(float *p) { p[0] = undefined_thing; }' -ptx bad.cu
fails 'bad PTX' '__global__ void k(float *p) { asm("foo.bar;"); p[0] = 1; }' -c src/bad.cu -MD
fails 'bad assembler' 'void f() { __asm__("foo bar"); }' -c bad.cu -MD
fails 'a warning' '__global__ void k(float *p) { int unused; p[0] = 1; }' -c src/bad.cu -arch=sm_90

rm -rf k
"$replan" k "$nvcc" -c src/a.cu --time t.csv -o a.o 2>err
is '--time is left to nvcc' $? 99
"$replan" k "$nvcc" -c src/a.cu --no-such-thing 2>err
is 'an unknown option is not understood' $? 98

# ---- options that make another key, and those that do not ------------------------------------

flags() { rm -rf k && "$replan" k --flags "$nvcc" -c src/a.cu "$@"; }
base=$(flags -arch=sm_90 -O2)
is 'names and macros are not flags' "$(flags -arch=sm_90 -O2 -DX=1 -Iother -o elsewhere.o -MD -Xptxas -v)" "$base"
for o in -maxrregcount=32 -use_fast_math -Xptxas=-O1 -G -rdc=true; do
    got=$(flags -arch=sm_90 -O2 $o)
    [ "$got" != "$base" ]
    is "$o is a flag of device code" $? 0
done
is '-O is none: it is the host compiler'"'"'s' "$(flags -arch=sm_90 -O3)" "$base"
got=$(NVCC_APPEND_FLAGS=-use_fast_math flags -arch=sm_90 -O2)
[ "$got" != "$base" ]
is "the environment's flags count" $? 0

finish
