#!/bin/bash
# What a search without a model gains on kernels written in the usual plain way (plain/*.cu and the samples), and how many variants it
# tries until its best: with nothing known, and again with what the first round learned (priors.json) and nothing else of its cache.
# BUDGET (20s) an entry. Needs a GPU; where there is none it says so and ends.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
ks=${KSEARCH_BIN:?the folder of ksnvcc}/ksnvcc
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
unset CI KSEARCH_MODEL KSEARCH_LOCK KSEARCH_WORKER
export KSEARCH_MODE=search KSEARCH_QUIET=1

if ! "${KSEARCH_BUILD:?the folder of the build}/libexec/ksearch/ksearch-worker" --probe >/dev/null 2>&1; then
    echo 'no GPU: nothing was measured'
    exit 0
fi
cp "$here"/plain/*.cu "$dir"
for sample in vadd rmsnorm softmax transpose gqa_decode; do
    cp "$here/../../samples/$sample/$sample".cu* "$dir"
done
cd "$dir"
round() { # NAME: searches all, and leaves a line each in NAME
    export KSEARCH_CACHE_DIR=$dir/$1
    mkdir -p "$KSEARCH_CACHE_DIR"
    for file in *.cu; do
        "$ks" search --budget "${BUDGET:-20s}" "$file" -- -arch=native -std=c++17 -O3 >/dev/null 2>&1 || true
    done
    for run in "$KSEARCH_CACHE_DIR"/runs/*; do
        "$ks" report --json "$run" | perl -MJSON::PP -0777 -e '
            my $r = decode_json(<>);
            my $e = ($r->{end} || {})->{record} || {};
            my $best = @{$r->{improved} || []} ? $r->{improved}[-1]{trial} : 0;
            printf "%s %.3f %d %d %s\n", $r->{about}{entry}, $e->{ratio} || 1, scalar @{$r->{trials}}, $best,
                join ",", map { my $w = $_; map { "$_=$w->{values}{$_}" } sort keys %{$w->{values} || {}} } @{$e->{winners} || []};'
    done | sort >"$dir/$1.txt"
}
round first
mkdir later && cp first/priors.json later/
round later
printf '%-22s %8s %8s %8s   %8s %8s %8s   %s\n' entry gain trials best gain trials best 'winner of the first round'
join first.txt later.txt | while read -r entry gain trials best winner gain2 trials2 best2 _; do
    case $winner in
    *=*) ;;
    *) best2=$trials2 trials2=$gain2 gain2=$winner winner= ;; # no winner: the columns are one less
    esac
    printf '%-22s %8s %8s %8s   %8s %8s %8s   %s\n' "$entry" "$gain" "$trials" "$best" "$gain2" "$trials2" "$best2" "$winner"
done
