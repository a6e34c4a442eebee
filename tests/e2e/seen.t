#!/bin/bash
# What the front saw of a large file is remembered while the file stays; one that changes, however well it hides that, is looked at.
# A file that was read is one whose pages the kernel holds: they are dropped before, where that works, and counted after.
. "$(dirname "$0")/../tap.sh"

ksnvcc=${KSEARCH_BIN:?the folder of ksnvcc}/ksnvcc
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CUDA|XDG_|CI$)'); do unset "$v"; done
cd "$dir" || exit 1
mkdir tools engine
printf '#!/bin/bash\necho engine\n' >engine/ksearch-engine
printf '#!/bin/bash\necho plain\n' >tools/nvcc
chmod +x engine/ksearch-engine tools/nvcc
export KSEARCH_LIBEXEC=$dir/engine KSEARCH_CACHE_DIR=$dir/cache HOME=$dir
front() { "$ksnvcc" "$dir/tools/nvcc" -c "$@" 2>&1; }
large() { # FILE LINE: of 3 MB, with the line in the middle
    awk -v line="$2" 'BEGIN {
        for (i = 0; i < 64000; i++) print i == 32000 ? line : "// a line of a generated source file " i
    }' >"$1"
}
forget() { # FILE: its pages, but those that are still to be written
    sync "$1"
    dd if="$1" iflag=nocache count=0 status=none
}
pages() { # FILE: bytes of it in memory
    fincore -bnro RES "$1"
}
# changes the line at its place, the size and, if it can, all times kept
change() { # FROM TO FILE
    touch -r "$3" times
    perl -e '($from, $to, $file) = @ARGV; open F, "+<", $file or die; read F, $t, 1e7; $at = index $t, $from;
        die if $at < 0 || length $from != length $to; seek F, $at, 0; print F $to; close F' "$1" "$2" "$3" || exit 1
    touch -r times "$3"
}
noted='#pragma ksearch in(a[n])'
other='#pragma nosuch_ in(a[n])'
for f in same moved longer kept damaged abreast late; do large $f.cu "$other"; done
large noted.cu "$noted"
head -c 1700000 same.cu >small.cu
ln -s same.cu link.cu
mkdir inc && large inc/deep.h "$other" && echo '#include "deep.h"' >inc/top.h
printf '#include "top.h"\n#include "none.h"\n' >headers.cu && cp headers.cu hidden.cu

is 'a file of this moment is looked at' "$(front same.cu)" plain
is 'and nothing is remembered of it' "$(ls cache 2>/dev/null)" ''
sleep 4.1
case $(stat -f -c %T .) in
ext* | xfs | btrfs | tmpfs | overlayfs | f2fs | zfs) keeps=1 ;;
*) keeps= ;;
esac
counted=$keeps
{ forget noted.cu && [ "$(pages noted.cu)" = 0 ] && cat noted.cu >/dev/null && [ "$(pages noted.cu)" != 0 ]; } || counted=
looks() { # FILE LOOK: "plain 1": it was read; "plain 0"
    local file=${1/headers.cu/inc/deep.h}
    forget "$file"
    echo "$("$2" "$1")" $(($(pages "$file") > 1000000))
}
reads() { # NAME FILE 0|1 [LOOK]
    if [ "$counted" ]; then
        is "$1" "$(looks "$2" "${4:-front}")" "plain $3"
    else
        skip "$1" 'this file system is none of those that are trusted, or its pages stay'
        front "$2" >/dev/null
    fi
}
reads 'an older one is read' same.cu 1
reads 'once' same.cu 0
reads 'and by another name' link.cu 1
reads 'once' link.cu 0
reads 'and from another file' kept.cu 1
is 'a small one leaves nothing behind' "$(front small.cu) $(ls cache/looked | grep -c .)" "plain $((${keeps:-0} * 3))"
is 'the word is remembered, too' "$(front noted.cu) $(front noted.cu)" 'engine engine'
for f in moved longer damaged abreast; do front $f.cu >/dev/null; done

change "$other" "$noted" same.cu
is 'an annotation at once, its file as large and as old as before' "$(front same.cu)" engine
is 'by its other name, too' "$(front link.cu)" engine
change "$noted" "$other" noted.cu
is 'an annotation that is gone at once' "$(front noted.cu)" plain
touch -r moved.cu times
perl -pe 's/nosuch_/ksearch/' moved.cu >next.cu
touch -r times next.cu && mv next.cu moved.cu
is 'in a new file in the place of the old' "$(front moved.cu)" engine
echo "$noted" >>longer.cu
is 'at the end of a longer file' "$(front longer.cu)" engine
reads 'the one that stays is not read for all that' kept.cu 0
touch kept.cu
for n in 'touched, it is read' 'and not remembered for now'; do reads "$n" kept.cu 1; done
chmod 644 late.cu
front late.cu >late
reads 'nor is one whose mode has just changed' late.cu 1

# ---- headers, where they count
headers() { KSEARCH_HEADERS=1 front "$1" -Iinc; }
reads 'headers are read' headers.cu 1 headers
reads 'once' headers.cu 0 headers
headers hidden.cu >/dev/null
change "$other" "$noted" inc/deep.h
is 'an annotation in a header at once, its file as large and as old as before' "$(headers headers.cu)" engine
change "$noted" "$other" inc/deep.h
is 'and gone at once' "$(headers headers.cu)" plain
echo "$noted" >none.h
is 'one in a header that was not there' "$(headers hidden.cu)" engine

# ---- memos that are none
for f in cache/looked/*; do truncate -s 30 "$f"; done
reads 'what was cut short is no memory' damaged.cu 1
reads 'and is written anew' damaged.cu 0
for f in cache/looked/*; do printf 'ksearch-looked 1 yes\n- x\n' >"$f"; done
reads 'nor is what somebody else wrote' damaged.cu 1
memo=$(grep -l damaged.cu cache/looked/*)
[ ! "$memo" ] || for f in cache/looked/*; do [ "$f" = "$memo" ] || cp "$memo" "$f"; done
is "nor is another file's" "$(front abreast.cu) $(front longer.cu)" 'plain engine'
rm -rf cache
for i in 1 2 3 4 5 6; do front abreast.cu; done >all &
for i in 1 2 3 4 5 6; do front abreast.cu; done >more
wait
is 'compiles side by side' "$(sort all more | uniq -c | tr -s ' ')" ' 12 plain'
is 'leave whole files' "$(find cache -type f | grep -c 'tmp$')" 0
rm -rf cache && touch cache
is 'where nothing can be kept it is looked at each time' "$(front abreast.cu)$(front abreast.cu)" plainplain
change "$other" "$noted" abreast.cu
is 'with its eyes open' "$(front abreast.cu)" engine
finish
