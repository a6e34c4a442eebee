#!/bin/bash
# A search among variants that fault, hang, spin, print without end, run out of memory, write elsewhere or crash the assembler: every
# honest one is judged right, every other one is refused, and nothing is left behind. Then searches whose worker or engine is killed
# again and again.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.sh"
ks=${KSEARCH_BIN:?the folder of ksnvcc}/ksnvcc
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER|AGAIN|QUIET|DEBUG|MODEL|CACHE_DIR)|NVCC_|CI$)'); do unset "$v"; done
mkdir "$dir/tmp"
export TMPDIR=$dir/tmp KSEARCH_MODE=search
cp "$here"/faults/faults.cu "$dir"
for n in 90 100; do
    sed "s/LAST 500/LAST $n/" "$here"/faults/faults.cu >"$dir/faults$n.cu"
done
cd "$dir" || exit 1
flags=(-- -arch=native -std=c++17)
touched=$dir/tmp

memory() { # of the card, in use, MiB
    nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits -i 0
}
ours="ksearch-worker|ksearch-engine|nvcc|cicc|ptxas"
left() { # what runs still, after a moment to go; what lies about
    local i
    for i in $(seq 100); do
        pgrep -x "$ours" >/dev/null || break
        sleep 0.1
    done
    pgrep -xl "$ours"
    ls -A "$TMPDIR"
}
trials() { # [honest]: "bad as good, good as bad, all", of the last search
    "$ks" report --json faults | HONEST=${1-} perl -MJSON::PP -0777 -e '
        my ($bad, $good, $all) = (0, 0, 0);
        for my $t (@{decode_json(<>)->{trials}}) {
            my $is_bad = !$ENV{HONEST} && $t->{values}{CASE} % 5 == 0;
            my $is_good = $t->{state} eq "good";
            $all++;
            next if $is_bad != $is_good;
            $is_bad ? $bad++ : $good++;
            print STDERR "CASE=$t->{values}{CASE}: $t->{state}: ", $t->{why} // "", "\n";
        }
        print "$bad $good $all"'
}

# ---- one in five is bad
before=$(memory)
export KSEARCH_CACHE_DIR=$dir/cache1
begin=$(date +%s)
timeout 600 "$ks" search --budget 420s faults.cu "${flags[@]}" >out.txt 2>err.txt
is 'the search ends well' "$?" 0
echo "# $(($(date +%s) - begin)) s, $(wc -c <err.txt) bytes said"
sed 's/^/# /' err.txt | cut -c1-200 | tail -8
is 'in all 500 no bad one is good, and no honest one bad' "$(trials)" '0 0 500'
ok 'what is said stays within bounds' test "$(wc -c <err.txt)" -lt 100000
is 'nothing is left' "$(left)" ''
after=$(memory)
ok "the card's memory is free again" test "$after" -le $((before + 64))
like 'the card works' "$("$KSEARCH_BUILD/libexec/ksearch/ksearch-worker" --probe)" '"name"'

# ---- the worker is killed at random instants
export KSEARCH_CACHE_DIR=$dir/cache2
"$ks" search --budget 120s faults100.cu "${flags[@]}" -DHONEST >/dev/null 2>err.txt &
search=$! kills=0
while kill -0 $search 2>/dev/null && [ $kills -lt 12 ]; do
    sleep $((RANDOM % 2)).$((RANDOM % 9 + 1))
    pkill -9 -x ksearch-worker && kills=$((kills + 1))
done
wait $search
is "a search whose worker is killed ends well" "$?" 0
echo "# $kills kills"
tail -3 err.txt | sed 's/^/# /'
is 'no variant is blamed' "$(trials honest)" '0 0 100'

# ---- the engine is killed at random instants
export KSEARCH_CACHE_DIR=$dir/cache3
kills=0 lost=no seen=0
for i in $(seq 20); do
    "$ks" search --budget 120s faults90.cu "${flags[@]}" >/dev/null 2>err.txt &
    search=$!
    sleep $((RANDOM % 9)).$((RANDOM % 10))
    [ "$i" -gt 12 ] || pkill -9 -x ksearch-engine && kills=$((kills + 1))
    wait $search 2>/dev/null
    status=$?
    now=$("$ks" report --json faults 2>/dev/null | perl -MJSON::PP -0777 -e 'print scalar @{decode_json(<> || "{}")->{trials} || []}')
    [ "${now:-0}" -ge $seen ] || lost=yes
    seen=${now:-0}
    [ $status = 0 ] && break
done
echo "# $kills kills, $seen trials"
"$ks" report faults | grep -E 'ended|searched' | sed 's/^/# /'
is 'a search whose engine is killed comes to its end' "$status" 0
is 'and what was measured is there each time' "$lost" no
is 'all of it is right' "$(trials)" '0 0 90'
# what a killed engine left goes with a later one, an hour after
find "$TMPDIR" -name .in-use -exec touch -d '1 hour ago' {} +
KSEARCH_AGAIN=1 "$ks" search --budget 20s faults.cu "${flags[@]}" >/dev/null 2>&1
is 'nothing is left of that either' "$(left)" ''
finish
