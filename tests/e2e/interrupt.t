#!/bin/bash
# Builds that are stopped in the middle of a search, and builds among ruins: nothing is left running
# or lying about, the cache stays whole, and the next build finds the winner.
#
# The compiler here is a script in front of nvcc. While the file `slow` is there, it holds each
# compile of a variant up, having said so by the file `compiling`; so searches can be met in their
# middle, with a worker and compilers running.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/recording.sh"
here=$(cd "$(dirname "$0")" && pwd)
worker=$KSEARCH_BUILD/libexec/ksearch/ksearch-worker
ksnvcc=$KSEARCH_BIN/ksnvcc
cuda=${CUDA_HOME:?the toolkit}
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CUDACXX|CI$)'); do unset "$v"; done
cd "$dir" || exit 1
cp "$here"/compile/scale.cu "$here"/compile/factor.h .
recording fast.jsonl scale_0 n=1048576 'n=1;n=1000' '[128]' 10 '[64]' 12 '[256]' 8

mkdir bin tmp
cat >bin/nvcc <<S
#!/bin/sh
case " \$* " in
*/unit[0-9]*.cu\ *)
    if [ -e "$dir/slow" ]; then
        : >"$dir/compiling"
        [ -e "$dir/alone" ] && exec sleep 300
        sleep 300
    fi
    ;;
esac
exec "$cuda/bin/nvcc" "\$@"
S
# a worker that says nothing; and one that answers the first question, and never reads the second
cat >bin/silent <<S
#!/bin/sh
case \$* in *--probe*) exec "$worker" --replay "$dir/fast.jsonl" --probe ;; esac
: >"$dir/compiling"
sleep 300
S
cat >bin/busy <<S
#!/bin/sh
case \$* in *--probe*) exec "$worker" --replay "$dir/fast.jsonl" --probe ;; esac
perl -e 'sysread STDIN, \$b, 600; syswrite STDOUT, \$b; sysread STDIN, \$b, 600;
    open F, ">", "$dir/compiling"; sleep 300' | "$worker" --replay "$dir/fast.jsonl"
S
chmod +x bin/*
export TMPDIR=$dir/tmp KSEARCH_JOBS=2
replayed="$worker --replay $dir/fast.jsonl"
build=("$ksnvcc" "$dir/bin/nvcc" -arch=sm_90 -c scale.cu -o scale.o)

# builds, and sends SIGNAL to the whole process group or to ksnvcc alone once a variant compiles.
# Says how the build ended, as its parent sees it. What it starts carries OF_THE_BUILD.
stopped() { # SIGNAL group|alone
    rm -f scale.o compiling
    said=$(OF_THE_BUILD=$dir perl -e '
        my ($signal, $whom, $marker, @words) = @ARGV;
        my $pid = fork;
        if (!$pid) {
            setpgrp(0, 0);
            $SIG{$_} = "DEFAULT" for qw(INT TERM);
            open STDOUT, ">", "log";
            open STDERR, ">&", \*STDOUT;
            exec @words;
            exit 127;
        }
        for (1 .. 1200) {
            last if -e $marker;
            select undef, undef, undef, 0.05;
        }
        select undef, undef, undef, 0.1;
        kill $signal, $whom eq "group" ? -$pid : $pid if -e $marker;
        $SIG{ALRM} = sub { kill "KILL", -$pid; print "late "; };
        alarm 10;
        waitpid $pid, 0;
        printf $? & 127 ? "signal %d" : "exit %d", $? & 127 || $? >> 8;
    ' "$1" "$2" "$dir/compiling" "${build[@]}")
}

# processes of the build that run still, after they had a moment to go
left_running() {
    local i found
    for i in $(seq 40); do
        found=$(grep -lsz "^OF_THE_BUILD=$dir$" /proc/[0-9]*/environ)
        [ -n "$found" ] || return 0
        sleep 0.05
    done
    for i in $found; do
        tr '\0' ' ' <"${i%environ}cmdline"
        kill -9 "$(basename "${i%/environ}")"
    done
}

cache_ls() { # how it ends, and how many records it lists
    local list
    list=$("$ksnvcc" cache ls 2>&1)
    echo "$?:$(grep -c scale <<<"$list")"
}

next_build() { # WHAT FROM: the winner is found, by a search or in the cache
    rm -f slow alone scale.o
    said=$(KSEARCH_WORKER=$replayed "${build[@]}" 2>&1)
    is "$1: the next build succeeds" "$?" 0
    like "$1: and has the winner" "$said" "BLOCK=256 .*\($2\)"
    ok "$1: which is in the object" sh -c 'nm -C scale.o | grep -q scale__ks'
}

after_stop() { # WHAT ENDED: all that holds after a signal
    is "$1: the build ends by the signal" "$said" "$2"
    ok "$1: it was in its search" grep -q searching log
    is "$1: nothing runs on" "$(left_running)" ''
    ok "$1: no object" test ! -e scale.o
    is "$1: the cache is whole, and empty" "$(cache_ls)" 0:0
}

# ---- signals
n=0
for how in 'INT group' 'INT alone' 'TERM alone'; do
    n=$((n + 1))
    export KSEARCH_CACHE_DIR=$dir/cache$n
    number=$([ "${how% *}" = INT ] && echo 2 || echo 15)
    touch slow
    KSEARCH_WORKER=$replayed stopped $how
    after_stop "SIG$how" "signal $number"
    is "SIG$how: no temporary folders" "$(ls -A tmp; ls -d -- *.ks 2>/dev/null)" ''
    next_build "SIG$how" search
done

for name in silent busy; do
    export KSEARCH_CACHE_DIR=$dir/$name
    KSEARCH_WORKER=$dir/bin/$name stopped INT group
    is "while the worker is $name: it ends by the signal" "$said" 'signal 2'
    is "while the worker is $name: nothing runs on" "$(left_running)" ''
    is "while the worker is $name: no temporary folders" "$(ls -A tmp)" ''
done

# a killed engine cannot tidy up, but what it started goes with it
export KSEARCH_CACHE_DIR=$dir/killed
touch slow alone
KSEARCH_WORKER=$replayed stopped KILL alone
after_stop SIGKILL 'signal 9'
next_build SIGKILL search
rm -rf tmp/*

# ---- workers that die or are not there
cat >bin/dies <<S
#!/bin/sh
case \$* in *--probe*) exec $replayed --probe ;; esac
perl -e 'while (\$n < 600 && (\$got = sysread STDIN, \$b, 600)) { \$n += \$got; syswrite STDOUT, \$b }' | $replayed
S
chmod +x bin/dies
export KSEARCH_CACHE_DIR=$dir/dies
said=$(KSEARCH_WORKER=$dir/bin/dies "${build[@]}" 2>&1)
is 'a worker that dies: the build goes on' "$?" 0
like 'a worker that dies: it is said' "$said" 'scale: original: .*worker'
said=$(KSEARCH_WORKER=$dir/none KSEARCH_MODE=search "${build[@]}" 2>&1)
is 'no worker: the build goes on' "$?" 0
like 'no worker: it is said' "$said" 'scale: original: .*none'

# ---- caches, of records alone: an object that was made when all was well would do
export KSEARCH_OBJECTS=0
export KSEARCH_CACHE_DIR=$dir/later
next_build 'an empty cache' search
perl -0777 -pi -e 's/schema1/schema9/g' later/data.mdb
cp later/data.mdb kept.mdb
said=$(KSEARCH_WORKER=$replayed "${build[@]}" 2>&1)
is 'a cache of a later schema: the build goes on' "$?" 0
like 'a cache of a later schema: it is said' "$said" 'it is of a later version \(schema 9, this is 1\)'
like 'a cache of a later schema: the search finds the winner' "$said" 'BLOCK=256 .*\(search\)'
ok 'a cache of a later schema is not touched' cmp kept.mdb later/data.mdb

export KSEARCH_CACHE_DIR=$dir/corrupt
next_build 'a new cache' search
perl -0777 -pi -e 's/1048576/1048577/g' corrupt/data.mdb
next_build 'a corrupt record' search
next_build 'a mended record' cache
perl -e 'open my $f, "+<", "corrupt/data.mdb"; print $f "\xa5" x 4096, "\x5a" x 4096'
said=$(KSEARCH_WORKER=$replayed "${build[@]}" 2>&1)
is 'a database of nonsense: the build goes on' "$?" 0
like 'a database of nonsense: it is said' "$said" 'warning: .*cache'
like 'a database of nonsense: the search finds the winner' "$said" 'BLOCK=256 .*\(search\)'

# ---- parts that are missing
said=$(KSEARCH_LIBEXEC=$dir/nowhere "${build[@]}" 2>&1)
is 'no engine: the build goes on' "$?" 0
is 'no engine: one warning' "$said" \
    "ksnvcc: warning: cannot run $dir/nowhere/ksearch-engine: No such file or directory; compiling with plain nvcc"
ok 'no engine: the object is the original' sh -c 'nm -C scale.o | grep -q " scale(" && ! nm -C scale.o | grep scale__ks'
said=$(PATH=/usr/bin:/bin "$ksnvcc" "$dir/bin/no-nvcc" -c scale.cu -o scale.o 2>&1)
is 'no nvcc: its own status' "$?" 104
is 'no nvcc: one line' "$(grep -c . <<<"$said")" 1
finish
