#!/bin/bash
# `make -j16` over 16 annotated files on a real GPU: what searches side by side find is what they find alone, within noise, since only
# timing has the card for itself; all compilers together are no more than make's jobs, and every token comes back.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/../counting.sh"
samples=$(cd "$(dirname "$0")/../../samples" && pwd)
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|BUDGET|JOBS|WORKER|QUIET|DEBUG)|NVCC_|CUDACXX|CI$|MAKE|MFLAGS)'); do unset "$v"; done
export KSEARCH_MODE=search
cd "$dir" || exit 1

# eight of each, for sizes of their own: sixteen keys
names=()
cp "$samples"/rmsnorm/rmsnorm.cuh "$samples"/transpose/transpose.cuh .
for i in 1 2 3 4 5 6 7 8; do
    sed "s/workload(rows = 1, 16.*/workload(rows = 16, d = $((1024 * i)))/" "$samples/rmsnorm/rmsnorm.cu" >"r$i.cu"
    sed "s/workload(rows = 8192.*/workload(rows = 4096, cols = $((1024 * (i + 3))))/" "$samples/transpose/transpose.cu" >"t$i.cu"
    names+=("r$i" "t$i")
done
cat >Makefile <<M
all: $(printf '%s.o ' "${names[@]}")
%.o: %.cu
	@$KSEARCH_BIN/ksnvcc $dir/bin/nvcc -arch=native -std=c++17 -O3 -c \$< -o \$@
M

build() { # NAME JOBS: each in a cache and a lockfile of its own
    export KSEARCH_CACHE_DIR=$dir/cache-$1 KSEARCH_LOCK=$dir/$1.lock
    local start=${EPOCHREALTIME/./}
    rm -f -- *.o
    counted make -j "$2"
    echo "# $1: $(((${EPOCHREALTIME/./} - start) / 1000)) ms, $(wc -l <counts) compilers, at most $most at once, $(wc -l <said) lines"
    is "$1: the build ends well" "$status" 0
    is "$1: each file is searched" "$(grep -c ': searching on ' said)" 16
    unlike "$1: make has all of its tokens, and nobody warns" "$(cat said)" 'INTERNAL|jobserver|tokens|warning'
}
build alone 1
build beside 16
ok 'never more compilers than jobs' test "$most" -le 16
unlike 'all lines are whole, and name file and entry' \
    "$(grep -vE '^ksnvcc: [rt][1-8]\.cu: (rmsnorm|layout::transpose|transpose): [^:].*' said)" .

# times of winners and originals, of each file: at most 5 % apart, or half a microsecond, which is how much what the events
# around a launch take differs from one process to the next
perl -MJSON::PP -0777 -e '
    my (%of, $bad);
    for my $how ("alone", "beside") {
        open my $f, "<", "$how.lock" or die;
        for my $r (@{decode_json(<$f>)->{records}}) {
            my $w = $r->{workloads}[0];
            my $won = @{$r->{winners} || []};
            $of{$r->{file}}{$how} = [$w->{original_us}, $won ? $w->{winner_us} : $w->{original_us},
                $won ? JSON::PP->new->canonical->encode($r->{winners}[0]{values}) : "the original"];
        }
    }
    sub apart { abs($_[0] / $_[1] - 1) > 0.05 && abs($_[0] - $_[1]) > 0.5 }
    for my $file (sort keys %of) {
        my ($a, $b) = @{$of{$file}}{"alone", "beside"};
        $bad++, print("# $file is missing\n"), next unless $a && $b;
        printf "# %s: %.2f -> %.2f us (%s); beside others %.2f -> %.2f us (%s)\n", $file, @$a, @$b;
        $bad++, print "#   apart\n" if apart($a->[0], $b->[0]) || apart($a->[1], $b->[1]);
    }
    print "# ", scalar(keys %of), " files\n";
    exit($bad || keys %of != 16)'
is 'searched side by side, the originals and the winners are as fast as alone' $? 0
finish
