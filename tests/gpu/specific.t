#!/bin/bash
# A winner that needs sm_90a, in a program that is built for sm_90: it is found, it is what runs, and it gives what the original does.
# Where the driver takes other code, the original runs.
. "$(dirname "$0")/../tap.sh"
src=$(cd "$(dirname "$0")/specific" && pwd)
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_LOCK=$dir/ksearch.lock
unset CI KSEARCH_WORKER KSEARCH_ARCH_SPECIFIC
[[ $("$KSEARCH_BIN/ksnvcc" doctor) == *sm_90,* ]] || {
    skip 'winners that need sm_90a' 'this is no such GPU'
    finish
    exit
}
touch "$dir/ksearch.lock"
cp "$src"/* "$dir"
cd "$dir" || exit

ks() { # nvcc's arguments
    said=$("$KSEARCH_BIN/ksnvcc" nvcc -O3 -arch=sm_90 "$@" 2>&1)
    grep '^ksnvcc:' <<<"$said" | sed 's/^/# /'
}
launched() { # PROGRAM: the kernels that it launches
    "$KSEARCH_BIN/ksnvcc" capture --list -- "$@" 2>&1
}

ks project.cu -o project
like 'what sm_90 has not wins' "$said" 'project_wgmma.cu with DEPTH=[0-9]+ as sm_90a is [0-9.]+x as fast'
unlike 'no variant is wrong' "$said" 'were refused|did not compile'
is 'the program works' "$(./project)" '0 wrong, no error'
is 'and in graphs, the first call being captured' "$(./project graph)" '0 wrong, no error'
list=$(launched ./project)
sed 's/^/# /' <<<"$list"
like 'the winner is what it launches' "$list" 'project_tiles'
like 'the original where the winner has no plan' "$list" 'project_one'
is 'code that is made from PTX works' "$(CUDA_FORCE_PTX_JIT=1 ./project)" '0 wrong, no error'
unlike 'and is that of the original' "$(CUDA_FORCE_PTX_JIT=1 launched ./project)" 'project_tiles'

ks -c project.cu -o project.o
like 'the second build takes it from the lockfile' "$said" 'as sm_90a is .*\(lockfile\)'
like 'the object tells' "$("$KSEARCH_BIN/ksnvcc" explain project.o)" 'project_wgmma.cu .*as sm_90a'
bench=$("$KSEARCH_BIN/ksnvcc" bench project.cu -- -O3 -arch=sm_90 2>&1)
like 'bench measures it' "$bench" 'project_wgmma.cu'
sed 's/^/# /' <<<"$bench"

KSEARCH_MODE=cached KSEARCH_ARCH_SPECIFIC=0 ks project.cu -o forbidden
like 'where it is forbidden, it is not used' "$said" 'its winner needs sm_90a: KSEARCH_ARCH_SPECIFIC=0 forbids it'
is 'and the program works' "$(./forbidden)" '0 wrong, no error'
unlike 'without it' "$(launched ./forbidden)" 'project_tiles'
cp ksearch.lock "${OUT:-$dir}/specific.lock" 2>/dev/null
finish
