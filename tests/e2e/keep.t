#!/bin/bash
# What changes a cache: gc, verify, export, import, clear; in a database and in files.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.sh"
ksnvcc=${KSEARCH_BIN:?the folder of ksnvcc}/ksnvcc
fill=${KSEARCH_BUILD:?the build folder}/tests/store_fill
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CUDACXX|CI$)'); do unset "$v"; done
export HOME=$dir
cp "$here/../../samples/ksearch.lock" "$dir/all.lock"
cp -r "$here"/objects/. "$dir"
cd "$dir" || exit 1

run() {
    said=$("$@" 2>&1 </dev/null)
    status=$?
}
json() { # EXPRESSION of perl over the JSON text in $said
    perl -MJSON::PP -0777 -e '$j = decode_json(<STDIN>); print '"$1" <<<"$said"
}
flip() { # FILE OFFSET
    perl -e 'open F, "+<", $ARGV[0]; seek F, $ARGV[1], 0; read F, $c, 1; seek F, $ARGV[1], 0; print F chr(ord($c) ^ 4)' "$@"
}
records() {
    said=$("$ksnvcc" cache stats --json)
    json '$j->{records}'
}
total=$(perl -MJSON::PP -0777 -e 'print scalar @{decode_json(<>)->{records}}' all.lock)

for kind in 0 1; do
    export KSEARCH_CACHE_FILES=$kind KSEARCH_CACHE_DIR=$dir/cache$kind
    what=$([ $kind = 0 ] && echo 'a database' || echo 'files')
    run "$ksnvcc" cache verify
    is "$what: nothing is there, and nothing is wrong" "$status $(ls -d "$KSEARCH_CACHE_DIR" 2>/dev/null)" '0 '
    run "$ksnvcc" cache --json import all.lock
    is "$what: a lockfile is imported" "$status $(json '$j->{imported}') $(records)" "0 $total $total"
    run "$ksnvcc" cache --json import all.lock
    is "$what: again, and nothing is newer" "$(json '$j->{imported}') $(records)" "0 $total"
    run "$ksnvcc" cache export out.lock
    is "$what: all is exported" "$status $said" "0 out.lock has $total records"
    "$ksnvcc" cache ls >before
    run "$ksnvcc" cache clear
    is "$what: cleared" "$status $(records)" '0 0'
    run "$ksnvcc" cache import out.lock
    is "$what: and imported" "$status $(records)" "0 $total"
    ok "$what: it is what it was" sh -c "$ksnvcc cache ls | cmp - before"
    run "$ksnvcc" lock show out.lock
    is "$what: an export is a lockfile" "$status" 0
    key=$(awk 'NR == 1 { print $1 }' before)
    run "$ksnvcc" cache export - "$key"
    is "$what: one of them" "$(json 'scalar @{$j->{records}}')" "$(grep -c "^$key" before)"
    perl -0pe "s/\"key\"/\"signed\": {\"by\": \"ci\", \"key\": \"$(printf 'a%.0s' {1..64})\"}, \"key\"/g" out.lock >claims.lock
    "$ksnvcc" cache clear >/dev/null
    run "$ksnvcc" cache import claims.lock
    is "$what: a file that claims to be signed is imported" "$status $(records)" "0 $total"
    unlike "$what: and its claim is not believed" "$("$ksnvcc" cache --json show "$key")" '"signed"'
    run "$ksnvcc" cache export x.lock 0000000
    is "$what: none of such a key" "$status" 1
    run "$ksnvcc" cache verify --json
    is "$what: all is well" "$status $(json '$j->{ok}') $(json '$j->{records}{n}')" "0 1 $total"
    run "$ksnvcc" cache --json gc 1k
    is "$what: no room for any" "$status $(json '$j->{records}{n}') $(records)" "0 $total 0"
    "$ksnvcc" cache import out.lock >/dev/null
    run "$ksnvcc" cache gc many
    is "$what: a size that is none" "$status" 100
done

# ---- the least recently used ones
export KSEARCH_CACHE_FILES=0 KSEARCH_CACHE_DIR=$dir/lru
"$ksnvcc" cache import out.lock >/dev/null
keys=$("$ksnvcc" cache ls --json | perl -MJSON::PP -0777 -e 'print "$_\n" for sort map { $_->{key} } @{decode_json(<>)}' | sort -u)
i=0
for key in $keys; do touch -d "2026-01-01 00:$((i++)):00" "$KSEARCH_CACHE_DIR/used/$key"; done
"$ksnvcc" cache gc "$(du -b out.lock | cut -f1)" >/dev/null
left=$("$ksnvcc" cache ls --json | perl -MJSON::PP -0777 -e 'print "$_\n" for sort map { $_->{key} } @{decode_json(<>)}' | sort -u)
ok 'some stay and some go' test "$(wc -l <<<"$left")" -lt "$(wc -l <<<"$keys")" -a -n "$left"
is 'those that were used last stay' "$left" "$(tail -n "$(wc -l <<<"$left")" <<<"$keys")"

# ---- objects
export KSEARCH_CACHE_DIR=$dir/objects
sleep 0.05
compile() { "$ksnvcc" nvcc -arch=sm_90 -Iinc -c k.cu -o "$1" "${@:2}" >/dev/null 2>&1; }
compile a.o
like 'an object is counted' "$("$ksnvcc" cache stats)" 'objects +1 '
run "$ksnvcc" cache verify
like 'and read' "$said" 'objects +1, 0 damaged'
object=$(find objects -type f -name '????????????????')
flip "$object" $(($(stat -c %s "$object") / 2))
run "$ksnvcc" cache verify
is 'a damaged one is an error' "$status" 1
like 'and named' "$said" "object: .*$(basename "$object")"
cp a.o good.o
compile a.o
ok 'a build passes it over, and keeps it anew' "$ksnvcc" cache verify
flip "$object" 50
run "$ksnvcc" cache --json gc
is 'gc removes it' "$(json '$j->{objects}{damaged}') $(find objects -path '*objects/objects/*' -type f | grep -cv size)" '1 0'
compile a.o
KSEARCH_CACHE_SIZE=1000 compile b.o
is 'an object larger than the cache may be is not kept' "$("$ksnvcc" cache stats --json | perl -MJSON::PP -0777 -e 'print decode_json(<>)->{objects}')" 1
mkdir objects/looked && touch objects/looked/new && touch -d '-100 days' objects/looked/old
touch "${object%/*}/x.1-1.tmp" && touch -d '-1 day' "${object%/*}/x.1-1.tmp"
run "$ksnvcc" cache gc
is 'what a writer left when it was killed goes' "$(find objects -name '*.tmp')" ''
is 'and what was seen of files long ago' "$(ls objects/looked)" new
run "$ksnvcc" cache clear objects
is 'the objects can be cleared alone' "$status $(find objects -path '*/objects/*' -type f)" '0 '

is 'what was seen of files stays' "$(ls objects/looked)" new
"$ksnvcc" cache clear >/dev/null
is 'and goes with all the rest' "$(ls -d objects/looked 2>/dev/null)" ''

# ---- a database that cannot be read
"$ksnvcc" cache import out.lock >/dev/null
printf 'no database at all' >"$KSEARCH_CACHE_DIR/data.mdb"
run "$ksnvcc" cache verify
is 'is an error' "$status" 1
compile a.o
ok 'a build goes on' test -s a.o
run "$ksnvcc" cache gc
is 'gc puts it aside' "$status $(cat "$KSEARCH_CACHE_DIR/data.mdb.damaged")" '0 no database at all'
run "$ksnvcc" cache import out.lock
is 'and another one is there' "$(records)" "$total"

run "$ksnvcc" cache clear everything
is 'a word too many' "$status" 100
run "$ksnvcc" cache import none.lock
is 'no such file' "$status $said" '1 ksnvcc: error: there is no file none.lock'
chmod -w "$KSEARCH_CACHE_DIR" "$KSEARCH_CACHE_DIR"/*.mdb
if [ "$(id -u)" != 0 ]; then
    run "$ksnvcc" cache gc
    is 'a cache of somebody else is left alone' "$status" 1
fi
finish
