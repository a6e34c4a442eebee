#!/bin/bash
# The worked examples that driver/model/prompts/coder.md shows to models compile, with every value that they tune, and the plan is one.
. "$(dirname "$0")/../tap.sh"
build=${KSEARCH_BUILD:?the folder of the build}
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
root=$(realpath "$(dirname "$0")/../..")
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CI$)'); do unset "$v"; done
cd "$dir" || exit 1

# LANGUAGE NUMBER: the block of that number, fenced as that language
block() {
    awk -v open="\`\`\`$1" -v number="$2" '$0 == open { on = ++n == number; next } on && /^```$/ { exit } on' "$root/driver/model/prompts/coder.md"
}

compiles() { # ENTRY VALUES...
    local entry=$1 arch said
    shift
    like "$entry: an entry" "$(cat "$entry.cu")" "structure\(\"$entry.cuh\"\)"
    ok "$entry: it compiles" "$nvcc" -arch=sm_80 -c "$entry.cu" -o "$entry.o"
    ok "$entry: a unit of all its points" sh -c '"$0" tables "$1.cu" "$1:$1.cuh" 0 '"$*"' >unit.cu' "$build/tests/rewrite" "$entry"
    for arch in sm_80 sm_90a; do
        said=$("$nvcc" -arch=$arch -cubin unit.cu -o unit.cubin 2>&1)
        is "$entry: compiles for $arch" $? 0
        is "$entry: without a warning for $arch" "$said" ''
    done
}

block c++ 1 | sed 's/workload(/structure("norms.cuh") &/' >norms.cu
block cuda 1 >norms.cuh
block c++ 2 | sed 's/workload(/structure("row_sums.cuh") &/' >row_sums.cu
block cuda 2 >row_sums.cuh
# shellcheck disable=SC2046  # a word each
compiles norms $(for t in 128 256 512; do for w in 1 2 4; do echo "$t,$w"; done; done)
compiles row_sums 128 256 512

"$build/tests/rewrite" tables norms.cu norms:norms.cuh 0 128,1 >one.cu
"$nvcc" -arch=sm_90 -cubin one.cu -o one.cubin
plan=$("$build/tests/rewrite" plan norms.cu norms:norms.cuh 0 128,1 one.cubin)
is 'the plan launches both kernels' "$(grep -o '"symbol":"[^"]*"' <<<"$plan" | grep -oE 'squares|finish' | tr '\n' ' ')" 'squares finish '
finish
