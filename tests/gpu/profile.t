#!/bin/bash
# profile and bench on a GPU: kernels whose bytes, operations and occupancy are known; where there is ncu, against what it counts; and
# what is left without CUPTI.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
ks=$KSEARCH_BIN/ksnvcc
export KSEARCH_CACHE_DIR=$dir/cache
unset CI KSEARCH_LOCK KSEARCH_WORKER KSEARCH_MODE
cp "$here"/profile/kernels.cu "$dir"
cd "$dir" || exit 1
flags=(-arch=native -std=c++17 -O3)
names=(add row_sums powers product)

value() { # ENTRY EXPRESSION: $w the workload, $c what was measured of the original, $k its kernel, $m its counters
    perl -MJSON::PP -e '
        open my $f, "<", "profile.json"; local $/;
        my ($e) = grep { $_->{entry} eq $ARGV[0] } @{decode_json(<$f>)};
        my $w = $e->{workloads}[0]; my $c = $w->{codes}[0]; my $k = $c->{kernels}[0]; my $m = $k->{metrics};
        print eval($ARGV[1]) // 0' "$1" "$2"
}

within() { # NAME GOT WANTED PERCENT
    ok "$1: $2, $3 +-$4 %" awk -v x="$2" -v y="$3" -v p="$4" 'BEGIN { exit !(y > 0 && x > y * (1 - p / 100) && x < y * (1 + p / 100)) }'
}

"$ks" profile "${flags[@]}" kernels.cu >/dev/null 2>usage.txt
like 'flags go behind --' "$?" '^100$'
"$ks" profile kernels.cu -- "${flags[@]}" >profile.txt 2>&1
is 'profile' "$?" 0
sed 's/^/# /' profile.txt
"$ks" profile --json kernels.cu -- "${flags[@]}" >profile.json
is 'profile --json' "$?" 0
like 'the ceilings are remembered' "$(cat cache/ceilings.json)" '"bandwidth"'
if [ "$(value add 'exists $c->{counted_us} ? 1 : 0')" = 0 ]; then
    skip 'counters' "$(sed -n 's/^ *\(no counters.*\)/\1/p' profile.txt)"
else
    n=$((1 << 25))
    within 'add: DRAM moves what is declared' "$(value add '$c->{dram_bytes}')" $((12 * n)) 5
    within 'add: an operation an element' "$(value add '$c->{ops}{f32}')" $n 1
    is 'add is memory-bound' "$(value add '$c->{limit}')" memory
    within 'add: counted time is the timed one' "$(value add '$c->{counted_us}')" "$(value add '$c->{us}')" 10
    is 'add: geometry' "$(value add '"$k->{grid}[0] x $k->{block}[0]"')" "$((n / 256)) x 256"
    is 'row_sums: shared memory' "$(value row_sums '$k->{static_smem}')" 40000
    is 'row_sums: its shared memory is the limit' "$(value row_sums '$k->{occupancy}{limit}')" 'shared memory'
    ok 'row_sums: no more warps are there than the occupancy allows' awk -v x="$(value row_sums '$m->{"sm__warps_active.avg.pct_of_peak_sustained_active"}')" \
        -v y="$(value row_sums '100 * $k->{occupancy}{warps} / $k->{occupancy}{most}')" 'BEGIN { exit !(x > 0.5 * y && x < 1.02 * y) }'
    within 'powers: operations' "$(value powers '$c->{ops}{f32}')" $(((1 << 24) * (2 * 8 * 512 + 16))) 1
    is 'powers is compute-bound' "$(value powers '$c->{limit}')" compute
    ok 'powers: no faster than the peak' awk -v x="$(value powers '$c->{ops_us}')" -v y="$(value powers '$c->{us}')" 'BEGIN { exit !(x > 0.5 * y && x < 1.02 * y) }'
    within 'product: operations of the tensor cores' "$(value product '$c->{ops}{"tensor bf16"}')" $((2 * 4096 * 4096 * 4096)) 1
    ok 'product: the tensor cores are seen' awk -v x="$(value product '$m->{"sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active"}')" 'BEGIN { exit !(x > 1) }'
    ok 'a roofline is drawn' grep -q 'operations a byte' profile.txt
fi

# ---- against ncu
metrics=gpu__time_duration.sum,dram__bytes_read.sum,dram__bytes_write.sum,sm__warps_active.avg.pct_of_peak_sustained_active
ncu=$(command -v ncu || ls /usr/local/cuda/bin/ncu /opt/nvidia/nsight-compute/*/ncu 2>/dev/null | head -1)
nvcc "${flags[@]}" -DPROGRAM kernels.cu -o program 2>nvcc.txt || sed 's/^/# /' nvcc.txt
if [ -z "$ncu" ] || ! "$ncu" --clock-control none --cache-control none --print-units base --csv --page raw --metrics $metrics ./program >ncu.csv 2>&1; then
    skip 'compared with ncu' "${ncu:-there is no ncu}: $(grep -m1 '==ERROR==' ncu.csv 2>/dev/null)"
else
    counted() { # KERNEL METRIC
        perl -MText::ParseWords -ne 'my @f = parse_line(",", 0, $_); if (!@h && grep { $_ eq "Kernel Name" } @f) { @h = @f; next }
            next unless @h; my %v; @v{@h} = @f; if ($v{"Kernel Name"} =~ /^\Q'"$1"'\E\(/) { ($x = $v{"'"$2"'"}) =~ s/,//g; print $x; exit }' ncu.csv
    }
    # Of what a kernel wrote some stays in the L2 cache, and of what was written before some is left there: up to a quarter of it, as seen on
    # an H200 however much is read to flush it. And product lives on hits in it, which vary from run to run, ncu's too.
    near=$((16 << 20))
    for name in "${names[@]}"; do
        within "$name: time" "$(value "$name" '1000 * $c->{counted_us}')" "$(counted "$name" gpu__time_duration.sum)" 5
        all=$(awk -v r="$(counted "$name" dram__bytes_read.sum)" -v w="$(counted "$name" dram__bytes_write.sum)" 'BEGIN { printf "%.0f", r + w }')
        within "$name: DRAM bytes" "$(value "$name" '$c->{dram_bytes}')" "$all" \
            "$(awk -v near=$near -v all="$all" -v least="$([ "$name" = product ] && echo 25 || echo 5)" 'BEGIN { p = 100 * near / all; print (p > least ? p : least) }')"
        [ "$name" = product ] || within "$name: bytes read" "$(value "$name" '$m->{"dram__bytes_read.sum"}')" "$(counted "$name" dram__bytes_read.sum)" 5
        within "$name: occupancy" "$(value "$name" '$m->{"sm__warps_active.avg.pct_of_peak_sustained_active"}')" \
            "$(counted "$name" sm__warps_active.avg.pct_of_peak_sustained_active)" 5
    done
fi

# ---- bench
"$ks" bench --entry add kernels.cu -- "${flags[@]}" >bench.txt 2>&1
is 'bench' "$?" 0
sed 's/^/# /' bench.txt
like 'bench: the original against itself' "$(cat bench.txt)" 'the original again .* (0\.9[89]|1\.0[01])[0-9]* \['
like 'bench: in a graph, with clocks' "$(cat bench.txt)" 'in a graph; SM at [0-9]{3,4} MHz'

# ---- without counters
KSEARCH_CUPTI=/nonexistent/libcupti.so "$ks" profile --entry add kernels.cu -- "${flags[@]}" >bare.txt 2>&1
is 'without CUPTI profile goes on' "$?" 0
like 'and says what is missing' "$(tr -s '\n ' '  ' <bare.txt)" 'no counters: counters need libcupti'
like 'the time is there' "$(cat bare.txt)" 'time +[0-9.]+ us'
like 'and what limits it' "$(cat bare.txt)" 'memory-bound: moving the bytes'
finish
