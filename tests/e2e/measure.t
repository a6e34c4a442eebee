#!/bin/bash
# profile and bench without a GPU: the worker replays a recording, in which times, counters and ceilings are invented. What is tested
# is what the engine makes of them, and what it says where something cannot be had.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/recording.sh"
here=$(cd "$(dirname "$0")" && pwd)
ks=$KSEARCH_BIN/ksnvcc
worker=$KSEARCH_BUILD/libexec/ksearch/ksearch-worker
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_JOBS=2
unset CI KSEARCH_MODE KSEARCH_LOCK KSEARCH_GPU KSEARCH_WORKER
cp "$here"/compile/*.cu "$here"/compile/*.h "$dir"
cd "$dir" || exit 1

json() { # FILE EXPRESSION: of the first entry, as $e
    perl -MJSON::PP -e 'open my $f, "<", $ARGV[0]; local $/; my $e = decode_json(<$f>)->[0]; print eval($ARGV[1]) // "undefined"' "$1" "$2"
}

# counters of one kernel: 8.4 MB in 8 us, as DRAM has them, and a multiply for each of 2^20 elements
profile_line() { # VARIANT NAME BLOCK NS TIER [METRICS]
    line "{\"op\":\"profile\",\"entry\":\"scale_0\",\"label\":\"n=1048576\",\"variant\":$1,\"tier\":$5}" \
        "{\"ok\":true,\"pass\":true,\"passes\":11,\"kernels\":[{\"name\":\"$2\",\"launches\":1,\"grid\":[$((1048576 / $3)),1,1],\"block\":[$3,1,1],\"smem\":0,\"metrics\":{${6-}}}]}"
}

metrics() { # NS DRAM-PERCENT
    cat <<J_
"gpu__time_duration.sum":$1,"gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed":$2,"dram__bytes_read.sum":4300000,"dram__bytes_write.sum":4100000,
"sm__warps_active.avg.pct_of_peak_sustained_active":82.5,"sm__cycles_active.avg.pct_of_peak_sustained_elapsed":97,
"smsp__sass_thread_inst_executed_op_fmul_pred_on.sum":1048576,"smsp__sass_thread_inst_executed_op_ffma_pred_on.sum":0,
"smsp__sass_thread_inst_executed_op_fadd_pred_on.sum":0,"sm__pipe_fma_cycles_active.avg.pct_of_peak_sustained_active":3.5
J_
}

recording scale.jsonl scale_0 n=1048576 'n=1;n=1000' '[128]' 10 '[64]' 12 '[256]' 8
line '{"op":"peaks"}' '{"ok":true,"ops":{"f32":6e13,"f64":3e13,"f16":7.9e14,"bf16":7.8e14}}' >>scale.jsonl
cp scale.jsonl bare.jsonl
profile_line '"original"' _Z5scalePKfPfi 128 9500 3 "$(metrics 9500 71 | tr -d '\n')" >>scale.jsonl
profile_line '"original"' _Z5scalePKfPfi 128 9500 1 "$(metrics 9500 71 | tr -d '\n')" >>scale.jsonl
profile_line '[256]' _Z10scale__ks0PKfPfi 256 7600 3 "$(metrics 7600 91 | tr -d '\n')" >>scale.jsonl
profile_line '[256]' _Z10scale__ks0PKfPfi 256 7600 1 "$(metrics 7600 91 | tr -d '\n')" >>scale.jsonl

with() { # RECORDING COMMAND...
    local recording=$1
    shift
    KSEARCH_WORKER="$worker --replay $dir/$recording" "$@"
}

# ---- nothing on file: the original alone
with scale.jsonl "$ks" bench scale.cu -- -arch=sm_90 >alone.txt 2>&1
is 'bench times the original alone' "$?" 0
like 'and says that nothing is on file' "$(cat alone.txt)" 'scale on NVIDIA H200; on file: nothing'
like 'with the noise' "$(cat alone.txt)" 'the original again +10\.00 .* 1\.0000 \[1\.0000, 1\.0000\]'
like 'how it was measured' "$(cat alone.txt)" '20 pairs of 40 launches a sample over 40 sets of inputs, in a graph; SM at 1980 MHz'
like 'its floor' "$(cat alone.txt)" 'floor 2\.00 us'

# ---- a winner on file
with scale.jsonl "$ks" nvcc -arch=sm_90 -c scale.cu -o scale.o 2>search.txt
like 'a search finds a winner' "$(cat search.txt)" 'BLOCK=256 is 1\.25x as fast'
with scale.jsonl "$ks" bench scale.cu -- -arch=sm_90 >bench.txt 2>&1
is 'bench measures it' "$?" 0
like 'against the original' "$(cat bench.txt)" 'BLOCK=256 +8\.00 .* 1\.2500 \[1\.2500, 1\.2500\]'
like 'and it is what was searched' "$(cat bench.txt)" 'on file: cache'
unlike 'with the same machine code' "$(cat bench.txt)" 'machine code'
with scale.jsonl "$ks" bench --json --samples 12 scale.cu -- -arch=sm_90 >bench.json
is '--samples says how many pairs' "$(json bench.json 'scalar @{$e->{workloads}[0]{winners}[0]{samples_us}}')" 12
is '--json has the samples of both' "$(json bench.json 'scalar @{$e->{workloads}[0]{winners}[0]{original}{samples_us}}')" 12
is 'and the clocks' "$(json bench.json '$e->{workloads}[0]{original}{samples_mhz}[11]')" 1980
is 'and the ratio' "$(json bench.json 'sprintf "%.2f", $e->{workloads}[0]{winners}[0]{ratio}')" 1.25
with scale.jsonl "$ks" bench --samples none scale.cu >usage.txt 2>&1
like 'a number of pairs is a number' "$? $(cat usage.txt)" "^100 .*not 'none'"
with scale.jsonl "$ks" bench --entry other scale.cu -- -arch=sm_90 >other.txt 2>&1
like 'an entry that is not there is an error' "$? $(cat other.txt)" "^1 .*no entry 'other': there are scale$"
for space in a b; do
    printf 'namespace %s {\n' $space
    cat <<C_
#pragma ksearch inout(x[n]) launch(grid = 1, block = 32) workload(n = 32) name(scale_$space)
__global__ void scale(float *x, int n)
{
    x[threadIdx.x] *= 2;
}
}
C_
done >two.cu
with scale.jsonl "$ks" bench --entry scale two.cu -- -arch=sm_90 >two.txt 2>&1
like 'entries that end alike are listed' "$? $(tail -n 1 two.txt)" "^1 .*'scale' is not one entry: there are a::scale_a, b::scale_b$"

# ---- what the record kept
samples() {
    "$ks" cache --json show "$("$ks" cache ls | sed -n 's/^\([0-9a-f]\{8,\}\).*/\1/p' | head -1)"
}
like 'the record has the clocks of its samples' "$(samples)" '"winner_mhz"'

# ---- profile
mkdir bin
cat >bin/nvdisasm <<'S_'
#!/bin/sh
cat <<'T_'
	.section	.text._Z5scalePKfPfi,"ax",@progbits
        /*0000*/                   LDG.E R2, [R2.64] ;
        /*0010*/                   FMUL R2, R2, 2 ;
        /*0020*/                   STG.E [R4.64], R2 ;
        /*0030*/                   EXIT ;
T_
S_
chmod +x bin/nvdisasm
PATH=$dir/bin:$PATH with scale.jsonl "$ks" profile --entry scale scale.cu -- -arch=sm_90 >profile.txt 2>&1
is 'profile' "$?" 0
text=$(cat profile.txt)
like 'what the card can do' "$text" 'NVIDIA H200: copies 4\.19 TB/s, f32 60 Top/s, f64 30 Top/s'
like 'the time' "$text" 'time +10\.00 us \(quartiles 9\.99 to 10\.01\); SM 1980 MHz; 40 a sample, 40 sets, in a graph'
like 'declared bytes' "$text" 'declared +8\.39 MB at 839 GB/s, 20 % of a copy; at the least 2\.00 us'
like 'counted bytes' "$text" 'DRAM +8\.4 MB at 840 GB/s, 20 % of a copy'
like 'operations' "$text" 'f32 1\.05 Mop: 105 Gop/s; at the least 0\.02 us'
like 'gaps' "$text" '9\.50 us counted; the other 0\.50 us are gaps'
like 'what limits it' "$text" 'memory-bound: DRAM is 71 % busy'
words=$(tr -s '\n ' '  ' <profile.txt)
like 'geometry' "$words" '`scale` on 8192 blocks of 128 threads: [0-9]+ registers a thread, 0 bytes of shared memory a block, no spills'
like 'occupancy' "$words" '16 blocks a multiprocessor \(64 of 64 warps\), limited by'
like 'of the winner too' "$words" '`scale` on 4096 blocks of 256 threads: [0-9]+ registers a thread'
unlike 'operations are added up' "$text" 'smsp__'
like 'instructions' "$text" 'LDG 32-bit 1, STG 32-bit 1'
like 'counters, with what they mean' "$text" 'warps resident, of those possible: 82\.5 %: plenty'
like 'the winner as well' "$text" 'n=1048576: BLOCK=256'
like 'a roofline' "$text" '/[/ab]*-+ f16, bf16'
like 'with its points' "$text" 'b  n=1048576: BLOCK=256: 131 Gop/s at 0\.125 a byte'
ok 'no line is longer than the terminal' sh -c '! grep -E "^.{101}" profile.txt'
with scale.jsonl "$ks" profile --json scale.cu -- -arch=sm_90 >profile.json
is '--json has the same' "$(json profile.json '$e->{workloads}[0]{codes}[0]{limit}')" memory
is 'and every counter' "$(json profile.json '$e->{workloads}[0]{codes}[1]{kernels}[0]{metrics}{"dram__bytes_read.sum"}')" 4300000
like 'the ceilings are remembered' "$(cat cache/ceilings.json)" '"NVIDIA H200/9\.0/132/.*/13000"'

# ---- what cannot be had is said, and the rest is shown
with bare.jsonl "$ks" profile scale.cu -- -arch=sm_90 >bare.txt 2>&1
is 'without counters and tools profile goes on' "$?" 0
like 'it says that there are no counters' "$(cat bare.txt)" 'no counters: not in the recording: profile'
like 'nor instructions' "$(cat bare.txt)" 'no instructions: there is neither nvdisasm nor cuobjdump'
like 'the time is there' "$(cat bare.txt)" 'time +10\.00 us'
unlike 'and no roofline' "$(cat bare.txt)" 'operations a byte'
"$ks" profile scale.cu -- -arch=sm_90 >none.txt 2>&1
like 'without a GPU the status says so' "$? $(cat none.txt)" '^107 .*profile measures on a GPU: '
with scale.jsonl "$ks" profile >none.txt 2>&1
like 'profile wants a file' "$? $(cat none.txt)" '^100 .*profile what'
echo '__global__ void k() {}' >plain.cu
with scale.jsonl "$ks" profile plain.cu -- -arch=sm_90 >none.txt 2>&1
like 'a file without annotations' "$? $(cat none.txt)" '^0 .*nothing is annotated'
finish
