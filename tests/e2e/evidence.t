#!/bin/bash
# What a search makes of counters and instructions: models are told of each kernel, the best is looked at closely, and a search of
# code that computes ends where arithmetic is full. Without GPU: tests/fake/worker invents times and counters.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
ks=$KSEARCH_BIN/ksnvcc
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_JOBS=2
unset CI KSEARCH_LOCK KSEARCH_GPU KSEARCH_WORKER KSEARCH_MODEL KSEARCH_PLANNER
cp "$here"/search/norms.cu "$here"/compile/scale.cu "$here"/compile/factor.h "$dir"
cd "$dir" || exit 1
flags=(-- -arch=sm_90 -std=c++17)

# a disassembler that finds three instructions in every kernel
mkdir bin
cat >bin/nvdisasm <<'S_'
#!/bin/sh
strings "$2" | sed -n 's/^\.text\.\(_Z.*\)/\1/p' | sort -u | while read -r symbol; do
    printf '\t.section\t.text.%s,"ax",@progbits\n' "$symbol"
    printf '        /*0000*/                   LDG.E.128 R4, [R2.64] ;\n'
    printf '        /*0010*/                   FFMA R2, R2, R3, R4 ;\n'
    printf '        /*0020*/                   EXIT ;\n'
done
S_
chmod +x bin/nvdisasm

symbol=$(nvcc -arch=sm_90 -std=c++17 -cubin -o norms.cubin norms.cu && strings norms.cubin | sed -n 's/^\.text\.\(_Z.*norms_kernel.*\)/\1/p' | head -1)
one='"gpu__time_duration.sum":100000,"smsp__issue_active.avg.pct_of_peak_sustained_active":12'
two="$one,\"lts__t_sectors.avg.pct_of_peak_sustained_elapsed\":9"
fake() { # KERNEL TIER1 TIER2 TIER3: the worker's command
    echo "$KSEARCH_BUILD/tests/fake/worker {\"base_us\":100,\"kernel\":\"$1\",\"counted\":{\"1\":{$2},\"2\":{$3},\"3\":{$4}}}"
}
ask() { # what a model is asked first, into prompt
    rm -rf box cache
    "$@" "$ks" search --budget 60s --model "mailbox:$dir/box" --step norms.cu "${flags[@]}" >step.txt 2>&1
    prompt=$(cat box/*ideas.prompt.md)
}

ask env PATH="$dir/bin:$PATH" KSEARCH_WORKER="$(fake "$symbol" "$one" "$two" "$one")"
like 'a model is told of each kernel' "$prompt" '^- `norms_kernel` on 64 blocks of 128 threads: [0-9]+ registers a thread, 0 bytes of shared memory a block, no spills'
like 'with its occupancy' "$prompt" 'at most 16 blocks a multiprocessor \(64 of 64 warps\)'
like 'and its instructions' "$prompt" 'instructions .*: LDG 128-bit 1, FFMA/FADD/FMUL 1; 3 in all'
like 'the best so far is looked at closely' "$prompt" 'L2 bandwidth used: 9 %'
like 'which tells why its latency is not hidden' "$prompt" 'limited by: latency'
like 'and of what may be used that sm_90 has not' "$prompt" '^NVIDIA .*; what needs the target sm_90a may be used'
"$ks" report --export norms.ksearch norms >/dev/null
first=$prompt

# the same journal goes on without the tools, and tells the same
KSEARCH_WORKER="$(fake "$symbol" "$one" "$two" "$one")" "$ks" search --budget 60s --model "mailbox:$dir/box" --step norms.cu "${flags[@]}" >step.txt 2>&1
is 'a search that goes on asks the same' "$(cat box/*ideas.prompt.md)" "$first"
is 'once' "$(ls box)" 0000-ideas.prompt.md

ask env KSEARCH_WORKER="$(fake "$symbol" "$one" "$two" "$one")"
like 'without a disassembler the rest is told' "$prompt" '`norms_kernel` on 64 blocks'
unlike 'and no instructions' "$prompt" 'instructions \(of the text'
ask env KSEARCH_ARCH_SPECIFIC=0 KSEARCH_WORKER="$KSEARCH_BUILD/tests/fake/worker {\"base_us\":100}"
unlike 'nothing that may not be used is offered' "$prompt" 'sm_90a may'
like 'without counters what the compiler says' "$prompt" '`norms_kernel`: [0-9]+ registers a thread'
unlike 'and no counters' "$prompt" 'issue slots'

# ---- where arithmetic is full: declared tunables are tried all the same, and then no knobs
busy='"gpu__time_duration.sum":100000,"smsp__issue_active.avg.pct_of_peak_sustained_active":97,"sm__cycles_active.avg.pct_of_peak_sustained_elapsed":99'
full="$busy,\"sm__pipe_fma_cycles_active.avg.pct_of_peak_sustained_active\":95"
half="$busy,\"sm__pipe_fma_cycles_active.avg.pct_of_peak_sustained_active\":55"
search() { # TIER1 TIER3: how it ended, into $ended
    rm -rf cache
    KSEARCH_KNOBS=1 KSEARCH_DEBUG=1 KSEARCH_WORKER=$(fake k "$1" "$1" "$2") "$ks" search --budget 60s --evals 6 scale.cu "${flags[@]}" >search.txt 2>&1
    ended=$("$ks" report scale | sed -n 's/^ *ended *//p')
}
search "$busy" "$full"
is 'a search ends where arithmetic is full' "$ended" 'the best is within a tenth of what memory and arithmetic allow'
search "$busy" "$half"
unlike 'and not where it is not' "$ended" 'arithmetic'
search "$one" "$full"
unlike 'nor of code that does not compute' "$ended" 'arithmetic'
unlike 'which is not counted for that' "$(cat search.txt)" 'kept: profile/.*/full'
finish
