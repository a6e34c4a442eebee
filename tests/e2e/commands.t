#!/bin/bash
# The commands that look only: explain of objects, cache, lock, doctor, help. Objects with notes are
# made by the host compiler, records by hand.
. "$(dirname "$0")/../tap.sh"

ksnvcc=${KSEARCH_BIN:?the folder of ksnvcc}/ksnvcc
fill=${KSEARCH_BUILD:?the build folder}/tests/store_fill
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CUDACXX|CI$)'); do unset "$v"; done
export KSEARCH_CACHE_DIR=$dir/cache HOME=$dir
cd "$dir" || exit 1

run() {
    said=$("$@" 2>&1 </dev/null)
    status=$?
}
json_ok() { # NAME: what was said is one JSON text
    printf '%s' "$said" >said.json
    ok "$1" perl -MJSON::PP -0777 -e 'decode_json(<>)' said.json
}

# ---- explain of objects
note() { # FILE ENTRY VALUE [WHEN]
    local note="{\\\"entry\\\":\\\"$2\\\",\\\"file\\\":\\\"k.cu\\\",\\\"winner\\\":{\\\"BM\\\":$3,\\\"TN\\\":-8},"
    note+="\\\"speedup\\\":1.25,\\\"low\\\":1.2,\\\"high\\\":1.3,\\\"gpu\\\":\\\"NVIDIA H200/9.0/132/143GB\\\","
    note+="\\\"toolkit\\\":\\\"13.0.88\\\",\\\"measured\\\":\\\"2026-11-22T12:00:00Z\\\",\\\"key\\\":\\\"00ff\\\"${4-}}"
    echo "__attribute__((used, section(\".ksearch\"))) static const char n_$1[] = \"$note\";" >"$1.c"
    cc -c -o "$1.o" "$1.c"
}
note one 'blas::gemm<T=float>' 64
note two rmsnorm 512
note few softmax 1024 ',\"when\":{\"param\":\"rows\",\"low\":1,\"high\":16}'
note many softmax 512 ',\"when\":{\"param\":\"rows\",\"low\":8192,\"high\":8192}'
echo 'int main(void) { return 0; }' >main.c
cc -c -o main.o main.c && cc -o program main.o one.o two.o && ar rcs libboth.a main.o one.o two.o
cc -shared -o libtwo.so two.o

run "$ksnvcc" explain one.o
is 'an object: status' "$status" 0
like 'entry and file' "$said" 'blas::gemm<T=float> \(k\.cu\)'
like 'the values' "$said" 'BM=64, TN=-8'
like 'the speed-up with its interval' "$said" '1\.250 \(99 %: 1\.200 to 1\.300\)'
like 'the GPU' "$said" 'NVIDIA H200/9\.0/132/143GB'
like 'the key' "$said" '00ff'
unlike 'and no size, as it holds for all' "$said" ' for '
run "$ksnvcc" explain few.o many.o
like 'a winner for some sizes' "$said" 'BM=1024, TN=-8 for rows 1\.\.16$'
like 'and one for a single size' "$said" 'BM=512, TN=-8 for rows 8192$'
run "$ksnvcc" explain program
like 'a program: all of them' "$said" '^program: 2 winners'
like 'the second as well' "$said" 'BM=512'
run "$ksnvcc" explain libboth.a
like 'a static library' "$said" '^libboth.a: 2 winners'
run "$ksnvcc" explain libtwo.so
like 'a shared object' "$said" '^libtwo.so: 1 winner$'
run "$ksnvcc" explain main.o one.o
like 'an object without a winner says so' "$said" '^main.o: no winner in it'
run "$ksnvcc" explain --json one.o two.o
json_ok '--json'
is 'with both objects' "$(grep -c '"object"' <<<"$said")" 2

echo '__attribute__((used, section(".ksearch"))) static const char n[] = "{broken";' >bad.c
cc -c -o bad.o bad.c
run "$ksnvcc" explain bad.o
like 'a note that is no JSON is shown as such' "$said" 'a note that cannot be read'
head -c 200 one.o >short.o
run "$ksnvcc" explain short.o
is 'a truncated object' "$status" 1
like 'is named' "$said" 'short\.o: not a whole ELF file'
head -c 300 libboth.a >short.a
run "$ksnvcc" explain short.a
is 'a truncated library' "$status" 1
run "$ksnvcc" explain missing.o
is 'a missing file' "$status $said" '1 ksnvcc: error: cannot read missing.o: No such file or directory'
run "$ksnvcc" explain one.o main.c
is 'objects and sources together' "$status" 100
run "$ksnvcc" explain
is 'explain alone' "$status" 100

# ---- records
hex() { # DIGITS: 64 of them
    printf "%s%0$((64 - ${#1}))d" "$1" 0
}
winner() { # VALUE [WHEN]
    echo "{${2-}\"values\": {\"BM\": $1}, \"code\": \"$(hex 6)\"}"
}
when() { # PARAM LOW HIGH
    echo "\"when\": {\"param\": \"$1\", \"low\": $2, \"high\": $3}, "
}
record() { # KEY ENTRY WINNERS
    cat <<J
{"entry": "$2", "gpu": "NVIDIA H200/9.0/132/143GB", "key": "$(hex "$1")",
 "parts": {"region": "$(hex 1)", "clauses": "$(hex 2)", "context": "$(hex 3)", "flags": "$(hex 4)",
           "toolkit": "$(hex 5)"},
 "file": "k.cu", "cc": "9.0", "winners": [$3], "ratio": 1.5, "low": 1.4,
 "high": 1.6, "noise": 0.002,
 "workloads": [{"label": "n=1048576", "weight": 2, "original_us": 30.5, "winner_us": 20.25,
                "ratio": 1.5, "low": 1.4, "high": 1.6, "floor_us": 12.5}],
 "space": 96, "trials": 40, "interrupted": false, "seconds": 12.5,
 "gpu_uuid": "GPU-1", "driver": 13000, "toolkit": "13.0.88", "created": "2026-11-22T12:00:00Z",
 "version": "0.1.0"}
J
}

run "$ksnvcc" cache ls
is 'no cache yet: nothing in it, and none is made' "$status $said $(ls -d cache 2>/dev/null)" \
    "0 $dir/cache holds no records "
run "$ksnvcc" cache stats
like 'stats of no cache' "$said" 'records +0 '
sizes="$(winner 64 "$(when rows 1 16)"), $(winner 32 "$(when rows 8192 8192)")"
{
    echo "{\"ksearch\": 1, \"records\": [$(record aa11 alpha "$(winner 128)"), "
    echo "$(record aa22 beta ''), $(record cc33 gamma "$sizes")]}"
} >ksearch.lock
ok 'records go into the cache' "$fill" ksearch.lock

run "$ksnvcc" cache ls
is 'ls: status' "$status" 0
is 'a line a record' "$(wc -l <<<"$said")" 3
like 'a winner: key, entry, speed-up, values' "$said" '^aa1100000000 +alpha +1\.500x \(1\.400 to 1\.600\) .*BM=128$'
like 'no proven gain' "$said" '^aa2200000000 +beta +no proven gain'
like 'winners for sizes' "$said" '^cc3300000000 +gamma .*  BM=64 for rows 1\.\.16; BM=32 for rows 8192$'
run "$ksnvcc" cache ls --json
json_ok 'ls --json'
run "$ksnvcc" cache show aa1
like 'show: the whole key' "$said" "^$(hex aa11)\$"
like 'workloads with times' "$said" 'n=1048576 +2 +30\.50 +20\.25 +1\.500'
unlike 'and no other record' "$said" beta
run "$ksnvcc" cache show AA2
like 'a prefix in capitals' "$said" beta
run "$ksnvcc" cache show --json aa11
json_ok 'show --json'
like 'has the parts of the key' "$said" '"clauses"'
run "$ksnvcc" cache show cc
like 'show: the winners with their sizes' "$said" '^  winners +BM=64 for rows 1\.\.16; BM=32 for rows 8192$'
run "$ksnvcc" cache show bb
is 'a key that is not there' "$status" 1
like 'is named' "$said" 'no record in .* has a key that begins with bb'
run "$ksnvcc" cache show xyz
is 'what is no key' "$status" 100
run "$ksnvcc" cache stats
like 'stats' "$said" 'records +3 \(2 with a winner, 0 corrupt\)'
run "$ksnvcc" cache stats --json
json_ok 'stats --json'
run "$ksnvcc" cache
is 'cache alone' "$status" 100
run "$ksnvcc" cache ls more
is 'too many words' "$status" 100
cp -r cache damaged
perl -0777 -pi -e 's/1048576/1048577/g' damaged/data.mdb
KSEARCH_CACHE_DIR=$dir/damaged run "$ksnvcc" cache ls
like 'a corrupt record is listed as such' "$said" '^corrupt: '
head -c 100 /dev/urandom >damaged/data.mdb
KSEARCH_CACHE_DIR=$dir/damaged run "$ksnvcc" cache ls
is 'a database that is none' "$status" 1
like 'is an error that names it' "$said" '^ksnvcc: error: .*damaged'

run "$ksnvcc" lock show
is 'lock show: status' "$status" 0
like 'what the lockfile of the folder holds' "$said" 'alpha'
run "$ksnvcc" lock show --json ksearch.lock
json_ok 'lock show --json'
echo '<<<<<<< ours' >merge.lock
run "$ksnvcc" lock show merge.lock
is 'a lockfile with a merge conflict' "$status" 105
like 'says where' "$said" 'merge\.lock:1: a merge conflict'
run "$ksnvcc" lock show missing.lock
is 'a missing lockfile' "$status" 1

# ---- doctor
run "$ksnvcc" doctor
is 'doctor: builds can work here' "$status" 0
for check in nvcc 'host compiler' worker driver libcuda GPU counters sandbox cache lockfile models mode; do
    like "doctor looks at: $check" "$said" "^(ok|warning) +$check "
done
run "$ksnvcc" doctor --json
json_ok 'doctor --json'
PATH=/usr/bin:/bin CUDA_HOME=$dir CUDA_PATH='' run "$ksnvcc" doctor
is 'without nvcc: status' "$status" 1
like 'and how to get it' "$said" 'install the CUDA toolkit'
CI=true run "$ksnvcc" doctor
like 'the mode with CI set' "$said" 'mode +cached \(CI is set\)'
KSEARCH_MODE=require run "$ksnvcc" doctor
like 'the mode that is asked for' "$said" 'mode +require \(KSEARCH_MODE\)'
KSEARCH_MODE=fast run "$ksnvcc" doctor
like 'a mode that there is not' "$said" '^warning +mode +KSEARCH_MODE=fast'
KSEARCH_LOCK=$dir/merge.lock run "$ksnvcc" doctor
is 'a lockfile that cannot be read is bad' "$status" 1
KSEARCH_CACHE_DIR=$dir/damaged run "$ksnvcc" doctor
like 'a cache that cannot be read is a warning' "$said" '^warning +cache'
like 'no model is named' "$said" '^ok +models +none: KSEARCH_MODEL is not set'
unset OPENAI_API_KEY ANTHROPIC_API_KEY
KSEARCH_MODEL=openai:gpt-5 run "$ksnvcc" doctor
like 'a model without a key' "$said" '^ok +models +openai:gpt-5, key set: no'
KSEARCH_MODEL=openai:gpt-5 KSEARCH_PLANNER=exec:plan OPENAI_API_KEY=sk-0123456789 run "$ksnvcc" doctor
like 'two models, and a key' "$said" '^ok +models +exec:plan and openai:gpt-5, key set: yes'
unlike 'the key is not shown' "$said" '0123'
KSEARCH_MODEL=opnai:gpt-5 run "$ksnvcc" doctor
like 'a provider that there is not' "$said" '^warning +models +opnai:gpt-5: a model is openai:MODEL'
KSEARCH_MODEL=openai:own KSEARCH_MONEY=1 run "$ksnvcc" doctor
like 'a limit on money without a price' "$said" '^warning +models +openai:own.*no price is known'
KSEARCH_MODEL=mailbox:$dir/box run "$ksnvcc" doctor
is 'doctor makes no mailbox' "$(ls -d "$dir/box" 2>/dev/null)" ''
mkdir -p "$dir/nocurl"
echo no library | tee "$dir/nocurl/libcurl.so.4" >"$dir/nocurl/libcurl-gnutls.so.4"
LD_LIBRARY_PATH=$dir/nocurl KSEARCH_MODEL=openai:gpt-5 run "$ksnvcc" doctor
like 'no libcurl' "$said" '^warning +models +there is no libcurl.so.4'
LD_LIBRARY_PATH=$dir/nocurl KSEARCH_MODEL=exec:true run "$ksnvcc" doctor
like 'a command needs none' "$said" '^ok +models +exec:true'
KSEARCH_SANDBOX=none run "$ksnvcc" doctor
like 'no sandbox by the word of the user is a warning' "$said" '^warning +sandbox +none: KSEARCH_SANDBOX'
KSEARCH_SANDBOX=some run "$ksnvcc" doctor
like 'a sandbox that there is not' "$said" '^warning +sandbox +KSEARCH_SANDBOX=some'
mkdir "$dir/env" && ln -s "$(command -v env)" "$dir/env"
PATH=$dir/env run "$ksnvcc" doctor
like 'without bwrap' "$said" '^warning +sandbox +.*there is no bwrap in PATH'
run "$ksnvcc" doctor now
is 'doctor takes no words' "$status" 100

# ---- help and hints
for command in explain diff search cache lock report doctor help version; do
    run "$ksnvcc" help "$command"
    like "help $command" "$status $said" "^0 usage: ksnvcc $command"
done
run "$ksnvcc" cache --help
like '--help of a command' "$said" '^usage: ksnvcc cache'
run "$ksnvcc" cache --help --json
json_ok 'its --json'
run "$ksnvcc" --help --json
json_ok '--help --json'
run "$ksnvcc" --version --json
json_ok '--version --json'
run "$ksnvcc" help doctro
like 'a hint for a mistyped command' "$status $said" "^100 .*did you mean 'doctor'"
run "$ksnvcc" cache ls --jsno
like 'a hint for a mistyped option' "$status $said" "^100 .*did you mean '--json'"
run "$ksnvcc" bench
like 'bench wants a file' "$status $said" '^100 .*bench what'
run "$ksnvcc" profile --samples 3 x.cu
like 'profile takes no number of samples' "$status $said" "^100 .*no option '--samples'"

finish
