#!/bin/bash
# What annotations mean, and what is said about those that mean nothing: each .cu here against its
# .json, each in errors/ against its .err, to the letter. `golden.t --update` writes them anew.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.sh"
read=${KSEARCH_BUILD:?}/tests/lang/read
cd "$here" || exit 1

# golden NAME WANTED COMMAND...: the output of the command is the text of the file
golden() {
    local name=$1 wanted=$2
    shift 2
    "$@" >"$dir/got" 2>&1
    if [ "$update" ]; then
        cp "$dir/got" "$wanted"
    fi
    ok "$name" diff -u "$wanted" "$dir/got"
}

update=
[ "${1-}" = --update ] && update=yes

for f in 0*.cu 1[0-57]*.cu; do
    golden "$f" "${f%.cu}.json" "$read" "$f"
done
golden "on(...) for sm_80" 10_on.sm_80.json "$read" 10_on.cu --gpu 8.0
golden "on(...) for a name" 10_on.h200.json "$read" 10_on.cu --gpu "9.0:NVIDIA H200"
golden "a smaller GPU" 15_warnings.sm_86.json "$read" 15_warnings.cu --gpu 8.6

golden "an active branch" 12_conditional.0.json "$read" 12_conditional.cuh --active 100
golden "the other branch" 12_conditional.1.json "$read" 12_conditional.cuh --active 010
golden "both at once" 12_conditional.err "$read" 12_conditional.cuh
golden "the probes" 12_conditional.probe "$read" --probe 12_conditional.cuh
golden "one branch's constants" 16_branches.0.json "$read" 16_branches.cu --active 1111100001
golden "the other's" 16_branches.1.json "$read" 16_branches.cu --active 1100011101
golden "one for the host, one for the GPU" 16_branches.2.err "$read" 16_branches.cu --active 1111111111
golden "both are active" 16_branches.err "$read" 16_branches.cu
golden "probes of constants" 16_branches.probe "$read" --probe 16_branches.cu
printf '%s\n' '# 1 "a.cu"' 'int a;' '#pragma ksearch_probe 0' ' # pragma  ksearch_probe 12' \
    '#pragma ksearch_probe 2000000000' 'x #pragma ksearch_probe 3' '#pragma ksearch_probe' >"$dir/e"
is "probes that are left" "$("$read" --active-in "$dir/e" 13)" 1000000000001
if [ -x "${CUDA_HOME-}/bin/nvcc" ]; then
    "$read" --probe 12_conditional.cuh >"$dir/probe.cu"
    "${CUDA_HOME}/bin/nvcc" -E "$dir/probe.cu" -o "$dir/plain.ii"
    "${CUDA_HOME}/bin/nvcc" -E -DFAST "$dir/probe.cu" -o "$dir/fast.ii"
    is "nvcc keeps the active probe" "$("$read" --active-in "$dir/plain.ii" 3)" 010
    is "and another with -DFAST" "$("$read" --active-in "$dir/fast.ii" 3)" 100
fi

cd errors || exit 1
for f in *.cu; do
    golden "errors/$f" "${f%.cu}.err" "$read" "$f"
    "$read" "$f" >/dev/null 2>&1
    is "errors/$f is refused" $? 1
done
finish
