#!/bin/bash
# What is compiled of a file besides the variants: no kernel that only others launch, as long as that leaves the variants' code as it is.
# Searches without a GPU: tests/fake/worker invents times.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
ks=$KSEARCH_BIN/ksnvcc
rewrite=$KSEARCH_BUILD/tests/rewrite
cubinof=$KSEARCH_BUILD/tests/cubinof
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER|AGAIN|QUIET|DEBUG)|NVCC_|CI$)'); do unset "$v"; done
cp "$here"/lean/* "$dir"
cd "$dir" || exit 1

unit() { # lean|unit NAME ENTRY VALUES...: NAME.lean.cubin
    "$rewrite" "$1" "$2.cu" "$3" 0 "${@:4}" >"$2.$1.cu" && "$nvcc" -std=c++17 -arch=sm_90 -w -cubin -o "$2.$1.cubin" "$2.$1.cu"
}
for job in 'many pick 64 128 256' 'offsets offset 64 128'; do
    unit unit $job &
    unit lean $job &
    wait
done
heavy() { # those of many.cu, by their number
    "$cubinof" "many.$1.cubin" | sed -nE 's/^_Z5heavyILi([0-9]+)E.*/\1/p' | sort -n | tr '\n' ' '
}
codes() { # FILE of the variants
    "$cubinof" "$1" | grep __ks
}
all='1 2 3 4 5 6 7 8 9 10 11 12 13 '
is 'all of a file: its kernels are compiled' "$(heavy unit)" "$all"
is 'what is left out starts none' "$(heavy lean)" '8 9 12 '
is 'three variants are there' "$(codes many.lean.cubin | wc -l)" 3
is 'with the same code' "$(codes many.lean.cubin)" "$(codes many.unit.cubin)"
is 'a kernel that the entry does not reach is there, and empty' \
    "$("$cubinof" many.lean.cubin | awk '/_Z5otherPf/ { print $4 < 300 }') $("$cubinof" many.unit.cubin | awk '/_Z5otherPf/ { print $4 < 300 }')" '1 0'
is 'every line stays where it is' "$(grep -n 'pick_all' many.lean.cu | head -1 | cut -d: -f1)" "$(grep -n 'pick_all' many.unit.cu | head -1 | cut -d: -f1)"

# ---- the harness
for h in harness bare; do
    { "$rewrite" $h many.cu >many.$h.cu && "$nvcc" -std=c++17 -arch=sm_90 -w -shared -Xcompiler -fPIC -Xptxas -v -o many.$h.so many.$h.cu; } >many.$h.said 2>&1 &
done
wait
started() { # harness|bare: as heavy
    sed -nE "s/.*Compiling entry function '_Z5heavyILi([0-9]+)E.*/\1/p" "many.$1.said" | sort -n | tr '\n' ' '
}
is 'a harness of all of a file' "$(started harness)" "$all"
is 'one without what starts other kernels, and is not called as it is loaded' "$(started bare)" '4 8 9 11 12 13 '
exports() { nm -D --defined-only "many.$1.so" | awk '/ksearch_/ { print $3 }'; }
is 'has the same functions' "$(exports bare)" "$(exports harness)"
like 'and the other host functions as they are' "$(tr '\n' ' ' <many.bare.cu)" 'int helper\(int n\) +\{ +return n \+ 1;'
for by in 'reference(truth)' 'setup(prepare())' 'check(y, by = alike)'; do
    sed "s/^#pragma ksearch tune/#pragma ksearch $by\n&/" many.cu >called.cu
    "$rewrite" bare called.cu >bare.cu && "$rewrite" harness called.cu >harness.cu
    ok "all of it stands with $by" cmp bare.cu harness.cu
    like 'and it is a harness' "$(cat bare.cu)" ksearch_call__pick
done

# ---- constants move when what uses others is gone
unlike 'code can be another without the rest' "$(codes offsets.lean.cubin)" "$(codes offsets.unit.cubin | head -1)"

export KSEARCH_JOBS=2 KSEARCH_CACHE_DIR=$dir/cache KSEARCH_DEBUG=1
search() { # FILE SPEEDS
    KSEARCH_MODE=search KSEARCH_WORKER="$KSEARCH_BUILD/tests/fake/worker {\"base_us\":100,\"values\":$2}" \
        "$ks" search "$1" -- -std=c++17 -arch=sm_90 >"$1.out" 2>"$1.said"
}
ok 'a search in it' search offsets.cu '{"[128]":0.5}'
like 'sees that, and compiles the winner with all of the file' "$(cat offsets.cu.said)" 'its code is another with all of the file'
like 'which is proven once more' "$(cat offsets.cu.said)" 'kept: proof/[0-9a-f]+/whole'
KSEARCH_MODE=cached KSEARCH_GPU='NVIDIA H200' "$ks" nvcc -std=c++17 -arch=sm_90 -c offsets.cu -o o.o 2>said.txt
like 'and what is emitted is that code' "$(cat said.txt)" 'offset: B=128 is [0-9.]+x as fast'
ok 'a search in the other' search many.cu '{"[256]":0.5}'
unlike 'sees nothing of that' "$(cat many.cu.said)" 'all of the file'

# ---- what does not compile without the rest
ok 'a search in a file whose functions nobody understands' search brace.cu '{"[128]":0.5}'
like 'falls back to all of it' "$(cat brace.cu.said)" 'variants are compiled with all of the file'
like 'so does its harness' "$(cat brace.cu.said)" 'the harness is compiled with all of the file'
like 'and finds the best' "$(cat brace.cu.said)" 'B=128 is [0-9.]+x as fast'
finish
