#!/bin/bash
# Clauses meet the compiler: what call(...), reference(...), setup(...) and check(by) make of a file is compiled, called over
# a runtime that prints what is launched, and what is wrong in it is shown where it stands.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/recording.sh"

root=$(realpath "$(dirname "$0")/../..")
build=${KSEARCH_BUILD:?the folder of the build}
rewrite=$build/tests/rewrite
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER|BUDGET)|NVCC_.*|CI)$'); do unset "$v"; done
cp -r "$root"/tests/lang/{16_clauses.cu,ref} "$dir"
cd "$dir" || exit 1
"${CC:-cc}" -fPIC -c -o cudart.o "$root/tests/fake/cudart.c" || exit 1

# ---- every form, in a harness and in units
shared() { # NAME: a shared object over the runtime that prints
    "$nvcc" -std=c++20 -arch=sm_90 -cudart none -Xcompiler -Wall,-Wextra,-fPIC -shared -o "$1.so" "$1.cu" cudart.o >"$1.log" 2>&1
}
labels='kernel reference span vector member static_member'
"$rewrite" harness 16_clauses.cu >harness.cu
for l in $labels; do
    if [ $l = static_member ]; then
        "$rewrite" unit 16_clauses.cu $l 0 128 >$l.cu
    else
        "$rewrite" unit 16_clauses.cu $l 0 256 128 >$l.cu
    fi
done
export nvcc
export -f shared
printf '%s\n' harness $labels | xargs -P 2 -I NAME bash -c 'shared NAME'
for name in harness $labels; do
    is "$name compiles without a warning" "$(cat $name.log)" ''
done

ask() { "$build/tests/harness" "./$1.so" "${@:2}" 2>&1 | c++filt -p | sed 's/^void //'; }

is 'a kernel' "$(ask harness call kernel_0 1000)" $'add 4 1 1 / 256 1 1 / 0 / 0x10\n0'
is 'its reference is a kernel' "$(ask harness reference kernel_0 1000)" $'slow_add 4 1 1 / 256 1 1 / 0 / 0x10\n0'
is 'or a function that wants the stream' "$(ask harness reference by_host_0 1000)" $'slow_add 1 1 1 / 32 1 1 / 0 / 0x10\n0'
is 'defaults are left alone' "$(ask harness call add_on_host_0 1000)" $'add_plainly 4 1 1 / 256 1 1 / 0 / 0x10\n0'
is 'a reference from a file' "$(ask harness reference add_on_host_0 1000)" $'ref::add_kernel 1 1 1 / 1 1 1 / 0 / 0x10\n0'
is 'the setup' "$(ask harness setup kernel_0)" $'scales[0] <- 8 bytes\n0'
is 'a checker that accepts' "$(ask harness check kernel_0 2 1,2 1.4,2)" 1
is 'a checker that does not' "$(ask harness check kernel_0 2 1,2 1.6,2)" 0
is 'an array without one' "$(ask harness check kernel_0 1 1,2 1,2)" -1
ok 'no checker where none is asked for' sh -c "! $build/tests/harness ./harness.so has ksearch_check__by_host_0"
ok 'nor a reference' sh -c "! $build/tests/harness ./harness.so has ksearch_reference__span_0"

is 'a kernel with a setup is called in its unit' "$(ask kernel call kernel_0__ks2 1000)" $'add__ks2 8 1 1 / 128 1 1 / 0 / 0x10\n0'
is 'which sets up variables of its own' "$(ask kernel setup kernel_0__ks2)" $'scales[0] <- 8 bytes\n0'
launches() { # UNROLL BLOCK [SUFFIX]
    echo "twice${3-}<$1> 1 1 1 / $2 1 1 / 0 / 0x10"
}
is 'a reference to a struct' "$(ask harness call reference_0 1000)" "$(launches 1 256)"$'\n0'
is 'and its variant' "$(ask reference call reference_0__ks2 1000)" "$(launches 1 128 __ks2)"$'\n0'
is 'views' "$(ask harness call span_0 1000)" "$(launches 2 256)"$'\n0'
is 'and their variant' "$(ask span call span_0__ks2 1000)" "$(launches 2 128 __ks2)"$'\n0'
is 'containers' "$(ask harness call vector_0 1000)" "$(launches 3 256)"$'\n'"$(launches 3 256)"$'\n0'
is 'and their variant' "$(ask vector call vector_0__ks1 1000)" "$(launches 3 256 __ks1)"$'\n'"$(launches 3 256 __ks1)"$'\n0'
is 'a method that calls the entry' "$(ask harness call member_0 1000)" "$(launches 4 256)"$'\n0'
is 'reaches the variant' "$(ask member call member_0__ks2 1000)" "$(launches 4 128 __ks2)"$'\n0'
is 'a static method of its name' "$(ask harness call static_member_0 1000)" "$(launches 5 256)"$'\n0'
is 'too' "$(ask static_member call static_member_0__ks1 1000)" "$(launches 5 128)"$'\n0'
