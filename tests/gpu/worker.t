#!/bin/bash
# The worker on a GPU, through its protocol: right, wrong, faulting and hanging variants of an addition.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$KSEARCH_BUILD/tests/gpu/worker_smoke" "$KSEARCH_BUILD/libexec/ksearch/ksearch-worker" \
    "$KSEARCH_BUILD/tests/gpu" "$dir"
