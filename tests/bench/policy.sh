#!/bin/bash
# How well do rules that choose ideas spend model calls and trials? Ours, K-Search's, greedy, uniform
# and islands on recorded spaces, 200 seeds each: see tests/bench/policy.c. Arguments are passed on,
# --json among them; PLACES=tuned|held|all, SEEDS.
set -eu

cd "$(dirname "$0")/../.."
exec "${KSEARCH_BUILD:?the folder of the build}/tests/bench/policy" --seeds "${SEEDS:-200}" \
    --places "${PLACES:-all}" "$@" tests/data/policy
