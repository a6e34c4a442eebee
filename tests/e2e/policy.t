#!/bin/bash
# The simulator of rules that choose ideas runs, says the same twice, and finds ours ahead of each
# rival in the mean; and it would say so if ours were not.
set -u
. "$(dirname "$0")/../tap.sh"

policy=$KSEARCH_BUILD/tests/bench/policy
data=$(dirname "$0")/../data/policy

ok "ours is ahead of each rival" "$policy" --quick "$data"
"$policy" --quick --json --setting honest "$data" >"$dir/one" 2>/dev/null
"$policy" --quick --json --setting honest "$data" >"$dir/two" 2>/dev/null
ok "the same seeds give the same figures" cmp "$dir/one" "$dir/two"
# 7 rules, tuned and held-out places
is "there is a figure for every rule" "$(grep -o '"rule"' "$dir/one" | wc -l)" 14
like "as a table too" "$("$policy" --quick --setting honest "$data" 2>/dev/null)" '^K-Search +0\.'
# a rule that takes every promise for its opposite
ok "a bad rule is told" test "$("$policy" --quick --setting honest --set slope=-1 \
    --set slope_sd=0.001 --set offset_sd=0.001 "$data" >/dev/null 2>&1; echo $?)" = 1
finish
