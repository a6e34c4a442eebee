#!/bin/bash
# The worked example that driver/model/prompts/coder.md shows to models compiles, with every value that it tunes, and its plan is one.
. "$(dirname "$0")/../tap.sh"
build=${KSEARCH_BUILD:?the folder of the build}
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
root=$(realpath "$(dirname "$0")/../..")
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CI$)'); do unset "$v"; done
cd "$dir" || exit 1

block() { awk -v open="\`\`\`$1" '$0 == open { on = 1; next } on && /^```$/ { exit } on' "$root/driver/model/prompts/coder.md"; }
block c++ | sed 's/scratch(1M)/& structure("parts.cuh")/' >norms.cu
block cuda >parts.cuh
like 'an entry' "$(cat norms.cu)" 'structure\("parts.cuh"\)'
ok 'the entry compiles' "$nvcc" -arch=sm_80 -c norms.cu -o norms.o

values=$(for t in 128 256 512; do for w in 1 2 4; do echo "$t,$w"; done; done)
# shellcheck disable=SC2086  # a word each
ok 'a unit of all its points' sh -c '"$0" tables norms.cu norms:parts.cuh 0 "$@" >unit.cu' "$build/tests/rewrite" $values
for arch in sm_80 sm_90a; do
    said=$("$nvcc" -std=c++17 -arch=$arch -cubin unit.cu -o unit.cubin 2>&1)
    is "compiles for $arch" $? 0
    is "without a warning for $arch" "$said" ''
done
"$build/tests/rewrite" tables norms.cu norms:parts.cuh 0 128,1 >one.cu
"$nvcc" -std=c++17 -arch=sm_90 -cubin one.cu -o one.cubin
plan=$("$build/tests/rewrite" plan norms.cu norms:parts.cuh 0 128,1 one.cubin)
is 'the plan launches both kernels' "$(grep -o '"symbol":"[^"]*"' <<<"$plan" | grep -oE 'squares|finish' | tr '\n' ' ')" 'squares finish '
finish
