#!/bin/bash
# Originals and variants that misbehave: the build ends as nvcc's would, says why, and the GPU goes on working.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_BUDGET=30s
unset CI

compile() { # NAME: compiles bad/NAME.cu; output in $said, status in $status
    said=$(cd "$dir" && "$KSEARCH_BIN/ksnvcc" nvcc -arch=native -c "$here/bad/$1.cu" -o "$1.o" 2>&1)
    status=$?
}

same_as_nvcc() { # NAME: the object holds what nvcc alone makes (its code: the file symbol has a process number)
    (cd "$dir" && nvcc -arch=native -c "$here/bad/$1.cu" -o "$1.plain.o" &&
        objcopy -O binary --only-section=.nv_fatbin "$1.o" a && objcopy -O binary --only-section=.nv_fatbin "$1.plain.o" b && cmp a b)
}

for name in faults overruns unwritten hangs; do
    compile $name
    is "$name: the build goes on" "$status" 0
    like "$name: says that the original cannot be measured" "$said" "original cannot be measured"
    ok "$name: the object is nvcc's own" same_as_nvcc $name
done
compile depends
is "depends: the build goes on" "$status" 0
like "depends: wrong variants are refused" "$said" "variants were refused"
like "depends: the original stays" "$said" "depends: original: no proven gain"
compile depends
like "depends: the second build knows" "$said" "no proven gain.*\(cache\)"
finish
