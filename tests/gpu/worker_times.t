#!/bin/bash
# Times, pairs and energy in the worker, on a GPU.
"$KSEARCH_BUILD/tests/gpu/worker_times" "$KSEARCH_BUILD/libexec/ksearch/ksearch-worker" \
    "$KSEARCH_BUILD/tests/gpu"
