#!/bin/bash
# Counters on a GPU, through the worker's protocol: of the original, of a variant, of a plan, of two kernels. Prints
# every reply: where something is wrong, one run is to show what.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
nvcc=$(readlink -f "$(command -v nvcc)")
for home in "$CUDA_HOME" "$CUDA_PATH" "${nvcc%/bin/nvcc}" /usr/local/cuda; do
    for found in "$home"/extras/CUPTI/lib64/libcupti.so* "$home"/lib64/libcupti.so* "$home"/targets/*-linux/lib/libcupti.so*; do
        [ -e "$found" ] && cupti=${cupti:-$found}
    done
done
echo "# libcupti: ${cupti:=none}"
sed -n 's/^.*RmProfilingAdminOnly/# RmProfilingAdminOnly/p' /proc/driver/nvidia/params 2>/dev/null
"$KSEARCH_BUILD/tests/gpu/worker_counters" "$KSEARCH_BUILD/libexec/ksearch/ksearch-worker" \
    "$KSEARCH_BUILD/tests/gpu" "$cupti" "$dir"
