#!/bin/bash
# What the worker's own kernels take beside a device copy of the same bytes (kernels.cu): making inputs, sealing answers, sums of inputs, and
# comparing outputs that are the same and that are off. Every sample of a search pays for sums and a comparison. Needs a GPU; KERNELS=program
# takes what was built before, KERNELS_BUILD=program builds it and ends.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
if [ -z "${KERNELS:-}" ]; then
    dir=$(mktemp -d)
    trap 'rm -rf "$dir"' EXIT
    KERNELS=${KERNELS_BUILD:-$dir/kernels}
    "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" -O3 -std=c++17 -arch="${GPU_ARCH:-sm_90}" -I"$root" -o "$KERNELS" "$root/tests/bench/kernels.cu"
fi
[ -z "${KERNELS_BUILD:-}" ] || exit 0
if ! "${KSEARCH_BUILD:?the folder of the build}/libexec/ksearch/ksearch-worker" --probe >/dev/null 2>&1; then
    echo 'no GPU: nothing was measured'
    exit 0
fi
"$KERNELS"
