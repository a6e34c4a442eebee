#!/bin/bash
# Inputs from files, vectors and arrays above 4 GB in the worker, on a GPU.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$KSEARCH_BUILD/tests/gpu/worker_inputs" "$KSEARCH_BUILD/libexec/ksearch/ksearch-worker" \
    "$KSEARCH_BUILD/tests/gpu" "$dir"
