#!/bin/bash
# A winner that needs sm_90a, in a program that is built for sm_90: it is found, it is what runs, and it gives what the original does.
# Where the driver takes other code, the original runs.
. "$(dirname "$0")/../tap.sh"
src=$(cd "$(dirname "$0")/specific" && pwd)
ksnvcc=$KSEARCH_BIN/ksnvcc
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_LOCK=$dir/ksearch.lock
unset CI KSEARCH_WORKER KSEARCH_ARCH_SPECIFIC KSEARCH_CAPTURE_CUPTI
if [[ $("$ksnvcc" doctor) != *", sm_90,"* ]]; then
    skip 'winners that need sm_90a' 'this is no such GPU'
    finish
fi
touch "$dir/ksearch.lock"
cp "$src"/* "$dir"
cd "$dir" || exit 1
"$ksnvcc" capture --list -- true 2>&1 | grep -q 'did not start CUDA' && lists=yes

ks() { # nvcc's arguments
    said=$("$ksnvcc" nvcc -O3 "$@" 2>&1)
    sed 's/^/# /' <<<"$said"
}
launches() { # NAME like|unlike KERNEL PROGRAM...
    local name=$1 is=$2 kernel=$3 list
    shift 3
    [ "${lists-}" ] || {
        skip "$name" 'capture has no library here'
        return
    }
    list=$("$ksnvcc" capture --list -- "$@" 2>&1)
    sed 's/^/# /' <<<"$list"
    $is "$name" "$list" "$kernel"
}

ks -arch=sm_90 project.cu -o project
like 'what sm_90 has not wins' "$said" 'project_wgmma.cu with DEPTH=[0-9]+ as sm_90a is [0-9.]+x as fast'
unlike 'no variant is wrong' "$said" 'were refused|did not compile'
is 'the program works' "$(./project)" '0 wrong, no error'
is 'and in graphs, its first call being captured' "$(./project graph)" '0 wrong, no error'
launches 'the winner is what it launches' like 'project_tiles' ./project
launches 'the original where the winner has no plan' like 'project_one' ./project
is 'code that is made from PTX works' "$(CUDA_FORCE_PTX_JIT=1 ./project)" '0 wrong, no error'
CUDA_FORCE_PTX_JIT=1 launches 'and is that of the original' unlike 'project_tiles' ./project

ks -arch=sm_90 -c project.cu -o project.o
like 'the second build takes it from the lockfile' "$said" 'as sm_90a is .*\(lockfile\)'
like 'the object tells' "$("$ksnvcc" explain project.o)" 'project_wgmma.cu .*as sm_90a'
ks -arch=native project.cu -o native
is 'built for the GPU that is here, it works' "$(./native)" '0 wrong, no error'
launches 'by the winner too' like 'project_tiles' ./native
ks -gencode arch=compute_80,code=sm_80 -gencode 'arch=compute_90,code=[sm_90,compute_90]' project.cu -o several
is 'built for several, it works' "$(./several)" '0 wrong, no error'
launches 'by the winner here' like 'project_tiles' ./several
bench=$("$ksnvcc" bench project.cu -- -O3 -arch=sm_90 2>&1)
sed 's/^/# /' <<<"$bench"
like 'bench measures it' "$bench" 'project_wgmma.cu'

KSEARCH_MODE=cached KSEARCH_ARCH_SPECIFIC=0 ks -arch=sm_90 project.cu -o forbidden
like 'where it is forbidden, it is not used' "$said" 'its winner needs sm_90a: KSEARCH_ARCH_SPECIFIC=0 forbids it'
is 'and the program works' "$(./forbidden)" '0 wrong, no error'
launches 'without it' unlike 'project_tiles' ./forbidden
cp ksearch.lock "${OUT:-$dir}/specific.lock" 2>/dev/null
finish
