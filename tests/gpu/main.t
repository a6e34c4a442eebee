#!/bin/bash
# The main job on a GPU: the samples through CMake, searched in the build; the second build from the cache; the programs right, and the
# winner what they launch.
. "$(dirname "$0")/../tap.sh"
samples=$(cd "$(dirname "$0")/../../samples" && pwd)
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search
unset CI KSEARCH_LOCK KSEARCH_WORKER KSEARCH_SANITIZER
names=(vadd rmsnorm transpose)
mkdir "$dir/src" && cp -r "$samples"/CMakeLists.txt "$samples"/sample.cuh "$samples"/{vadd,rmsnorm,gemm,softmax,transpose,gqa_decode} "$dir/src"

build() { # FOLDER LAUNCHER: configures and builds; output in $said
    cmake -S "$dir/src" -B "$dir/$1" -DCMAKE_CUDA_ARCHITECTURES=native ${2:+-DCMAKE_CUDA_COMPILER_LAUNCHER="$2"} >"$dir/$1.log" 2>&1
    said=$(cmake --build "$dir/$1" --target "${names[@]}" 2>&1)
    status=$?
}

times() { # PROGRAM: its times in microseconds
    "$1" | sed -n 's/.*: \([0-9.]*\) us,.*/\1/p'
}

build tuned "$KSEARCH_BIN/ksnvcc"
is 'a build that searches' "$status" 0
like 'rmsnorm: few rows want more threads' "$said" 'rmsnorm: THREADS=[0-9]+ for rows 1\.\.16.* is 1\.[0-9]+x as fast'
like 'transpose: another tile' "$said" 'transpose: TILE=.* is 1\.[0-9]+x as fast'
touch "$dir"/src/*/*.cu
build tuned "$KSEARCH_BIN/ksnvcc"
is 'the second build' "$status" 0
unlike 'it does not search' "$said" 'searching'
like 'it takes the winners from the cache' "$said" 'transpose: TILE=.*\(cache\)'
build plain ''
for name in "${names[@]}"; do
    ok "$name: right results" "$dir/tuned/$name"
    # their own times, for whoever reads this: launch by launch on a warm cache, with the noise of that
    mapfile -t mine < <(times "$dir/tuned/$name")
    mapfile -t theirs < <(times "$dir/plain/$name")
    for i in "${!theirs[@]}"; do
        echo "# $name, workload $i: ${mine[i]} us, by plain nvcc ${theirs[i]} us"
    done
done
if command -v ncu >/dev/null; then
    like 'the program launches the winner' \
        "$(ncu --clock-control none -k regex:__ks_ -c 1 "$dir/tuned/transpose" 2>&1)" 'transpose__ks_transpose_0_'
else
    skip 'the program launches the winner' 'no ncu here'
fi
if [[ $("$KSEARCH_BIN/ksnvcc" doctor) == *"no compute-sanitizer"* ]]; then
    skip 'winners ran under compute-sanitizer' 'there is none'
else
    like 'winners ran under compute-sanitizer' "$("$KSEARCH_BIN/ksnvcc" cache show "$("$KSEARCH_BIN/ksnvcc" cache ls | awk '/rmsnorm/ { print $1 }')")" \
        'passed +compute-sanitizer: .*memcheck'
fi
finish
