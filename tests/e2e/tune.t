#!/bin/bash
# What may be said about tuning: all points, which tuner, which seed; where results go; what cannot be searched. Without a GPU: tests/fake/worker
# invents times.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
ks=$KSEARCH_BIN/ksnvcc
export KSEARCH_MODE=search KSEARCH_JOBS=2
unset CI KSEARCH_LOCK KSEARCH_GPU KSEARCH_WORKER KSEARCH_MODEL KSEARCH_PLANNER
cp "$here"/tune/* "$dir"
cd "$dir" || exit 1
fake=$KSEARCH_BUILD/tests/fake/worker
speeds='{"base_us":100,"values":{"[64,1]":0.5,"[128,1]":0.9,"[128,2]":1.9,"[512,2]":7}}'

search() { # CACHE OPTIONS...
    export KSEARCH_CACHE_DIR=$dir/$1
    shift
    KSEARCH_WORKER="$fake $speeds" "$ks" search --json "$@" points.cu -- -arch=sm_90 2>said.txt
}
order() { # of the trials of the one search in a cache
    KSEARCH_CACHE_DIR=$dir/$1 "$ks" report --json points | perl -MJSON::PP -0777 -e 'print map { "$_->{values}{BLOCK}x$_->{values}{ITEMS} " } @{decode_json(<>)->{trials}}'
}

# ---- all points
KSEARCH_TIMELINE=$dir/timeline search all --exhaustive --t4 all.json >all.out
is 'a search of all points ends well' "$?" 0
like 'it says that it tries them all' "$(cat said.txt)" 'points: searching on .*, all of its points'
like 'and does' "$(cat said.txt)" '11 of 11 variants'
like 'it says how fast it was, and how busy the GPU' "$(cat said.txt)" '11 measured in [0-9.]+ s \([0-9.]+ a second\): GPU busy [0-9]+ %.* Until the verdict [0-9.]+ s \([0-9.]+ a second, GPU busy [0-9]+ %\)'
like 'and finds the best' "$(cat said.txt)" 'BLOCK=64, ITEMS=1 is [0-9.]+x as fast'
is 'each is tried once' "$(order all | tr ' ' '\n' | grep -c .) $(order all | tr ' ' '\n' | grep . | sort -u | grep -c .)" '11 11'
report=$("$ks" report points)
like 'the report says how fast it was' "$report" '^  variants a second +[0-9.]+$'
like 'how busy the GPU was' "$report" '^  GPU busy +[0-9]+ %$'
like 'and what going on would bring' "$report" '^  as long again would gain +[0-9.]+ %$'
pace=$("$ks" report --json points | perl -MJSON::PP -0777 -e 'my $p = decode_json(<>)->{pace};
    print join " ", map { defined $p->{$_} ? "$_" : "" } qw(seconds checking timing loading harness compilers models engine compiling units compiled measured failed twins rate busy exploring explore_rate explore_busy gain_left);
    print " ok" if $p->{measured} == 11 && $p->{compiled} == 11 && $p->{rate} > 0 && $p->{busy} > 0 && $p->{busy} <= 1 && $p->{seconds} >= $p->{exploring}
        && abs($p->{rate} * $p->{seconds} - 11) < 1e-3 && abs($p->{busy} * $p->{seconds} - $p->{checking} - $p->{timing}) < 1e-3')
is 'all of it is in the JSON' "$pace" 'seconds checking timing loading harness compilers models engine compiling units compiled measured failed twins rate busy exploring explore_rate explore_busy gain_left ok'

# ---- as a patch: a launch that does not follow the constants has to be changed by hand
mkdir stiff
{
    cat points.cu
    echo '#define BLOCKS(n) ((n + BLOCK * ITEMS - 1) / (BLOCK * ITEMS))'
    echo 'void by_macro(const float *a, float *c, int n) { points<<<BLOCKS(n), BLOCK>>>(a, c, n); }'
    printf '#define GO(g, b) points<<<g, b>>>(a, c, n)\n#define GO_ON(g, b) GO(g, b)\n'
    echo 'void by_macros(const float *a, float *c, int n) { int t = BLOCK; GO_ON((n + t * ITEMS - 1) / (t * ITEMS), t); }'
    echo 'void stiff(const float *a, float *c, int n) { points<<<(n + 255) / 256, 256>>>(a, c, n); }'
} >stiff/points.cu
export KSEARCH_CACHE_DIR=$dir/all
is 'a launch that follows the constants needs no word' "$("$ks" diff points.cu -- -arch=sm_90 | grep -c 'does not follow')" 0
is 'one that does not is named in the patch' "$("$ks" diff stiff/points.cu -- -arch=sm_90 | grep '^# ' | sed 1d)" \
    "# stiff/points.cu:$(wc -l <stiff/points.cu): this launch does not follow what changes: give it the grid and block that launch(...) says"
is 'and in its JSON' "$("$ks" diff --json stiff/points.cu -- -arch=sm_90 | perl -MJSON::PP -0777 -e '
    print map { $_->{line} } @{decode_json(<>)->{files}[0]{entries}[0]{winners}[0]{launches}}')" "$(wc -l <stiff/points.cu)"

# ---- knobs on top of them are tried while the last of them are measured
(export KSEARCH_DEBUG=1 KSEARCH_KNOBS=1 && search knobs --seed 1 --evals 16) >knobs.out
declared='BLOCK=[0-9]+, ITEMS=[0-9]+: [0-9.]+x'
is 'knobs come up before all declared points are measured' "$(awk -v own="$declared" '/ idea 2: / { seen = 1 } $0 ~ own { n++; late += seen }
    END { print (n == 11), (late > 0) }' said.txt)" '1 1'

# ---- results as T4: what its schema requires, and what there is to say of these points
cat >t4.pl <<'P'
use JSON::PP;
my ($lines) = @ARGV;
my $text = do { local $/; <STDIN> };
my $all = $lines ? [map { decode_json($_) } split /\n/, $text] : do {
    my $d = decode_json($text);
    $d->{schema_version} =~ /^\d+\.\d+\.\d+$/ && $d->{metadata}{timeunit} eq 'milliseconds' or die 'head';
    $d->{results};
};
my %valid = map { $_ => 1 } qw(timeout compile runtime correctness constraints correct);
my ($best, $least);
for my $r (@$all) {
    ref $r->{configuration} eq 'HASH' && ref $r->{times} eq 'HASH' && ref $r->{times}{runtimes} eq 'ARRAY' or die 'required';
    $valid{$r->{invalidity}} && $r->{correctness} =~ /^[01]$/ or die 'validity';
    $r->{objectives}[0] eq 'time' && $r->{timestamp} =~ /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ or die 'rest';
    $r->{times}{$_} =~ /^[0-9.e+-]+$/ or die $_ for qw(compilation benchmark validation framework search_algorithm);
    next unless $r->{invalidity} eq 'correct';
    my ($time) = grep { $_->{name} eq 'time' } @{$r->{measurements}};
    $time->{unit} eq 'ms' && $time->{value} > 0 && $r->{times}{runtimes}[0] > 0 && $r->{times}{compilation} > 0 or die 'time';
    ($best, $least) = ($r->{configuration}, $time->{value}) if !defined $least || $time->{value} < $least;
}
printf "%d %d: %dx%d %.3f\n", scalar @$all, scalar(grep { $_->{invalidity} eq 'correct' } @$all), @$best{qw(BLOCK ITEMS)}, $least;
P
like 'results are a T4 document' "$(perl t4.pl <all.json 2>&1)" '^11 11: 64x1 0\.0(49|50|51)'
"$ks" report --t4 again.json points >again.out
is 'which a report writes too' "$(cat again.json again.out)" "$(cat all.json)"
"$ks" report --t4 lines.jsonl points
like 'or as lines' "$(wc -l <lines.jsonl) $(perl t4.pl 1 <lines.jsonl 2>&1)" '^11 11 11: 64x1'
"$ks" report --t4 /nowhere/x.json points 2>said.txt
like 'where it cannot, it says so' "$? $(cat said.txt)" '^1 .*/nowhere/x.json'
KSEARCH_CACHE_DIR=$dir/failing KSEARCH_WORKER="$fake {\"base_us\":100,\"wrong\":[\"[64,1]\"]}" "$ks" search --exhaustive --t4 failing.json points.cu -- -arch=sm_90 2>/dev/null
like 'what is wrong is there, as that' "$(perl t4.pl <failing.json) $(grep -c '"BLOCK":64,"ITEMS":1}.*"invalidity":"correctness","correctness":0' failing.json)" '^11 10: .* 1$'

# ---- the same machine code: measured once, unless it is launched otherwise
KSEARCH_CACHE_DIR=$dir/twins KSEARCH_WORKER="$fake $speeds" "$ks" search --exhaustive twins.cu -- -arch=sm_90 2>said.txt
like 'variants with the same machine code are measured once' "$(cat said.txt)" '4 of 8 variants are the machine code of another one'
sed 's/^constexpr int SPARE = 1;/&\nconstexpr int THREADS = BLOCK * (SPARE > 9 ? 2 : 1);/; s/block = BLOCK/block = THREADS/' twins.cu >apart.cu
KSEARCH_CACHE_DIR=$dir/apart KSEARCH_WORKER="$fake $speeds" "$ks" search --exhaustive apart.cu -- -arch=sm_90 2>said.txt
like 'but where something is made of a value, they are not taken for the same' "$(cat said.txt)" '8 of 8 variants, 8 measured in'
unlike 'at all' "$(cat said.txt)" 'the machine code of another'

# ---- what does not compile: the others of its unit do, and it is compiled once
KSEARCH_CACHE_DIR=$dir/large KSEARCH_JOBS=1 KSEARCH_WORKER="$fake $speeds" "$ks" search --exhaustive large.cu -- -arch=sm_90 2>said.txt
like 'what does not compile is refused, with its own error' "$(cat said.txt)" "4 of 12 variants did not compile; the first, BLOCK=[0-9]+, ITEMS=4: ptxas error .*large__ks[0-9]+.* uses too much shared data"
is 'and costs one more compile of the others' "$(KSEARCH_CACHE_DIR=$dir/large "$ks" report --json large | perl -MJSON::PP -0777 -e 'print decode_json(<>)->{pace}{units}')" 2

# ---- the timeline
is 'a timeline has the GPU, the engine and the compilers' "$(perl -MJSON::PP -0777 -e 'my $t = <>; $t =~ s/,\s*$/]/; my $e = decode_json($t);
    print join " ", map { $_->{args}{name} } grep { $_->{ph} eq "M" } sort { $a->{tid} <=> $b->{tid} } @$e' timeline | grep -o '^GPU engine compiler 0')" 'GPU engine compiler 0'

# ---- tuners and seeds
for tuner in random ga surrogate; do
    search "$tuner" --tuner "$tuner" --seed 3 --evals 6 >"$tuner.out"
    search "$tuner-again" --tuner "$tuner" --seed 3 --evals 6 >/dev/null
    is "--tuner $tuner tries as many as it may" "$(order $tuner | wc -w)" 7
    is "and the same again for the same seed" "$(order $tuner-again | tr ' ' '\n' | sort)" "$(order $tuner | tr ' ' '\n' | sort)"
    like "which the journal says" "$(KSEARCH_CACHE_DIR=$dir/$tuner "$ks" report --json points)" "\"tuner\": *\"$tuner\""
done
search other --tuner random --seed 4 --evals 6 >/dev/null
ok 'another seed makes for another search' test "$(order other | tr ' ' '\n' | sort)" != "$(order random | tr ' ' '\n' | sort)"

# ---- what cannot be searched, and where it says so
refused() { # FILE STATUS ANNOTATION OPTIONS...: what is said is what FILE.err holds
    local file=$1 status=$2
    sed "s|^// here|${3:+#pragma ksearch $3}|" space.cu >"$file.cu"
    shift 3
    KSEARCH_CACHE_DIR=$dir/bad KSEARCH_WORKER="$fake $speeds" "$ks" search "$@" "$file.cu" -- -arch=sm_90 2>said.txt
    is "$file is refused" "$?" "$status"
    is "and it says where and why" "$(grep -v ' searching on ' said.txt)" "$(cat "$file.err")"
}
refused nothing 1 ''
refused one 1 'tune(BLOCK = 256)'
refused one_valid 1 'tune(BLOCK = 64, 128, 256) where(BLOCK > 200)'
refused none 101 'tune(BLOCK = 64, 128, 256) where(BLOCK > 1000)'
refused contradiction 101 'tune(BLOCK = 64, 128, 256) tune(ITEMS = 1, 2, 4) where(BLOCK >= 128, BLOCK * ITEMS <= 64)'
refused zero 1 'tune(BLOCK = 64, 128, 256) tune(ITEMS = 0, 1, 2) where(BLOCK / ITEMS <= 128)'
refused vast 1 'tune(BLOCK = range(32, 1024, 32)) tune(ITEMS = range(1, 100000))' --exhaustive

# ---- the command line
usage() { # NAME PATTERN OPTIONS...
    local name=$1 pattern=$2
    shift 2
    "$ks" search "$@" points.cu 2>said.txt
    like "$name" "$? $(cat said.txt)" "^100 .*$pattern"
}
usage 'an unknown tuner is refused' "no tuner 'best': surrogate, ga, random" --tuner best
usage 'all points need no model' 'asks no model' --exhaustive --model exec:true
usage 'a seed is a number' '--seed takes a number' --seed x
finish
