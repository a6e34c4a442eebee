#!/bin/bash
# Inputs from files, vectors and large arrays in the worker, over a driver that runs on the CPU (tests/fake/cuda.cc).
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
KSEARCH_LOCK_DIR=$dir LD_LIBRARY_PATH=$KSEARCH_BUILD/tests/fake \
    "$KSEARCH_BUILD/tests/gpu/worker_inputs" "$KSEARCH_BUILD/libexec/ksearch/ksearch-worker" \
    "$KSEARCH_BUILD/tests/fake" "$dir"
