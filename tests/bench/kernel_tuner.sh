#!/bin/bash
# Kernel Tuner (https://github.com/KernelTuner/kernel_tuner) beside ksnvcc on this GPU: the same kernel, the same space, several seeds, and
# how long each takes to within 5 % of the best. See kernel_tuner.py.
#
#     bash tests/bench/kernel_tuner.sh [--json] [KERNEL...]        gemm, convolution, nbody
#
# KT_PYTHON with kernel_tuner in it (python3), or KT_WHEELS with its wheels (.whl, where there is no registry); KT_SEEDS (3), KT_STRATEGIES,
# KT_LIMIT seconds of each of its runs (45), KT_BUDGET of each of ours (20s); KT_OUT, a folder for all that was measured.
set -u
here=$(cd "$(dirname "$0")" && pwd)
ks=${KSEARCH_BIN:-$here/../../build/bin}/ksnvcc
python=${KT_PYTHON:-python3}
seeds=${KT_SEEDS:-3} limit=${KT_LIMIT:-45} budget=${KT_BUDGET:-20s}
strategies=${KT_STRATEGIES:-random_sample genetic_algorithm dual_annealing}
json=
[ "${1:-}" = --json ] && json=--json && shift
[ $# = 0 ] && set -- gemm convolution nbody
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
out=${KT_OUT:-$work} && mkdir -p "$out"
unset KSEARCH_LOCK KSEARCH_MODEL KSEARCH_PLANNER CI
export KSEARCH_KNOBS=0 KSEARCH_LOCK_DIR=$work

if ! "$python" -c 'import kernel_tuner' 2>/dev/null && [ -d "${KT_WHEELS:-.whl}" ]; then
    "$python" -m pip install -q --no-index --no-deps --no-compile --target "$work/site" "${KT_WHEELS:-.whl}"/*.whl || exit 1
    export PYTHONPATH=$work/site${PYTHONPATH:+:$PYTHONPATH}
fi
"$python" -c 'import kernel_tuner' || exit 1

arch=${KT_ARCH:-$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -1 | sed 's/\.//;s/^/sm_/')}
now() { date +%s.%N; }

# what ksnvcc searched in one process, with a cache of its own; its report and how long the process took
search() { # KERNEL NAME OPTIONS...
    local kernel=$1 name=$2 start
    shift 2
    export KSEARCH_CACHE_DIR=$work/cache-$kernel-$name
    start=$(now)
    "$ks" search --json "$@" "$here/tuned/$kernel.cu" -- -arch="$arch" >"$out/$kernel.$name.json" 2>"$out/$kernel.$name.txt" || {
        cat "$out/$kernel.$name.txt" >&2
        return 1
    }
    wall=$(awk -v a="$start" -v b="$(now)" 'BEGIN { print b - a }')
    "$ks" report --json "$("$ks" report --json | "$python" -c 'import json, sys; print(json.load(sys.stdin)[0]["run"])')" >"$out/$kernel.$name.report"
    grep -h ' a second' "$out/$kernel.$name.txt" >&2
}

for kernel in "$@"; do
    search "$kernel" all --exhaustive --t4 "$out/$kernel.t4.json" || exit 1
    for seed in $(seq "$seeds"); do
        search "$kernel" "$seed" --seed "$seed" --budget "$budget" || exit 1
        "$python" "$here/kernel_tuner.py" ours "$kernel" "$seed" "$out/$kernel.t4.json" "$out/$kernel.$seed.report" "$wall" >>"$out/results.jsonl"
        for strategy in $strategies; do # what it compiled is not kept for the next
            CUPY_CACHE_DIR=$work/cupy-$kernel-$seed-$strategy timeout $((${limit%.*} + 30)) \
                "$python" "$here/kernel_tuner.py" run "$kernel" "$strategy" "$seed" "$out/$kernel.t4.json" "$limit" \
                2>"$out/$kernel.$strategy.$seed.txt" | grep '^{' | tail -1 | tee -a "$out/results.jsonl" >&2
        done
    done
done
"$python" "$here/kernel_tuner.py" table $json "$out/results.jsonl"
