#!/bin/bash
# Structures with plans on a GPU: each is searched, every variant of it is right, the winner's program gives what the original's does, and
# what is emitted is what was measured.
. "$(dirname "$0")/../tap.sh"
src=$(cd "$(dirname "$0")/plans" && pwd)
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_LOCK=$dir/ksearch.lock
unset CI KSEARCH_WORKER
arch=-arch=${GPU_ARCH:-sm_90}
touch "$dir/ksearch.lock"
cp "$src"/* "$dir"
cd "$dir" || exit

# PROGRAM: searched and compiled, compiled by nvcc alone, both run; $said, $mine, $plain
program() {
    said=$("$KSEARCH_BIN/ksnvcc" nvcc -O3 $arch "$1.cu" -o "$1" 2>&1)
    nvcc -O3 $arch "$1.cu" -o "$1.plain"
    mine=$("./$1")
    status=$?
    plain=$("./$1.plain")
    grep -E "as fast|proven|variants in| us, was |refused|compile" <<<"$said" | sed 's/^/# /'
    sed "s/^/# $1: /" <<<"$mine"
}

sums() { # the checksums, without the times, rounded so that another order of adding does not count
    sed 's/: [0-9.]* us, sum \(-*[0-9]*\).*/: \1/' <<<"$1"
}

program gqa_decode
like 'gqa: the split context wins' "$said" 'gqa_split.cu with WAVES=[0-9]+, WARPS=[0-9]+.* is [0-9.]+x as fast'
unlike 'gqa: no variant is wrong' "$said" 'were refused|did not compile'
is 'gqa: the program works, in a captured graph too' "$status" 0
is 'gqa: it gives what the original does' "$(sums "$mine")" "$(sums "$plain")"
sed 's/^/# plain: /' <<<"$plain"

program scale
unlike 'scale: no variant is wrong' "$said" 'were refused|did not compile'
like 'scale: a group of launches wins' "$said" 'scale_plan.cu with .* is [0-9.]+x as fast'
is 'scale: the program works' "$mine" '0 wrong, no error'

program flip
unlike 'flip: no variant is wrong' "$said" 'were refused|did not compile'
is 'flip: the program works' "$mine" '0 wrong, no error'

program rows
unlike 'rows: no variant is wrong' "$said" 'were refused|did not compile'
like 'rows: the other kernel wins' "$said" 'rows_wide.cu with THREADS=[0-9]+.* is [0-9.]+x as fast'
is 'rows: the program works' "$mine" '0 wrong, no error'

for name in gqa_decode scale rows; do
    again=$("$KSEARCH_BIN/ksnvcc" nvcc -O3 $arch -c "$name.cu" -o "$name.o" 2>&1)
    like "$name: the second build takes it from the lockfile" "$again" 'as fast .*\(lockfile\)'
    like "$name: and says so in the object" "$("$KSEARCH_BIN/ksnvcc" explain "$name.o" 2>&1)" "(_split|_plan|_wide)\.cu"
done
cp ksearch.lock "${OUT:-$dir}/plans.lock" 2>/dev/null
finish
