#!/bin/bash
# Commands that compile variants, run; and what is read of what they make.
. "$(dirname "$0")/../tap.sh"

replan=${KSEARCH_BUILD:?the folder of the build}/tests/replan
cubinof=$KSEARCH_BUILD/tests/cubinof
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CI$)'); do unset "$v"; done
cd "$dir" || exit 1
mkdir 'src, x' inc

cat >'src, x/a.cu' <<'C'
#include "beside.h"
#include <other.h>
__global__ void fast(float *p)
{
    __shared__ float s[SIZE];
    s[threadIdx.x] = p[threadIdx.x] * OTHER;
    __syncthreads();
    p[threadIdx.x] = s[SIZE - 1 - threadIdx.x];
}
C
sed 's/fast/slow/; s/SIZE/(2 * SIZE)/' 'src, x/a.cu' >both.cu
cat 'src, x/a.cu' >>both.cu
cp 'src, x/a.cu' unit.cu
printf '#define SIZE 128\n' >'src, x/beside.h'
printf '#define OTHER 3\n' >inc/other.h

# variant KIND FILE OUT COMMAND...: compiles it
variant() {
    local kind=$1 file=$2 out=$3
    shift 3
    mapfile -t argv < <("$replan" keep --variant "$kind" "$file" "$out" "$@")
    "${argv[@]}"
}
plain=("$nvcc" -c 'src, x/a.cu' -o a.o -Iinc -arch=sm_80 -MD -MF a.d -lineinfo -t 2 --keep)

ok 'a cubin' variant cubin unit.cu one.cubin "${plain[@]}"
ok 'nothing beside it' [ ! -e a.d -a ! -e a.o -a ! -e unit.ptx ]
read -r name regs shared len hash < <("$cubinof" one.cubin)
is 'its kernel' "$name" _Z4fastPf
is 'its shared memory' "$shared" 512
mkdir beside && cp unit.cu src*/beside.h beside
info=$("$nvcc" -cubin beside/unit.cu -o v.cubin -Iinc -arch=sm_90 -Xptxas -v 2>&1)
like 'its registers are what ptxas says' "$info" "Used $regs registers"
like 'and so is its shared memory' "$info" " $shared bytes smem"

ok 'two in one unit' variant cubin both.cu two.cubin "${plain[@]}"
is 'both are there' "$("$cubinof" two.cubin | awk '{ print $1 }' | sort | tr '\n' ' ')" '_Z4fastPf _Z4slowPf '
is 'with the same code as alone' "$("$cubinof" two.cubin | grep fast)" "$name $regs $shared $len $hash"

rdc=("$nvcc" -dc 'src, x/a.cu' -Iinc -arch=sm_90)
ok 'relocatable device code' variant cubin unit.cu rdc.cubin "${rdc[@]}"
like 'is linked' "$(readelf -h rdc.cubin 2>/dev/null)" 'Type: *EXEC'
is 'and read as any other' "$("$cubinof" rdc.cubin | awk '{ print $1, $3 }')" "$name 512"

export NVCC_APPEND_FLAGS='-arch=sm_75 -DOTHER_FLAG' NVCC_PREPEND_FLAGS=-O1
ok 'flags of the environment' variant cubin unit.cu env.cubin "$nvcc" -c 'src, x/a.cu' -Iinc
is 'do not change the architecture' "$("$cubinof" env.cubin)" "$name $regs $shared $len $hash"
unset NVCC_APPEND_FLAGS NVCC_PREPEND_FLAGS

cat >host.cu <<'C'
#include <cstdio>
extern int missing_function(int);
extern float missing_data;
extern float missing_array[16];
__global__ void k(float *p) { p[0] = 1; }
extern "C" int never(int x)
{
    k<<<1, 1>>>(nullptr);
    return missing_function(x) + (int)missing_data + (int)missing_array[x];
}
extern "C" int answer(void)
{
    char text[8];
    return snprintf(text, sizeof text, "%d", 42) == 2 ? 42 : 0;
}
C
for o in '' -rdc=true; do
    ok "a shared object $o" variant shared host.cu host.so "$nvcc" -c host.cu -arch=sm_90 $o
    is "loads without the user's other files $o" "$("$cubinof" --weaken ./host.so answer 2>&1)" 42
done

printf '{"winner": 1}' >note
objcopy --add-section .ksearch=note host.so noted.so
is 'a section of its own' "$("$cubinof" --section .ksearch noted.so)" '{"winner": 1}'
is 'none' "$("$cubinof" --section .ksearch host.so 2>&1)" 'cubinof: no such section'
is 'no cubin' "$("$cubinof" host.so 2>&1)" 'cubinof: an ELF file, but not for NVIDIA GPUs'
finish
