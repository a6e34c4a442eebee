#!/bin/bash
# Annotations and plans may use constants that a header defines: macros, constexpr variables and
# enumerators, seen from the entry's namespace, as this compile's options make them.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.sh"

ksnvcc=${KSEARCH_BIN:?the folder of ksnvcc}/ksnvcc
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CUDACXX|CI$)'); do unset "$v"; done
export KSEARCH_CACHE_DIR=$dir/cache HOME=$dir
cp "$here"/headers/* "$dir"
cd "$dir" || exit 1

explain() {
    "$ksnvcc" explain s.cu -- -arch=sm_90 "$@" 2>&1
}
said=$(explain)
like 'a workload has a macro of a header' "$said" 'rows=64, n=1024$'
like 'a constraint has a variable' "$said" 'space +5 points, 4 valid$'
like 'a structure has what stands in a namespace of it' "$said" '5 points, 5 valid of t.cuh$'
like 'as the options make it' "$(explain -DBIG)" 'rows=64, n=4096$'
like 'in a compile without a host pass too' "$(explain -cubin)" 'rows=64, n=1024$'
is 'no file is left' "$(ls -A | grep -v '^cache$' | LC_ALL=C sort)" "$(ls -A "$here/headers" | LC_ALL=C sort)"

# ---- constants of the file that the command line has too
guarded() {
    "$ksnvcc" explain guarded.cu -- -arch=sm_90 "$@" 2>&1
}
said=$(guarded)
like 'a guarded constant is what the file says' "$said" 'workloads +n=1000$'
like 'and can be tuned' "$said" 'BLOCK = 64 128 \[256\] 512 1024'
said=$(guarded -DBLOCK=128 -DSIZE=77)
like 'or what the command line says' "$said" 'workloads +n=77$'
like 'and then is not' "$said" "guarded.cu:7:[0-9]+: warning: ksearch: 'BLOCK' is not tuned: in this compile it is not what this file defines"
unlike 'at all' "$said" 'BLOCK = 64'

said=$(explain)
key() {
    sed -n 's/^ *key *//p' <<<"$1"
}
sed -i 's/HEADS = 4/HEADS = 8/' cfg.h
ok 'and another value has another key' test "$(key "$said")" != "$(key "$(explain)")"

sed -i 's/MORE)/MOST)/' t.cuh
like 'what nobody defines is located' "$(explain)" "t.cuh:4:[0-9]+: error: ksearch: 'MOST' is neither"
sed -i 's/MORE }/MORE, MOST = sizeof(int) }/' cfg.h
like 'and so is what cannot be computed' "$(explain)" "t.cuh:4:[0-9]+: error: ksearch: 'MOST' is neither"
sed -i '1a #if' cfg.h
like 'a header that cannot be read is the same' "$(explain)" "s.cu:6:[0-9]+: error: ksearch: 'HEAD' is neither"
finish
