#!/bin/bash
# Is a win a win? The confirmation of a search, of four kernels against themselves, undisturbed and beside another program on the GPU,
# and against one that does 2 % less: how often it calls which faster. ROUNDS (25) of each kernel against itself either way, four times as
# many against the faster one. A round goes to standard error as JSON. Needs a GPU; NULLS=folder takes what was built there before.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
built=${NULLS:-$(mktemp -d)}
[ -n "${NULLS:-}" ] || trap 'rm -rf "$built"' EXIT
nvcc=${CUDA_HOME:-/usr/local/cuda}/bin/nvcc
arch=${GPU_ARCH:-sm_90}
mkdir -p "$built"
if [ ! -e "$built/disturb" ]; then
    "${KSEARCH_BUILD:?the folder of the build}/tests/rewrite" harness "$root/tests/bench/nulls.cu" >"$built/harness.cu"
    "$nvcc" -O3 -arch="$arch" -DWORK_PERCENT=100 -I"$root/runtime/include" -shared -Xcompiler -fPIC -o "$built/nulls.so" "$built/harness.cu"
    for work in 100 98; do
        "$nvcc" -O3 -arch="$arch" -DWORK_PERCENT=$work -cubin -o "$built/nulls_$work.cubin" "$root/tests/bench/nulls.cu"
    done
    "$nvcc" -O3 -arch="$arch" -o "$built/disturb" "$root/tests/bench/disturb.cu"
fi
[ -z "${NULLS_BUILD_ONLY:-}" ] || exit 0
if ! "$KSEARCH_BUILD/libexec/ksearch/ksearch-worker" --probe >/dev/null 2>&1; then
    echo 'no GPU: nothing was measured'
    exit 0
fi
"$KSEARCH_BUILD/tests/bench/nulls" "$KSEARCH_BUILD/libexec/ksearch/ksearch-worker" "$built" "${ROUNDS:-25}" "$built/disturb"
