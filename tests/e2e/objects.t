#!/bin/bash
# A second compile of an unchanged file does not run nvcc, and gives all that the first one gave. Whatever could make another object
# is changed here, one thing at a time, and must not find the old one.
#
# The compiler of these tests is a script before the real one: it counts, and where the file `stop` is, it ends with 7. So a compile that
# should have been a hit fails, and one that must not be is over at once.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.sh"
for v in $(compgen -e | grep -E '^(KSEARCH_(CACHE|MODE|LOCK|GPU|WORKER|AGAIN|OBJECTS)|NVCC_|SOURCE_DATE_EPOCH|CPATH|CPLUS_|CI$)'); do unset "$v"; done
export KSEARCH_CACHE_DIR=$dir/cache
worker=$KSEARCH_BUILD/libexec/ksearch/ksearch-worker
. "$here/recording.sh"

mkdir -p "$dir/bin" "$dir/src"
cat >"$dir/bin/nvcc" <<SH
#!/bin/sh
echo "\$*" >>$dir/calls
[ ! -e $dir/stop ] || exit 7
exec ${CUDA_HOME:-/usr/local/cuda}/bin/nvcc "\$@"
SH
chmod +x "$dir/bin/nvcc"
cp -r "$here"/objects/. "$dir/src"
cd "$dir/src" || exit 1

rest() { sleep 0.02; } # a file that was just written could be written again at the same time
ks() { # nvcc's arguments, with the variable $with; what it says in $out and $said, separately
    rest
    : >"$dir/calls"
    env ${with:+"$with"} "$KSEARCH_BIN/ksnvcc" "$dir/bin/nvcc" "$@" >"$dir/out" 2>"$dir/err"
    status=$?
    out=$(cat "$dir/out") said=$(cat "$dir/err") calls=$(wc -l <"$dir/calls")
}
args=(-arch=sm_90 -Ifar -Iinc -MD -MF k.d -c k.cu -o k.o)
stopped() { # [ARGS...]: a compile that may not run nvcc
    touch "$dir/stop"
    ks "${@:-${args[@]}}"
    rm "$dir/stop"
}
hits() { # NAME [ARGS...]
    stopped "${@:2}"
    is "$1" "$status $calls" '0 0'
}
misses() { # NAME [ARGS...]
    stopped "${@:2}"
    is "not: $1" "$status $((calls > 0))" '7 1'
}
kept() { # ARGS...: compiles, to be found again
    ks "$@"
    [ "$status" = 0 ] || tap_line 1 'it compiles' "$said"
}

# ---- the same again
kept "${args[@]}"
ok 'the first compile runs nvcc' test "$calls" -gt 0
like 'and says what host compiler and annotation say' "$said" 'said by the host compiler'
cp k.o first.o; cp k.d first.d; cp "$dir/err" "$dir/first.err"
hits 'the second does not'
ok 'the object is the same' cmp k.o first.o
ok 'the depfile is the same' cmp k.d first.d
ok 'what is said is the same' cmp "$dir/err" "$dir/first.err"
rm k.o k.d
hits 'deleted outputs are made again'
ok 'the object' cmp k.o first.o
ok 'and the depfile' cmp k.d first.d
touch k.cu first.h inc/second.h
hits 'touched files are the same files'
printf 'x' >k.o
hits 'an output that something else wrote is replaced'
ok 'by the object' cmp k.o first.o
like 'and that is counted' "$("$KSEARCH_BIN/ksnvcc" cache stats)" 'object_hit +4'

# ---- killed at any moment, an output is whole or not there
rm -f k.o k.d "$dir/torn"
for i in $(seq 30); do
    "$KSEARCH_BIN/ksnvcc" "$dir/bin/nvcc" "${args[@]}" >"$dir/out" 2>&1 &
    sleep "0.00$((i % 10))"
    kill -9 $! 2>/dev/null
    wait $! 2>/dev/null
    [ ! -e k.o ] || cmp -s k.o first.o || echo "$i" >>"$dir/torn"
    rm -f k.o k.d ./*.tmp
done
ok 'a hit that is killed leaves no half of an object' test ! -e "$dir/torn"
hits 'and the object can be had afterwards'
ok 'as it was' cmp k.o first.o

# ---- what is read
change() { # FILE NAME SED: that edit must not find it, and without it it is there again
    cp "$1" "$dir/saved"
    sed -i "$3" "$1"
    cmp -s "$1" "$dir/saved" && tap_line 1 "the edit of $2 is one"
    misses "$2"
    cp "$dir/saved" "$1"
}
change k.cu 'code under #ifndef __CUDA_ARCH__' 's/111/222/'
change first.h 'what one architecture reads' 's/2\.0f/4.0f/'
change first.h 'what the host reads' 's/3\.0f/5.0f/'
change inc/second.h 'a header' 's/2$/3/'
change first.h 'a comment in a header' '1i // new'
hits 'changed back, it is the same'
mkdir far
hits 'a folder that was not there and is empty now changes nothing'
echo '#define SECOND 5' >far/second.h
misses 'a header that is found first'
rm far/second.h
echo >far/asked.h
misses 'a header that __has_include asked for'
rm far/asked.h
echo >inc/unrelated.h
hits 'a header that nothing asks for changes nothing'
mkdir first.h.gch
misses 'a precompiled header'
rmdir first.h.gch
cp inc/second.h second.old && ln -sf ../late/other.h inc/second.h
misses 'a link that leads elsewhere'
rm inc/second.h && cp second.old inc/second.h
hits 'all of that undone'
mv inc/second.h inc/gone.h
misses 'a header that is gone'
mv inc/gone.h inc/second.h

# ---- what is said to the compile
misses 'a macro' -DX=1 "${args[@]}"
misses 'the order of folders' -arch=sm_90 -Iinc -Ifar -MD -MF k.d -c k.cu -o k.o
misses 'another output' -arch=sm_90 -Ifar -Iinc -MD -MF k.d -c k.cu -o other.o
misses 'no depfile' -arch=sm_90 -Ifar -Iinc -c k.cu -o k.o
misses 'another depfile' -arch=sm_90 -Ifar -Iinc -MD -MF other.d -c k.cu -o k.o
misses 'a depfile without system headers' -arch=sm_90 -Ifar -Iinc -MMD -MF k.d -c k.cu -o k.o
misses 'another target' -MT other "${args[@]}"
misses 'another architecture' -arch=sm_80 -Ifar -Iinc -MD -MF k.d -c k.cu -o k.o
misses 'another name of the source' -arch=sm_90 -Ifar -Iinc -MD -MF k.d -c ./k.cu -o k.o
misses 'relocatable code' -rdc=true "${args[@]}"
for v in NVCC_APPEND_FLAGS=-DX=2 NVCC_PREPEND_FLAGS=-DX=2 NVCC_CCBIN=/usr/bin/g++ CPATH=inc CPLUS_INCLUDE_PATH=inc LANG=xx LC_ALL=C \
    SOURCE_DATE_EPOCH=1 KSEARCH_MODE=require KSEARCH_GPU='NVIDIA H200' KSEARCH_REPRODUCIBLE=1 KSEARCH_KNOBS=1 \
    KSEARCH_LOCK=some.lock KSEARCH_ARCH_SPECIFIC=0 CUDA_VISIBLE_DEVICES=1 CI=1 GCC_EXEC_PREFIX=/x/ LD_PRELOAD=libm.so.6; do
    with=$v misses "with $v"
done
hits 'without all of these'
mkdir "$dir/copy" && cp -r . "$dir/copy"
(cd "$dir/copy" && misses 'another folder with the same files') >"$dir/tap"
tap_line "$(grep -c '^not' "$dir/tap")" 'not: another folder with the same files' "$(cat "$dir/tap")"
echo '-DX=3' >opts.rsp
kept -optf opts.rsp "${args[@]}"
hits 'with an options file' -optf opts.rsp "${args[@]}"
echo '-DX=4' >opts.rsp
misses 'another options file' -optf opts.rsp "${args[@]}"

# ---- who compiles
mkdir -p "$dir/cc" "$dir/early"
printf '#!/bin/sh\nexec /usr/bin/g++ "$@"\n' >"$dir/cc/g++"
chmod +x "$dir/cc/g++"
toolkit=$dir/toolkit
mkdir -p "$toolkit/bin"
for f in "${CUDA_HOME:-/usr/local/cuda}"/*; do [ "${f##*/}" = bin ] || ln -s "$f" "$toolkit/"; done
for f in "${CUDA_HOME:-/usr/local/cuda}"/bin/*; do ln -s "$f" "$toolkit/bin/"; done
rm "$toolkit/bin/nvcc" "$toolkit/bin/nvcc.profile" "$toolkit/bin/ptxas"
cp "${CUDA_HOME:-/usr/local/cuda}"/bin/{nvcc,nvcc.profile,ptxas} "$toolkit/bin/"
sed -i "s|^exec .*|exec $toolkit/bin/nvcc \"\$@\"|" "$dir/bin/nvcc"
misses 'another script before the compiler'
export PATH=$dir/early:$PATH
args=(-ccbin "$dir/cc/g++" "${args[@]}")
kept "${args[@]}"
hits 'another toolkit and host compiler'
echo '# changed' >>"$dir/cc/g++"
misses 'a changed host compiler'
sed -i '$d' "$dir/cc/g++"
hits 'changed back'
echo >>"$toolkit/bin/nvcc.profile"
misses 'a changed nvcc.profile'
truncate -s -1 "$toolkit/bin/nvcc.profile"
printf 'x' >>"$toolkit/bin/ptxas"
misses 'a changed ptxas'
truncate -s -1 "$toolkit/bin/ptxas"
printf '#!/bin/sh\nexec /usr/bin/as "$@"\n' >"$dir/early/as"
chmod +x "$dir/early/as"
misses 'another assembler, earlier in PATH'
rm "$dir/early/as"
hits 'all of that undone'

# ---- what must not be kept
never() { # NAME ARGS...: compiled twice, it runs nvcc twice
    local name=$1
    shift
    kept "$@"
    misses "$name" "$@"
}
simple=(-arch=sm_90 -Iinc -c s.cu -o s.o)
sed '/#include "first.h"/c #define FACTOR 1.0f' k.cu >s.cu
sed -i '2a const char *when() { return __DATE__; }' s.cu
never 'an object of the day' "${simple[@]}"
export SOURCE_DATE_EPOCH=1000000000
kept "${simple[@]}"
hits 'of a day that is said' "${simple[@]}"
unset SOURCE_DATE_EPOCH
sed -i '3c asm(".incbin \\"k.cu\\"");' s.cu
never 'with a file that the assembler reads' "${simple[@]}"
sed -i '3d' s.cu
sed -i '3i #define ASKS(x) __has_include(x)\n#if ASKS(<sometimes.h>)\n#endif' s.cu
kept "${simple[@]}"
hits 'with a macro that asks for headers' "${simple[@]}"
echo >inc/sometimes.h
misses 'a header that such a macro may have asked for' "${simple[@]}"
rm inc/sometimes.h
sed -i '3,5d' s.cu
touch -d '+1 hour' s.cu
never 'of a source from the future' "${simple[@]}"
touch s.cu
never 'with the files of --keep' --keep --keep-dir "$dir" "${simple[@]}"
never 'with a file of the host compiler beside it' -Xcompiler -fstack-usage "${simple[@]}"
kept -lineinfo "${simple[@]}"
hits 'with line numbers' -lineinfo "${simple[@]}"
touch -d '-1 hour' s.cu
misses 'of a touched source, whose time is in it' -lineinfo "${simple[@]}"
KSEARCH_OBJECTS=0 misses 'where none are wanted'

# ---- a cache that is full: the build does not notice
mkdir "$dir/small"
if mount -t tmpfs -o size=64k none "$dir/small" 2>/dev/null; then
    KSEARCH_CACHE_DIR=$dir/small kept "${simple[@]}"
    is 'a compile with a cache without room' "$status $(test -s s.o && echo there)" '0 there'
    umount "$dir/small"
else
    skip 'a compile with a cache without room' 'nothing can be mounted here'
fi

# ---- many at once, to one output
rm -f "$dir/calls"; cp s.cu m.cu; rest
for i in $(seq 16); do
    "$KSEARCH_BIN/ksnvcc" "$dir/bin/nvcc" -arch=sm_90 -Iinc -c m.cu -o m.o >"$dir/many.$i" 2>&1 || echo "$i failed" >>"$dir/failed" &
done
wait
ok 'sixteen compiles of one file succeed' test ! -e "$dir/failed"
is 'one of them runs nvcc' "$(grep -- '-c m.cu' "$dir/calls" | grep -vc dryrun)" 1
is 'all say the same' "$(cat "$dir"/many.* | sort | uniq -c | awk '{ print $1 }' | sort -u)" 16
ok 'the object is one' nm m.o

# ---- winners
recording fast.jsonl scale_0 n=1048576 'n=1;n=1000' '[128]' 10 '[64]' 12 '[256]' 8
export KSEARCH_WORKER="$worker --replay $PWD/fast.jsonl"
w=(-arch=sm_90 -Iinc -c w.cu -o w.o)
cp s.cu w.cu
kept "${w[@]}"
like 'a search finds a winner' "$said" 'BLOCK=256 .*\(search\)'
cp w.o first.o
hits 'the next compile takes the object that the search made' "${w[@]}"
like 'and says where it is from' "$said" 'BLOCK=256 .*\(cache\)'
ok 'the object has the winner' cmp w.o first.o
unset KSEARCH_WORKER
misses 'without the GPU' "${w[@]}"
kept "${w[@]}"
hits 'there is one of its own' "${w[@]}"
like 'with the same winner' "$said" 'BLOCK=256 .*\(cache\)'
echo >ksearch.lock; : >ksearch.lock
misses 'a lockfile that was not there' "${w[@]}"
rm ksearch.lock
"$KSEARCH_BUILD/tests/store_fill" "$here/../../samples/ksearch.lock"
hits 'records of other entries change nothing' "${w[@]}"
mv "$KSEARCH_CACHE_DIR/data.mdb" "$dir/data.mdb"
misses 'the record is gone' "${w[@]}"
mv "$dir/data.mdb" "$KSEARCH_CACHE_DIR/data.mdb"
hits 'it is back' "${w[@]}"
finish
