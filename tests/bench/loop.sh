#!/bin/bash
# How fast a search is on this GPU, and how near to the best of all points it comes in a minute: each sample exhaustively, then with a
# budget. Variants a second and how busy the GPU was are the search's own figures (ksnvcc report --json: pace); nvidia-smi's beside them.
#
#     bash tests/bench/loop.sh [--json] [SAMPLE...]      those of samples/ that have a space
#
# LOOP_BUDGET (60s), LOOP_SEED (1), LOOP_OUT: a folder for reports, logs and timelines.
set -u
here=$(cd "$(dirname "$0")" && pwd)
ks=${KSEARCH_BIN:-$here/../../build/bin}/ksnvcc
json=
[ "${1:-}" = --json ] && json=--json && shift
[ $# = 0 ] && set -- vadd transpose softmax rmsnorm gemm
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
cp -r "$here/../../samples" "$work/samples" && rm -f "$work/samples/ksearch.lock" # what is on file there is of no use here
out=${LOOP_OUT:-$work/out}
mkdir -p "$out/all" "$out/search"
unset KSEARCH_LOCK KSEARCH_MODEL KSEARCH_PLANNER CI
export KSEARCH_LOCK_DIR=$work

arch=${LOOP_ARCH:-$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -1 | sed 's/\.//;s/^/sm_/')}

busy() { # what nvidia-smi saw: the part of its samples' time in which a kernel ran
    awk -F, '{ gsub(/[^0-9]/, "", $1); if ($1 != "") { n++; s += $1 } } END { if (n) printf "%.0f %%", s / n; else printf "-" }' "$1"
}

search() { # SAMPLE KIND OPTIONS...
    local sample=$1 kind=$2 smi=0
    shift 2
    export KSEARCH_CACHE_DIR=$work/cache-$sample-$kind KSEARCH_TIMELINE=$out/$kind/$sample.timeline
    if command -v nvidia-smi >/dev/null; then
        nvidia-smi --query-gpu=utilization.gpu --format=csv,noheader -lms 200 >"$out/$kind/$sample.smi" 2>/dev/null &
        smi=$!
    fi
    "$ks" search --json "$@" "$work/samples/$sample/$sample.cu" -- -arch="$arch" -std=c++17 >"$out/$kind/$sample.json" 2>"$out/$kind/$sample.txt"
    [ "$smi" = 0 ] || { kill "$smi"; wait "$smi"; } 2>/dev/null
    echo "# $sample $kind: nvidia-smi: $(busy "$out/$kind/$sample.smi")" >&2
    grep -h ' a second\|as fast\|no proven\|error' "$out/$kind/$sample.txt" | sed 's/^ksnvcc: /#   /' >&2
    for run in $("$ks" report --json | python3 -c 'import json, sys; print(*[r["run"] for r in json.load(sys.stdin)])'); do
        "$ks" report --json "$run" >"$out/$kind/$run.report"
    done
}

for sample in "$@"; do
    search "$sample" all --exhaustive
    search "$sample" search --budget "${LOOP_BUDGET:-60s}" --seed "${LOOP_SEED:-1}"
done
python3 "$here/loop.py" $json "$out/all" "$out/search"
