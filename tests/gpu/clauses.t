#!/bin/bash
# Each clause on a GPU: what it asks for is what is measured, checked, refused and emitted.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_BUDGET=30s
unset CI KSEARCH_LOCK KSEARCH_WORKER
cp -r "$here"/clauses/. "$dir"
cd "$dir" || exit 1

compile() { # NAME [OUTPUT]: compiles NAME.cu, or makes a program of it; output in $said, status in $status
    local phase=(-c -o "$1.o")
    [ -z "${2-}" ] || phase=(-o "$2")
    said=$("$KSEARCH_BIN/ksnvcc" nvcc -arch=native -std=c++17 "$1.cu" "${phase[@]}" 2>&1)
    status=$?
    # shellcheck disable=SC2001
    sed 's/^/# /' <<<"$said"
}

compile limits
is 'limits: the build goes on' "$status" 0
like 'limits: too many registers' "$said" 'registers: 1 of 3 variants are beyond a limit; the first, HELD=128: it uses [0-9]+ registers a thread, and require\(regs <= 40\)'
like 'limits: too much shared memory, as it is launched' "$said" \
    'shared: 1 of 3 variants were refused; the first, TILE=8192: it takes [0-9]+ \+ 32768 bytes of shared memory a block, and require\(smem <= 10240\)'

compile reference
is 'reference: the build goes on' "$status" 0
like 'reference: what agrees with it is searched' "$said" 'right: WASTE=1 is [0-9.]+x as fast'
like 'reference: what does not is not' "$said" 'wrong: original: .*the original differs from its reference\(...\): b\[7\]: expected'

compile constant constant
is 'constant: the build goes on' "$status" 0
unlike 'constant: variants see the table' "$said" 'were refused'
like 'constant: and one wins' "$said" 'look_up: WASTE=1 is [0-9.]+x as fast'
ok 'constant: the winner sees it in the program' ./constant
ok 'constant: which has the winner' sh -c 'nm -C constant | grep -q look_up__ks_look_up_0_1'

compile checker
is 'checker: the build goes on' "$status" 0
like 'checker: what it accepts may win, what it does not is refused' "$said" 'asked: STEPS=4 is [0-9.]+x as fast'
like 'checker: by name' "$said" "asked: 1 of 3 variants were refused; the first, STEPS=1: b\[0\].*check 'near_enough' does not accept it"
like 'checker: without it the tolerance decides' "$said" 'not_asked: 1 of 2 variants were refused; the first, ROUGH=4: b\[0\]'

compile required
is 'required: the build goes on' "$status" 0
like 'required: a sum in any order' "$said" "total: 1 of 2 variants were refused; the first, WAYS=64: 'sum' differs between two runs"
like 'required: what cannot be captured' "$said" 'waits: original: .*cannot be captured in a graph, as require\(graph\) asks'

compile slowest
like 'p90: the slow launches count' "$said" 'slowest: HOW=1 is 1\.[3-9][0-9]*x as fast'
like 'p90: without it the usual ones do' "$said" 'usual: original: no proven gain'

original_us() { # NAME
    "$KSEARCH_BIN/ksnvcc" explain --json "$1.cu" -- -arch=native -std=c++17 | sed -n 's/.*"original_us": \([0-9.]*\).*/\1/p' | head -1
}
compile cold
compile warm
echo "# cold $(original_us cold) us, warm $(original_us warm) us"
ok 'warm: arrays in the cache are read much faster' \
    awk -v w="$(original_us warm)" -v c="$(original_us cold)" 'BEGIN { exit !(w > 0 && w < 0.8 * c) }'

compile forms forms
is 'forms: the build goes on' "$status" 0
for entry in by_reference containers in_method; do
    like "forms: $entry" "$said" "$entry: WASTE=1 is [0-9.]+x as fast"
done
ok 'forms: the winners are right in the program' ./forms
compile energy
is 'energy: the build goes on' "$status" 0
like 'energy: what takes in less wins' "$said" 'passes: PASSES=1 is [0-9.]+x as sparing'

finish
