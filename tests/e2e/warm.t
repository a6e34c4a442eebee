#!/bin/bash
# What a search leaves for the next one: of the same entry, on another GPU or after an edit, it begins with the best points that were
# found; of another entry it knows what sizes were good. Without a GPU: tests/fake/worker invents times.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
ks=$KSEARCH_BIN/ksnvcc
export KSEARCH_MODE=search KSEARCH_JOBS=2 KSEARCH_KNOBS=0 KSEARCH_CACHE_DIR=$dir/cache
unset CI KSEARCH_LOCK KSEARCH_GPU KSEARCH_WORKER KSEARCH_MODEL KSEARCH_PLANNER
cp "$here"/tune/warm.cu "$dir"
cd "$dir" || exit 1

search() { # GPU FILE OPTIONS...: a search on a card of that name
    local gpu=$1 file=$2
    shift 2
    rm -f "$KSEARCH_CACHE_DIR"/gpu.json # the card was changed
    KSEARCH_WORKER="$KSEARCH_BUILD/tests/fake/worker {\"gpu\":\"$gpu\",\"base_us\":100,\"values\":{\"[224,3]\":0.2,\"[192,5]\":0.21}}" \
        "$ks" search --seed 3 "$@" "$file" -- -arch=sm_90 >out.txt 2>said.txt
}
trials() { # of a search: its values, in the order in which they were tried, those in the code first
    "$ks" report --json "$@" | perl -MJSON::PP -0777 -e 'print map { "$_->{values}{BLOCK}x$_->{values}{ITEMS}\n" } @{decode_json(<>)->{trials}}'
}
nth() { sed -n "$2p" <<<"$1"; }

# ---- the same entry on another card, and after an edit
search First warm.cu --evals 22
is 'a search ends well' "$?" 0
best=$(sed -n 's/.*BLOCK=\([0-9]*\), ITEMS=\([0-9]*\) is .* on First .*/\1x\2/p' said.txt)
like 'and finds something' "$best" '^[0-9]+x[0-9]+$'
first=$(trials warm)
ok 'which it did not begin with' test "$(nth "$first" 2)" != "$best"
search Second warm.cu --evals 2
like 'the next is on another card' "$(cat said.txt)" 'searching on Second'
is 'and begins with the best of the first' "$(nth "$(trials warm)" 2)" "$best"
sed -i 's/2 \* a\[i\]/a[i] + a[i]/' warm.cu
search Second warm.cu --evals 2
like 'so does one of an edited kernel' "$(cat said.txt)" '3 of 208 variants'
is 'with the best of the search before' "$(nth "$(trials warm)" 2)" "$best"

# ---- another entry: lessons
like 'what a search found is a lesson' "$(cat cache/lessons.json)" '^\[\{"name":"warm.cu: warm","curves":\{"block0":\[.*"threads":'
sed 's/\bwarm\b/other/' warm.cu >other.cu
search First other.cu --evals 16
taught=$(trials other)
export KSEARCH_CACHE_DIR=$dir/empty
search First other.cu --evals 16
ok 'which a search of another entry begins with' test "$(trials other)" != "$taught"
finish
