#!/bin/bash
# `ksnvcc report`, over recordings that were made by hand: tests/data/search.jsonl is a whole search,
# search_cut.jsonl one that was cut off. What is wanted of them is in the folder report/; after a change
# that is meant, look at the difference and write it again with REPORT_WRITE=1.
. "$(dirname "$0")/../tap.sh"

here=$(cd "$(dirname "$0")" && pwd)
data=$here/../data
ksnvcc=${KSEARCH_BIN:?the folder of ksnvcc}/ksnvcc
fill=${KSEARCH_BUILD:?the build folder}/tests/journal_fill
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CUDACXX|CI$)'); do unset "$v"; done
export KSEARCH_CACHE_DIR=$dir/cache HOME=$dir KSEARCH_CACHE_FILES=0
cd "$dir" || exit 1

run() {
    said=$("$@" 2>&1 </dev/null)
    status=$?
}
golden() { # NAME FILE: what was said is what the file holds
    [ -z "${REPORT_WRITE-}" ] || printf '%s\n' "$said" >"$here/report/$2"
    is "$1" "$(diff <(printf '%s\n' "$said") "$here/report/$2")" ''
}

# ---- a recording
run "$ksnvcc" report "$data/search.jsonl"
is 'a recording: status' "$status" 0
golden 'a whole search' search.txt
is 'no line is wider than 100' "$(perl -CSD -lne 'print if length > 100' <<<"$said")" ''
unlike 'no control character of a model reaches the terminal' "$said" $'\033'
run "$ksnvcc" report --json "$data/search.jsonl"
golden 'as JSON' search.json
printf '%s' "$said" >said.json
ok 'which is JSON' perl -MJSON::PP -0777 -e 'decode_json(<>)' said.json
run "$ksnvcc" report "$data/search_cut.jsonl"
golden 'one that was cut off' cut.txt
# the tree: all of its states in older journals, now the last one alone
mkdir world
sed 's,"world/10","world",' "$data/search.jsonl" >world/search.jsonl
run "$ksnvcc" report world/search.jsonl
golden 'the last state of the tree' search.txt
run "$ksnvcc" report --html page.html "$data/search.jsonl"
is '--html: status, nothing said' "$status $said" '0 '
said=$(cat page.html)
like 'the curve is a picture' "$said" '<svg viewBox='
is 'with a dot for each that was better' "$(grep -c '<circle' page.html)" 4
like 'texts are texts' "$said" 'norm::rmsnorm&lt;T=float&gt;'
unlike 'and nothing comes from elsewhere' "$said" '<script|http:|https:|src=|@import'
echo '{"ksearch_recording":1,"facts":0,"steps":0}' >empty.jsonl
run "$ksnvcc" report empty.jsonl
is 'a search that did nothing' "$status" 0
like 'is shown as that' "$said" 'nothing is faster than the original so far'
# what is there may be of any kind
cat >odd.jsonl <<J
{"ksearch_recording":1,"facts":7,"steps":0}
{"fact":"run","is":[1]}
{"fact":"baseline","is":"x"}
{"fact":"end","is":null}
{"fact":"form/","is":7}
{"fact":"trial/","is":{"score":"fast","state":["good"],"values":[1],"us":{}}}
{"fact":"reply/x","is":{"outcome":"failed"}}
{"fact":"world/x","is":{"ideas":[7,{"id":1,"parent":1},{"id":1,"parent":2},{"id":2,"parent":1,"gain":[1]}]}}
J
run "$ksnvcc" report odd.jsonl
is 'facts of the wrong kind' "$status" 0
like 'are left out' "$said" 'unknown +1'
run "$ksnvcc" report --html odd.html odd.jsonl
is 'on a page as well' "$status" 0

# ---- the cache
run "$ksnvcc" report
is 'no cache yet: no searches, and none is made' "$status $said $(ls -d cache 2>/dev/null)" \
    "0 $dir/cache holds no searches "
ok 'a run of the cache' "$fill" "$data/search_cut.jsonl" cache cut-1
ok 'and another' "$fill" "$data/search.jsonl" cache whole-1 whole.rec
touch -d '2026-01-01' cache/runs/cut-1/data.mdb
run "$ksnvcc" report
is 'the list, the newest first' "$(tr -s ' ' <<<"$said")" \
    'whole-1 norm::rmsnorm<T=f... rmsnorm.cu 2026-11-25T12:00:00Z ended 1.467x
cut-1 norm::rmsnorm<T=f... rmsnorm.cu 2026-11-25T12:00:00Z stopped 1.467x'
run "$ksnvcc" report --json
printf '%s' "$said" >said.json
is 'the list as JSON' \
    "$(perl -MJSON::PP -0777 -e 'print join " ", map { "$_->{run}:$_->{trials}" } @{decode_json(<>)}' said.json)" \
    'whole-1:10 cut-1:10'
wanted=$(sed '1s/.*/Search whole-1/' "$here/report/search.txt")
run "$ksnvcc" report wh
is 'a run by its first letters' "$status $said" "0 $wanted"
for name in rmsnorm norm::rmsnorm 'rmsnorm<T=float>' 'norm::rmsnorm<T=float>'; do
    run "$ksnvcc" report "$name"
    is "the newest run of an entry: $name" "$status $said" "0 $wanted"
done
run "$ksnvcc" report norm
like 'which a namespace is not' "$status $said" '^1 .*there is no search norm in'
sed 's/"norm::rmsnorm</"fast::rmsnorm</' "$data/search_cut.jsonl" >other.jsonl
"$fill" other.jsonl cache other-1
touch -d '2026-01-01' cache/runs/other-1/data.mdb
run "$ksnvcc" report rmsnorm
is 'entries that end alike are listed' "$status $said" \
    "1 ksnvcc: error: 'rmsnorm' is not one entry: there are searches of norm::rmsnorm, fast::rmsnorm"
run "$ksnvcc" report fast::rmsnorm
like 'and told apart by their namespaces' "$status $said" '^0 Search other-1'
sed 's/"norm::rmsnorm</"rmsnorm</' "$data/search_cut.jsonl" >other.jsonl
rm -r cache/runs/other-1
"$fill" other.jsonl cache other-1
touch -d '2026-01-01' cache/runs/other-1/data.mdb
run "$ksnvcc" report rmsnorm
like 'a whole name comes before the end of another' "$status $said" '^0 Search other-1'
rm -r cache/runs/other-1
run "$ksnvcc" report cache/runs/whole-1
is 'and by its folder' "$status $said" "0 $wanted"
run "$ksnvcc" report whole.rec
is 'and exported' "$status $said" "0 ${wanted/whole-1/whole.rec}"
run flock cache/runs/cut-1/writer.lock "$ksnvcc" report
like 'one that goes on' "$said" '^cut-1 .* running '
run flock cache/runs/cut-1/writer.lock "$ksnvcc" report cut
like 'which is not disturbed' "$status $said" '^0 Search cut-1'
like 'is said to' "$said" '^  state +running$'
head -c 5000 /dev/urandom >cache/runs/cut-1/data.mdb
run "$ksnvcc" report
is 'a damaged one does not hide the others: status' "$status" 0
like 'they are there' "$said" '^whole-1 .*1\.467x'

# ---- mistakes
run "$ksnvcc" report none
is 'a run that is not there' "$status" 1
like 'is named' "$said" 'there is no search none in .*/cache'
head -3 "$data/search.jsonl" >short.jsonl
run "$ksnvcc" report short.jsonl
is 'a recording that is cut short' "$status" 1
like 'is located' "$said" 'short\.jsonl:4: the recording ends with 2 facts'
head -c 500 whole.rec >short.rec
run "$ksnvcc" report short.rec
like 'a compressed one as well' "$status $said" '^1 .*short\.rec cannot be unpacked: it is cut short'
run "$ksnvcc" report a b
is 'two names' "$status" 100
run "$ksnvcc" report --html page.html
is 'a page of nothing' "$status" 100
run "$ksnvcc" report --html /nowhere/page.html "$data/search.jsonl"
is 'a page that cannot be written' "$status" 1

finish
