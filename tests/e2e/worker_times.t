#!/bin/bash
# Times, pairs and energy in the worker, over a driver that runs on the CPU (tests/fake/cuda.cc).
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
KSEARCH_FAKE_OTHERS=2 KSEARCH_LOCK_DIR=$dir LD_LIBRARY_PATH=$KSEARCH_BUILD/tests/fake \
    "$KSEARCH_BUILD/tests/gpu/worker_times" "$KSEARCH_BUILD/libexec/ksearch/ksearch-worker" \
    "$KSEARCH_BUILD/tests/fake"
