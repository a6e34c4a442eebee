#!/bin/bash
# Winners with conditions, on a runtime that only writes down what is launched: a call has the winner of its regime where everything
# holds that the winner was proven under, the original otherwise; and arguments arrive as they were passed, moved ones too.
. "$(dirname "$0")/../tap.sh"

rewrite=${KSEARCH_BUILD:?the folder of the build}/tests/rewrite
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
root=$(realpath "$(dirname "$0")/../..")
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CI$)'); do unset "$v"; done
cp "$root/tests/e2e/guards/guards.cu" "$dir"
cd "$dir" || exit 1
"${CC:-cc}" -c -o cudart.o "$root/tests/fake/cudart.c" || exit 1

build() { # NAME EMIT-WORDS...
    "$rewrite" emit "${@:2}" >"$1.cu" || return 1
    "$nvcc" -std=c++17 -gencode arch=compute_90,code=sm_90 -gencode arch=compute_80,code=sm_80 -Werror all-warnings \
        -Xcompiler -Wall,-Wextra,-Werror -c "$1.cu" -o "$1.o" || return 1
    g++ -o "$1" "$1.o" cudart.o
}
winners() { # ARCHITECTURE, "" for one that needs no test
    local label
    for label in 'assumed 0 64' 'regimes 0 64@n=1..16' 'regimes 0 128@n=100..300' 'passed 0 64' 'templated 0 64' 'templated 1 64'; do
        echo "$label" "$@"
    done
}
# shellcheck disable=SC2046
build one guards.cu $(winners) >one.log 2>&1 &
# shellcheck disable=SC2046
build multi -d guards.cu $(winners 9.0) regimes 0 64@n=1..16 8.0 >multi.log 2>&1
wait
is 'both compile without a warning' "$(cat one.log multi.log)" ''

run() { env "${@:2}" "./$1" 2>&1 | c++filt -p | sed 's, / 0 / (nil)$,,; s, 1 1\( \|$\),\1,g'; }

winners='k__ks_assumed_0_64 2 / 64
k__ks_assumed_0_64 2 / 64
66 71
k 2 / 32
k 4 / 32
34 97
k 32 / 32
k 2 / 32
32 40
k 0 / 32
k__ks_regimes_0_64 1 / 64
k__ks_regimes_0_64 1 / 64
k 1 / 32
k 4 / 32
k__ks_regimes_0_128 1 / 128
k__ks_regimes_0_128 3 / 128
k 10 / 32
k__ks_passed_0_64 1 / 64
76
k__ks_passed_0_64 1 / 64
1071 t!t!!
k__ks_templated_0_64 1 / 64
1.5
k__ks_templated_1_64 1 / 64
2
k 2 / 32
2.5
k 4294967295 / 32
3.5'
# what other kernels do, the results do not depend on it but for B
is 'one architecture' "$(run one FAKE_CAPABILITY=90)" "$winners"
is 'the GPU that it was measured on' "$(run multi FAKE_CAPABILITY=90)" "$winners"
is 'another GPU has its own regime only' "$(run multi FAKE_CAPABILITY=80 | grep __ks_)" 'k__ks_regimes_0_64 1 / 64
k__ks_regimes_0_64 1 / 64'
is 'a GPU without winners' "$(run multi FAKE_CAPABILITY=75 | grep -c __ks_)" 0
is 'whose calls return what they did' "$(run multi FAKE_CAPABILITY=75 | grep -v ' / ')" '34 39
34 97
32 40
44
1039 t!t!!
1.5
2
2.5
3.5'
is 'one GPU of two' "$(run multi FAKE_CAPABILITY=90 FAKE_DEVICES=2)" "$winners"
is 'the only GPU is the current one' "$(run multi FAKE_CAPABILITY=90 FAKE_ASKED= | tail -1)" 'asked for the device 0 times'
is 'of two that are alike, it does not matter which' "$(run multi FAKE_CAPABILITY=90 FAKE_ASKED= FAKE_DEVICES=2 | tail -1)" \
    'asked for the device 0 times'
like 'of two that differ, a call asks which' "$(run multi FAKE_CAPABILITY=90 FAKE_SECOND=80 FAKE_ASKED= FAKE_DEVICES=2 | tail -1)" \
    'asked for the device [1-9][0-9]* times'
is 'no GPU: an assumption on it does not hold' "$(run one A= | sed -n 1,3p)" 'k 4 / 32
k 4 / 32
34 39'
is 'the device is asked only where it matters' "$(grep -o 'ks_device.is([0-9, ]*)' multi.cu | sort | uniq -c | tr -s ' \n' ' ')" \
    ' 1 ks_device.is(8, 0) 6 ks_device.is(9, 0) '
finish
