#!/bin/bash
# A build of 64 annotated files, each searched with the worker that invents its times: `make -j16`, then `make -j1`. Says how long each
# took, how many compilers ran, how many of them at once, and how many lines were said; checks what tests/e2e/parallel.t checks.
#
#   PARALLEL_FILES=64 PARALLEL_JOBS=16 tests/bench/parallel.sh
here=$(dirname "$0")/../e2e
status=0
for jobs in "${PARALLEL_JOBS:-16}" 1; do
    PARALLEL_ONLY=1 PARALLEL_FILES=${PARALLEL_FILES:-64} PARALLEL_JOBS=$jobs "$here/parallel.t" | grep -E '^(#|not ok)'
    [ "${PIPESTATUS[0]}" = 0 ] || status=1
done
exit $status
