#!/bin/bash
# What `ksnvcc bench` says of the samples' originals, beside nvbench's method on the same kernels (tests/bench/cold.cu), in turns, ROUNDS (2)
# of both: the median over the rounds of each, and the ratio. Needs a GPU; COLD=folder takes the program that was built there before.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
built=${COLD:-$(mktemp -d)}
[ -n "${COLD:-}" ] || trap 'rm -rf "$built"' EXIT
nvcc=${CUDA_HOME:-/usr/local/cuda}/bin/nvcc
names='vadd rmsnorm softmax transpose gemm gqa_decode'
sources=()
for name in $names; do
    sources+=("$root/samples/$name/$name.cu")
done
mkdir -p "$built"
[ -e "$built/cold" ] || "$nvcc" -O3 -std=c++17 -arch="${GPU_ARCH:-sm_90}" -diag-suppress 20199 -I"$root" -o "$built/cold" "$root/tests/bench/cold.cu" "${sources[@]}"
[ -z "${COLD_BUILD_ONLY:-}" ] || exit 0
if ! "${KSEARCH_BUILD:?the folder of the build}/libexec/ksearch/ksearch-worker" --probe >/dev/null 2>&1; then
    echo 'no GPU: nothing was measured'
    exit 0
fi
for ((round = 0; round < ${ROUNDS:-2}; round++)); do
    "$built/cold" >"$built/theirs.$round"
    for name in $names; do
        std=c++14
        [ "$name" != gqa_decode ] || std=c++17
        "$KSEARCH_BIN/ksnvcc" bench --json "$root/samples/$name/$name.cu" -- -arch="${GPU_ARCH:-sm_90}" -O3 -DNDEBUG -std=$std
    done >"$built/ours.$round" 2>"$built/said.$round" || cat "$built/said.$round" >&2
done
perl -MJSON::PP - "$built" "${ROUNDS:-2}" <<'P'
my ($built, $rounds) = @ARGV;
my (%theirs, %batch, %noise, %ours, %spread, @order);
sub text { open my $f, '<', $_[0] or die; local $/; <$f> }
sub median { my @x = sort { $a <=> $b } @_; $x[@x / 2] }
for my $r (0 .. $rounds - 1) {
    for (split /\n/, text("$built/theirs.$r")) {
        my $x = decode_json($_);
        my $name = "$x->{entry} $x->{label}";
        push @order, $name if !$theirs{$name};
        push @{$theirs{$name}}, $x->{cold_us};
        push @{$batch{$name}}, $x->{batch_us};
        push @{$noise{$name}}, $x->{deviation};
    }
    my $parser = JSON::PP->new;
    $parser->incr_parse(text("$built/ours.$r"));
    while (my $all = $parser->incr_parse) {
        for my $e (@$all) {
            for my $w (@{$e->{workloads}}) {
                next if !$w->{original};
                (my $label = $w->{label}) =~ s/^\w+: //;
                my $name = "$e->{entry} $label";
                push @{$ours{$name}}, $w->{original}{us};
                push @{$spread{$name}}, ($w->{original}{q3} - $w->{original}{q1}) / $w->{original}{us};
            }
        }
    }
}
printf "%-46s %10s %8s %12s %8s %10s %7s\n", 'original', 'ours us', 'q3-q1', 'nvbench us', 'std', 'batch us', 'ratio';
for my $n (@order) {
    if (!$ours{$n}) { printf "%-46s not measured by ours\n", $n; next }
    printf "%-46s %10.2f %7.2f%% %12.2f %7.2f%% %10.2f %7.3f\n", $n, median(@{$ours{$n}}), 100 * median(@{$spread{$n}}), median(@{$theirs{$n}}),
        100 * median(@{$noise{$n}}), median(@{$batch{$n}}), median(@{$theirs{$n}}) / median(@{$ours{$n}});
}
P
