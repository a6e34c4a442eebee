#!/bin/bash
# Reproducible outputs run as others do: kernels of anonymous namespaces and `static` ones are found under the names that
# they get then, in whole programs and with relocatable code, and lines and debug information load.
. "$(dirname "$0")/../tap.sh"
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER)|NVCC_.*|CI)$'); do unset "$v"; done
export KSEARCH_REPRODUCIBLE=1
mkdir -p "$dir/a" "$dir/b" && cd "$dir" || exit 1
unit() { # FOLDER FACTOR: two kernels of the same names as the other folder's
    cat >"$1/k.cu" <<C
#include <cassert>
namespace { __device__ int factor = $2; __global__ void hidden(int *p) { assert(p); atomicAdd(p, factor); } }
static __global__ void own(int *p) { atomicAdd(p, 10 * factor); }
void run_$1(int *p) { hidden<<<1, 32>>>(p); own<<<1, 1>>>(p); }
C
}
unit a 1
unit b 2
cat >main.cu <<'C'
#include <cstdio>
void run_a(int *), run_b(int *);
int main()
{
    int *p, got = -1;
    cudaMallocManaged(&p, sizeof *p);
    *p = 0;
    run_a(p), run_b(p);
    cudaError_t e = cudaDeviceSynchronize();
    if (e == cudaSuccess)
        got = *p;
    printf("%s %d\n", cudaGetErrorName(e), got);
}
C
for flags in '' '-rdc=true' '-lineinfo -g' '-g -G' '-rdc=true -g -G'; do
    for f in a/k b/k main; do
        "$KSEARCH_BIN/ksnvcc" "$nvcc" -arch=native $flags -c $f.cu -o "${f%/k}.o" || echo "# $f.cu does not compile"
    done
    ok "nvcc ${flags:-alone}: links" "$nvcc" -arch=native $flags a.o b.o main.o -o program
    is "nvcc ${flags:-alone}: runs" "$(./program)" 'cudaSuccess 126'
done
finish
