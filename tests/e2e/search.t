#!/bin/bash
# Searches with a model, without GPU and without a real model: tests/fake/worker invents times, a script writes structures. A search
# restructures, learns from what fails, is stepped, killed, resumed and replayed, and what comes out is always the same.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
ks=$KSEARCH_BIN/ksnvcc
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_JOBS=2 MODEL_LOG=$dir/calls
unset CI KSEARCH_LOCK KSEARCH_GPU KSEARCH_WORKER KSEARCH_MODEL KSEARCH_PLANNER
cp "$here"/search/* "$dir"
cd "$dir" || exit 1
flags=(-- -arch=sm_90 -std=c++17)
# the first two structures of idea 'Wrong' are wrong, those that come of their repair are not
worker="$KSEARCH_BUILD/tests/fake/worker"' {"base_us":100,"wrong":["model:052dfc80","model:250dc7e8"]}'

record() { # FILE: of a search --json, the record alone
    perl -MJSON::PP -0777 -e 'print JSON::PP->new->canonical->pretty->encode(decode_json(<>)->[0]{record} || {})' "$1"
}

# ---- live
# of the two models that take turns the first is not there
KSEARCH_WORKER=$worker "$ks" search --json --budget 90s --model "exec:no-such-agent,exec:$dir/model.sh" norms.cu "${flags[@]}" >live.json 2>live.txt
is 'a search with a model ends well' "$?" 0
like 'and finds a structure that the model wrote' "$(cat live.txt)" 'norms: model:[0-9a-f]{8} with THREADS=[0-9]+ is 1\.[0-9]+x as fast'
is 'a model that is not there is named once' "$(grep -c 'no-such-agent' live.txt)" 1
like 'what did not compile was sent back' "$(cat calls)" 'repair'
like 'a script that was refused was asked for again' "$(cat calls)" 'evolve-again'
ok 'the text is in the record' sh -c 'grep -q "__global__ void squares" live.json'
report=$("$ks" report norms)
like 'the report has the tree' "$report" '1 +Parts +3\.00 \(1\.50 to 8\.00\) +1\.[0-9]+x'
like 'with what failed' "$report" '2 +Broken .* (open|closed|pruned)'
like 'what was wrong was sent back too' "$report" 'wrong +2 +the first: trial [0-9]+, model:[0-9a-f]{8} THREADS=256'
unlike 'and nothing of a script that was refused' "$report" 'Nowhere'
like 'and the calls, none of which failed' "$report" '^ +exec +[1-9][0-9]* +0 '
like 'how it ended' "$report" 'ended +everything worth trying was tried'
KSEARCH_WORKER=$worker "$ks" nvcc -arch=sm_90 -std=c++17 -c norms.cu -o norms.o 2>build.txt
like 'the build takes it from the cache' "$(cat build.txt)" 'norms: model:[0-9a-f]+ .*\(cache\)'
like 'and it is in the object' "$("$ks" explain norms.o)" 'model:[0-9a-f]{8}'
ok 'which calls it' sh -c 'nm -C norms.o | grep -q squares'

# ---- replayed: no GPU, no model, no compiler of variants
"$ks" report --export norms.ksearch norms >/dev/null
ok 'a recording is small' test "$(stat -c %s norms.ksearch)" -lt 1000000
calls=$(wc -l <calls)
for i in 1 2; do
    KSEARCH_DEBUG=1 KSEARCH_CACHE_DIR=$dir/replay$i "$ks" search --json --model "replay:$dir/norms.ksearch" norms.cu "${flags[@]}" >replay$i.json 2>replay$i.txt
    record replay$i.json >replay$i.record
done
ok 'a replay finds a winner' grep -q '"structure" : "model:' replay1.record
ok 'two replays find the same' cmp replay1.record replay2.record
if command -v zstd >/dev/null; then
    is 'of the tree it has the last state alone' "$(zstd -dcq norms.ksearch | grep -c '"fact":"world')" 1
else
    skip 'of the tree it has the last state alone' 'zstd is not installed'
fi
is 'a recording is read once' "$(grep -c 'recording .* is read' replay1.txt)" 1
is 'no model was asked' "$(wc -l <calls)" "$calls"
winner() {
    perl -MJSON::PP -0777 -e 'print JSON::PP->new->canonical->encode([map {[@$_{"structure", "values"}]} @{decode_json(<>)->[0]{record}{winners}}])' "$1"
}
is 'and the same as the search that was recorded' "$(winner replay1.json)" "$(winner live.json)"
sed 's/sum = 0/sum = 1/' norms.cu >other.cu
"$ks" search --model "replay:$dir/norms.ksearch" other.cu "${flags[@]}" 2>other.txt
like 'a recording of other code is refused' "$(cat other.txt)" 'is a search of other code'

# ---- a whole project
mkdir project
cat >project/compile_commands.json <<J_
[{"directory": "$dir", "file": "norms.cu", "command": "$ks nvcc -arch=sm_90 -std=c++17 -c norms.cu -o norms.o"},
 {"directory": "$dir", "file": "main.cpp", "command": "g++ -c main.cpp"},
 {"directory": "$dir", "file": "$dir/none.cu", "arguments": ["nvcc", "-c", "none.cu"]}]
J_
echo '__global__ void k() {}' >none.cu
KSEARCH_CACHE_DIR=$dir/project/cache "$ks" search --model "replay:$dir/norms.ksearch" -p project/compile_commands.json 2>project.txt
is 'the compiles of a project are searched' "$?" 0
is 'those with annotations' "$(grep -c 'as fast' project.txt)" 1
"$ks" search -p project/none.json 2>project.txt
like 'a list that is not there is an error' "$? $(cat project.txt)" '^1 .*none.json'
"$ks" search 2>usage.txt
like 'search wants files' "$? $(cat usage.txt)" '^100 .*search what'
"$ks" search --budget soon norms.cu 2>usage.txt
like 'a budget is a time' "$? $(cat usage.txt)" "^100 .*not 'soon'"
"$ks" search --model gpt norms.cu 2>usage.txt
like 'a model has a provider' "$? $(cat usage.txt)" '^100 .*gpt'

# ---- killed at random instants, again and again
kills=${KILLS:-100}
killed=0 ended=0 searches=0
# a search that is not killed takes so long, in milliseconds; an instant is drawn from a third more
start=${EPOCHREALTIME/./}
KSEARCH_CACHE_DIR=$dir/replay3 "$ks" search --json --model "replay:$dir/norms.ksearch" norms.cu "${flags[@]}" >/dev/null 2>&1
span=$(((${EPOCHREALTIME/./} - start) / 750))
: >kept
RANDOM=${SEED:-7}
while [ $killed -lt "$kills" ]; do
    rm -rf "$dir/killed"
    for ((round = 0; round < 500; round++)); do
        KSEARCH_DEBUG=1 KSEARCH_CACHE_DIR=$dir/killed "$ks" search --json --model "replay:$dir/norms.ksearch" norms.cu "${flags[@]}" \
            >killed.json 2>killed.txt &
        pid=$!
        instant=$((RANDOM % span))
        sleep "$((instant / 1000)).$(printf %03d $((instant % 1000)))"
        { kill -9 $pid && wait $pid; } 2>/dev/null || wait $pid
        status=$?
        grep -o 'kept: .*' killed.txt >>kept
        [ $status = 137 ] || break
        killed=$((killed + 1))
    done
    # a search that was killed behind its record finds it on file: then it is in the cache
    record killed.json >killed.record
    if cmp -s killed.record replay1.record; then
        ended=$((ended + 1))
    else
        echo "# ended otherwise after $killed kills"
        echo "# status $status"
        tail -n 30 killed.txt | sed 's/^/# /'
        head -n 20 killed.record | sed 's/^/# /'
    fi
    searches=$((searches + 1))
    grep -v 'kept: world$' kept | sort | uniq -d >twice # the tree as it is now takes the place of what it was
    [ ! -s twice ] || { echo "# in $(echo "$dir"/killed/runs/*)" && break; }
    : >kept
done
echo "# $killed kills over $searches searches"
is 'killed searches end as the others did' "$ended" "$searches"
is 'nothing was taken twice' "$(head -3 twice)" ''

# ---- stepped, with a mailbox
export KSEARCH_CACHE_DIR=$dir/boxed
step() {
    KSEARCH_WORKER=$worker "$ks" search --json --budget 90s --model "mailbox:$dir/box" --step norms.cu "${flags[@]}" >step.json 2>step.txt
    status=$?
}
step
is 'a step ends where replies have to be written' "$status" 106
like 'and says so' "$(cat step.txt)" 'it waits for replies'
is 'the first prompt asks for ideas' "$(ls box)" 0000-ideas.prompt.md
like 'the run can be seen' "$("$ks" report)" 'norms .* stopped'
: >calls
for ((steps = 1; steps < 40 && status == 106; steps++)); do
    for prompt in box/*.prompt.md; do
        reply=${prompt%.prompt.md}.reply.md
        [ -e "$reply" ] || { ./model.sh <"$prompt" >"$reply.new" && mv "$reply.new" "$reply"; }
    done
    step
done
is 'in the end it is done' "$status" 0
ok 'with a winner' grep -q '"structure": "model:' step.json
is 'each prompt was answered once' "$(ls box/*.reply.md | wc -l)" "$(wc -l <calls)"
is 'none was answered in vain' "$(ls box/*.prompt.md | wc -l)" "$(ls box/*.reply.md | wc -l)"
is 'there is one run of it' "$(ls boxed/runs | wc -l)" 1

# ---- told to come to its end
export KSEARCH_CACHE_DIR=$dir/finished
finished() { # WHAT: a search that was told so is over, with what it had
    is "$1: it ends well" "$2" 0
    like "$1: with a verdict" "$(cat finish.txt)" 'norms: (model:|original: no proven gain)'
    like "$1: and says why" "$("$ks" report norms)" 'ended +it was told to come to its end'
    rm -rf finished
}
# its first prompts are answered, the others never: a model that is asked for long
# (what a script starts behind its back ignores SIGINT)
KSEARCH_WORKER=$worker perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' \
    "$ks" search --budget 60s --model "exec:$dir/model.sh; sleep 100" norms.cu "${flags[@]}" >finish.txt 2>&1 &
pid=$!
for ((i = 0; i < 100; i++)); do
    grep -q searching finish.txt && break
    sleep 0.1
done
sleep 1
kill -INT $pid
wait $pid
finished 'Ctrl-C' $?
rm -rf box
KSEARCH_WORKER=$worker "$ks" search --budget 90s --model "mailbox:$dir/box" --finish norms.cu "${flags[@]}" >finish.txt 2>&1
finished '--finish' $?

# ---- what goes wrong
export KSEARCH_CACHE_DIR=$dir/wrong
KSEARCH_WORKER=$worker "$ks" search --budget 30s --model 'exec:exit 3' norms.cu "${flags[@]}" >/dev/null 2>wrong.txt
is 'a model that fails is not the end' "$?" 0
like 'there is nothing else to try then' "$(cat wrong.txt)" 'norms: original: no proven gain'
export KSEARCH_CACHE_DIR=$dir/bare
KSEARCH_WORKER=$worker "$ks" nvcc -arch=sm_90 -std=c++17 -c norms.cu -o bare.o 2>bare.txt
is 'a build without model and knobs goes on' "$?" 0
like 'and says why there was no search' "$(cat bare.txt)" 'has nothing to search'
export KSEARCH_CACHE_DIR=$dir/nobwrap
mkdir path && for p in bash sh env nice cat sed grep tr head uname dirname basename; do ln -sf "$(command -v $p)" path/; done
PATH=$dir/path KSEARCH_WORKER=$worker "$ks" search --budget 30s --model "exec:$dir/model.sh" norms.cu -- -ccbin "$(command -v g++)" -arch=sm_90 \
    >/dev/null 2>nobwrap.txt
like 'without a sandbox no model is asked' "$(cat nobwrap.txt)" 'no model is asked'

# ---- knobs that come to the same machine code
cat >four.cu <<'C'
#pragma ksearch in(x[n][4]) out(y[n]) workload(n = 65536) launch(grid = cdiv(n, 128), block = 128)
__global__ void four(float *y, const float *x, int n)
{
    int i = blockIdx.x * 128 + threadIdx.x;
    float s = 0;
    if (i >= n)
        return;
    for (int k = 0; k < 4; k++)
        s += x[4 * i + k];
    y[i] = s;
}
C
export KSEARCH_CACHE_DIR=$dir/twins
KSEARCH_KNOBS=1 KSEARCH_WORKER=$worker "$ks" search --budget 60s four.cu -- -arch=sm_90 >/dev/null 2>four.txt
like 'the same machine code is not measured twice' "$(cat four.txt)" '[1-9][0-9]* of [0-9]+ variants are the machine code of another one'
twins=$("$ks" report --json four | perl -MJSON::PP -0777 -e '
    my @all = @{decode_json(<>)->{trials}};
    my %of = map { $_->{variant} => $_ } @all;
    my @same = grep { $_->{same} } @all;
    my @differ = grep { $_->{score} != $of{$_->{same}}{score} || $_->{seconds} } @same;
    print @same > 0 && @same < @all && !@differ ? "yes" : "no"')
is 'what was found of it is said of both' "$twins" yes
finish
