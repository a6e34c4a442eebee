#!/bin/bash
# Colours: on a terminal compilers say through us what they say to it themselves, byte for byte, and elsewhere there are none. `script`
# gives each compile a terminal of its own, 70 columns wide.
. "$(dirname "$0")/../tap.sh"
samples=$(cd "$(dirname "$0")/../../samples" && pwd)
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER|REPRODUCIBLE|DEBUG)|NVCC_.*|CI|COLUMNS|GCC_COLORS|NO_COLOR)$'); do unset "$v"; done
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=cached TERM=xterm
if ! command -v script >/dev/null; then
    skip 'colours' 'no script here'
    finish
fi
cd "$dir" || exit 1
cp "$samples"/transpose/transpose.cu* "$samples/ksearch.lock" .
cat >more <<'C'
                                                                                #warning of the preprocessor
__global__ void more(float *p, int n) { int unused; *p = 1; }
/* of the host compiler, in a line of which it shows what fits */ static int never() { return 1; }
void run(float *p, int n) { more<<<1, 1>>>(p, n); }
C
cat transpose.cu more >winner.cu
{ echo '#pragma ksearch out(p[n]) workload(n = 1) launch(grid = 1, block = 1)' && sed 1d more && sed '2,$d' more; } >warns.cu

on_terminal() { # COMMAND...: what it says there, without our own lines
    printf -v line '%q ' "$@"
    script -qefc "stty cols 70; $line" /dev/null </dev/null | grep -vE $'^(\r\e\\[K)?ksnvcc: '
}
flags=(-arch=sm_90 -std=c++17 -Xcompiler -Wall,-Wno-unknown-pragmas -c)
same() { # NAME SOURCE FLAGS...
    local name=$1 source=$2
    shift 2
    touch -d '1 minute ago' "$source"
    want=$(on_terminal "$nvcc" "${flags[@]}" "$@" "$source" -o want.o)
    got=$(on_terminal "$KSEARCH_BIN/ksnvcc" "$nvcc" "${flags[@]}" "$@" "$source" -o got.o)
    is "$name" "$(cat -v <<<"$got")" "$(cat -v <<<"$want")"
}
file() { "$KSEARCH_BIN/ksnvcc" "$nvcc" "${flags[@]}" "$@" -o got.o 2>&1 | grep -v '^ksnvcc: '; }

same 'nothing on file' warns.cu
like 'there are colours of the host compiler' "$got" $'\e\\[01;35m\e\\[Kwarning: .*never'
like "nvidia's, too" "$got" $'\e\\[01;35mwarning\e\\[0m #177-D'
is 'out of the cache' "$(on_terminal "$KSEARCH_BIN/ksnvcc" "$nvcc" "${flags[@]}" warns.cu -o got.o | cat -v)" "$(cat -v <<<"$want")"
like 'it was' "$("$KSEARCH_BIN/ksnvcc" cache --json stats)" '"object_hit": ?1'
said() { grep -v '^ ' | grep .; } # without the lines that gcc cuts
is 'out of the cache into a file: no colours' "$(file warns.cu | said)" "$("$nvcc" "${flags[@]}" warns.cu -o want.o 2>&1 | said)"
like 'it was' "$("$KSEARCH_BIN/ksnvcc" cache --json stats)" '"object_hit": ?2'
export KSEARCH_OBJECTS=0
same 'a winner' winner.cu
like 'which is in it' "$("$KSEARCH_BIN/ksnvcc" explain got.o)" 'winner .*TILE='
unlike 'in a file there are no colours' "$(file winner.cu)" $'\e'
export KSEARCH_REPRODUCIBLE=1
same 'the same everywhere' warns.cu
same 'for a debugger on the GPU, where files have other names meanwhile' ./warns.cu -G
sed -i 's/= 1; }/= y; }/' warns.cu
same 'an error' warns.cu
finish
