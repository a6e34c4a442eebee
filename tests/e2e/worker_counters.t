#!/bin/bash
# Counters through the worker's protocol, over a driver that runs on the CPU and a libcupti that counts its launches
# (tests/fake/cuda.cc, tests/fake/cupti.c).
if [ ! -e "$KSEARCH_BUILD/tests/fake/libcupti.so" ]; then
    echo '1..0 # SKIP this toolkit has no range profiler'
    exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
FAKE_SIZES=vadd=8888 KSEARCH_LOCK_DIR=$dir LD_LIBRARY_PATH=$KSEARCH_BUILD/tests/fake \
    "$KSEARCH_BUILD/tests/gpu/worker_counters" "$KSEARCH_BUILD/libexec/ksearch/ksearch-worker" \
    "$KSEARCH_BUILD/tests/fake" "$KSEARCH_BUILD/tests/fake/libcupti.so" "$dir"
