#!/bin/bash
# A tour of ksnvcc over the samples; `make demo` runs it, with the programs that make just built.
#
# With a GPU: a build that searches, a second build that takes the winners from the cache, the
# programs' own times. Without one: a build from ksearch.lock, which a search on a GPU wrote; then
# the search itself, with a worker that answers from recordings of such a GPU, and the build after it
# from the cache. What a part needs and is not here is named, and the part is left out.
set -u

build=${KSEARCH_BUILD:?run this by make demo}
bin=${KSEARCH_BIN:-$build/bin}
cuda=${CUDA_HOME:-/usr/local/cuda}
samples=$(cd "$(dirname "$0")" && pwd)
out=$build/demo
worker=$build/libexec/ksearch/ksearch-worker
names=(vadd rmsnorm gemm softmax transpose gqa_decode)
# gemm has 426 variants, which take minutes to compile on a small machine: it is built from the lockfile only
replays=(vadd rmsnorm softmax transpose)
status=0

# only what the demo sets counts
for v in $(compgen -e | grep -E '^KSEARCH_(MODE|LOCK|CACHE_DIR|BUDGET|GPU|WORKER|NVCC|QUIET)$|^CI$'); do
    unset "$v"
done
export KSEARCH_LIBEXEC=$build/libexec/ksearch
generator=$(command -v ninja >/dev/null && echo Ninja || echo 'Unix Makefiles')

title() {
    printf '\n==== %s\n' "$*"
}

# shows a command and runs it; a failure is remembered, and the tour goes on
show() {
    printf '$ %s\n' "$*" | sed "s#$out/##g; s#$bin/##g; s#$samples#samples#g; s#$cuda/bin/##g"
    "$@"
    local rc=$?
    [ $rc = 0 ] || {
        echo "(exit status $rc)"
        status=1
    }
    return $rc
}

configure() { # SOURCES FOLDER
    show cmake -S "$1" -B "$2" -G "$generator" -DCMAKE_CUDA_COMPILER_LAUNCHER="$bin/ksnvcc" \
        -DCMAKE_CUDA_COMPILER="$cuda/bin/nvcc" -DCMAKE_CUDA_ARCHITECTURES="$arch" \
        -DCMAKE_DISABLE_FIND_PACKAGE_KSearch=ON --log-level=WARNING -Wno-dev | grep -v '^-- '
    return "${PIPESTATUS[0]}"
}

explain() { # FOLDER: the objects of the annotated files
    local list=() object
    cd "$1" || return
    for name in "${names[@]}"; do
        object=CMakeFiles/$name.dir/$name/$name.cu.o
        [ ! -e "$object" ] || list+=("$object")
    done
    [ ${#list[@]} = 0 ] || show "$bin/ksnvcc" explain "${list[@]}"
    cd "$out" || return
}

# the samples without the lockfile that lies beside them
copy_of_samples() { # FOLDER
    mkdir -p "$1"
    cp -r "$samples"/CMakeLists.txt "$samples"/sample.cuh "${names[@]/#/$samples/}" "$1"
}

second_build() { # SOURCES FOLDER
    title 'Every annotated file touched, and built again: the winners come from the cache'
    for name in "${names[@]}"; do
        touch "$1/$name/$name.cu"
    done
    show cmake --build "$2" --target "${names[@]}"
    show "$bin/ksnvcc" cache ls
    show "$bin/ksnvcc" cache stats
}

programs() { # FOLDER
    title 'The programs: each checks its result and prints its time'
    for name in "${names[@]}"; do
        "$1/$name"
        case $? in
        0 | 77) ;;
        *) status=1 ;;
        esac
    done
}

live() {
    arch=native
    title "Searching on this machine's GPU, in the build"
    copy_of_samples "$out/live-src"
    export KSEARCH_CACHE_DIR=$out/live-cache
    configure "$out/live-src" "$out/live" && show cmake --build "$out/live" -j 2
    second_build "$out/live-src" "$out/live"
    title 'What is in the objects'
    explain "$out/live"
    programs "$out/live"
    title 'The same programs by plain nvcc, for comparison'
    KSEARCH_MODE=off configure "$out/live-src" "$out/plain" &&
        KSEARCH_MODE=off cmake --build "$out/plain" -j 2 >/dev/null && programs "$out/plain"
}

locked() {
    title 'A build from the lockfile: no GPU, no cache, no network'
    if [ ! -e "$samples/ksearch.lock" ]; then
        echo 'missing: samples/ksearch.lock, which a search on a GPU writes. Left out.'
        return
    fi
    export KSEARCH_CACHE_DIR=$out/locked-cache KSEARCH_MODE=cached
    configure "$samples" "$out/locked" && show cmake --build "$out/locked" -j 2
    explain "$out/locked" | tee "$out/locked.txt"
    grep -q '1 winner' "$out/locked.txt" || {
        echo 'no winner of the lockfile is in the objects'
        status=1
    }
    programs "$out/locked"
    unset KSEARCH_MODE
}

replayed() {
    local built=() name
    title 'A search, with a worker that answers from recordings of a GPU'
    copy_of_samples "$out/replay-src"
    # the recordings hold the declared tunables, and nothing of the built-in knobs
    export KSEARCH_CACHE_DIR=$out/replay-cache KSEARCH_MODE=search KSEARCH_KNOBS=0
    configure "$out/replay-src" "$out/replay" || return
    for name in "${replays[@]}"; do
        if [ ! -e "$samples/replay/$name.jsonl" ]; then
            echo "missing: samples/replay/$name.jsonl, a recording of its search. Left out."
            continue
        fi
        built+=("$name")
        export KSEARCH_WORKER="$worker --replay $samples/replay/$name.jsonl"
        show cmake --build "$out/replay" --target "$name"
    done
    unset KSEARCH_MODE KSEARCH_WORKER KSEARCH_KNOBS
    [ ${#built[@]} -gt 0 ] || return
    names=("${built[@]}")
    export KSEARCH_MODE=cached
    second_build "$out/replay-src" "$out/replay"
    explain "$out/replay"
    unset KSEARCH_MODE
}

# the whole of a search that a language model took part in: ideas, structures, failures, repairs, times
with_model() {
    local recording=$samples/replay/gqa_decode.ksearch
    title 'A search with a language model, from a recording: no GPU, no model, no compiler'
    if [ ! -e "$recording" ]; then
        echo "missing: $recording, a recording of that search. Left out."
        return
    fi
    export KSEARCH_CACHE_DIR=$out/model-cache KSEARCH_LOCK=$out/none.lock
    show "$bin/ksnvcc" search --model "replay:$recording" "$samples/gqa_decode/gqa_decode.cu" -- -arch=sm_90 -std=c++17
    show "$bin/ksnvcc" report gqa
    unset KSEARCH_LOCK
}

rm -rf "$out"
mkdir -p "$out"
title 'What is here'
export KSEARCH_CACHE_DIR=$out/cache
show "$bin/ksnvcc" --version
"$bin/ksnvcc" doctor
if "$worker" --probe >/dev/null 2>&1; then
    live
else
    echo 'no GPU in this machine'
    arch=90
    locked
    replayed
fi
with_model
title "Done; everything is under $out"
exit $status
