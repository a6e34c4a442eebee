#!/bin/bash
# Records shared through a remote cache: keys, signing, a server that does all that servers do wrong, a folder, nginx. What nobody
# trusted signed is never used, and no build fails or waits twice for a remote that is in trouble.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/recording.sh"
here=$(cd "$(dirname "$0")" && pwd)
ks=$KSEARCH_BIN/ksnvcc
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER|AGAIN|QUIET|DEBUG|MODEL|CACHE|REMOTE|SIGNING|TRUSTED)|NVCC_|XDG_|CI$|NETRC$)'); do unset "$v"; done
export HOME=$dir/home KSEARCH_CACHE_DIR=$dir/cache KSEARCH_JOBS=2 no_proxy=127.0.0.1
mkdir "$HOME" "$dir/server"
cp "$here"/compile/*.cu "$here"/compile/*.h "$dir"
cd "$dir" || exit 1
running=()
trap 'kill "${running[@]}" 2>/dev/null; wait 2>/dev/null; chmod -R u+w "$dir"; rm -rf "$dir"' EXIT

run() {
    said=$(timeout 120 "$@" 2>&1 </dev/null)
    status=$?
    flat=${said//$'\n'/ } # on one line
}
json_of() { # EXPRESSION: of what was said, as $_
    printf '%s' "$said" | perl -MJSON::PP -e '$_ = decode_json(join "", <STDIN>); print eval shift' "$1" 2>&1
}

# ---- keys
run "$ks" cache keys
like 'without a key nothing is signed' "$status $flat" '^0 signs +nothing: ksnvcc cache keygen'
(umask 0 && "$ks" cache keygen ci) >ci.txt 2>&1
key=$HOME/.config/ksearch/signing-key
is 'keygen writes a file that nobody else may read' "$(stat -c %a "$key")" 600
public=$(grep '^ksearch-public:' ci.txt)
like 'and prints the public half' "$public" '^ksearch-public:[0-9a-f]{64} ci$'
secret=$(grep -Eo '[0-9a-f]{64}' "$key")
unlike 'and not the secret one' "$(cat ci.txt)" "$secret"
before=$(cat "$key")
run "$ks" cache keygen again
like 'a key is not overwritten' "$status $flat" '^1 .*is there already'
is 'and is what it was' "$(cat "$key")" "$before"
KSEARCH_SIGNING_KEY=$dir/other/key run "$ks" cache --json keygen stranger
is 'keygen as JSON, to a file of that name' "$status $(json_of '"$_->{path} $_->{name}"')" "0 $dir/other/key stranger"
stranger=$(json_of '$_->{public}')
run "$ks" cache keys
like 'keys: who signs' "$said" "^signs +$public\$"
chmod 644 "$key"
run "$ks" cache keys
like 'a key that others may read is not used' "$status $flat" '^0 signs +nothing: others may read .*chmod 600'
chmod 600 "$key"
for bad in 'ksearch-public:12 x' "${public/ci/$(printf %070d 1)}" 'what' "$before"; do
    printf '# ours\n\n%s\n%s\n' "$stranger" "$bad" >bad.keys
    KSEARCH_TRUSTED_KEYS=bad.keys run "$ks" cache keys
    like "a bad line of the trusted keys is named: ${bad:0:20}" "$status $flat" '^1 .*bad.keys:4: '
    unlike 'but no secret is shown' "$flat" "$secret"
done
KSEARCH_TRUSTED_KEYS=none.keys run "$ks" cache keys
like 'a list that was named and is not there' "$status $flat" '^1 .*none.keys'
KSEARCH_TRUSTED_KEYS=$stranger run "$ks" cache --json keys
is 'keys in the variable itself' "$(json_of '"$_->{signs}{name} $_->{trusted}[0]{name}"')" 'ci stranger'
run "$ks" cache push
like 'push wants a remote' "$status $flat" '^1 .*KSEARCH_REMOTE is not set'
run "$ks" cache pull
is 'pull wants to know what' "$status" 100
for bad in 'ftp://x/y' 'file://relative' 'http://x/y?sig=1' 'http://' 'http://me:KSLEAK/x@host/y' 'x'; do
    KSEARCH_REMOTE=$bad run "$ks" cache push
    like "a remote that cannot be: $bad" "$status $flat" '^1 .*KSEARCH_REMOTE (is no|holds an @)'
    unlike 'whose secrets are not said' "$flat" KSLEAK
done
KSEARCH_REMOTE=http://127.0.0.1:1 KSEARCH_REMOTE_MODE=write run "$ks" cache push
like 'a mode that is none' "$flat" 'KSEARCH_REMOTE_MODE=write is neither read-only nor read-write'

# ---- a server: one machine searches, another takes it from there
"$KSEARCH_BUILD/tests/fake/remote_server" "$dir/server" >port &
running+=($!)
for ((i = 0; i < 500; i++)); do [ -s port ] && break; sleep 0.01; done
server=http://127.0.0.1:$(cat port)
requests() { # [PATTERN]
    local n
    n=$(grep -c "${1-}" server/log 2>/dev/null)
    echo "${n:-0}"
}
mode() { # LINE: of the server; and nobody knows anything of it yet
    echo "$1" >server/mode
    rm -rf "$KSEARCH_CACHE_DIR" server/log
}
compile() { # ARGS
    run "$ks" nvcc -arch=sm_90 -c "$@"
}
look() { # what a build would find
    run "$ks" explain scale.cu -- -arch=sm_90
}
export KSEARCH_REMOTE=$server/shared
recording fast.jsonl scale_0 n=1048576 'n=1;n=1000' '[128]' 10 '[64]' 12 '[256]' 8
KSEARCH_REMOTE_MODE=read-write KSEARCH_WORKER="$KSEARCH_BUILD/libexec/ksearch/ksearch-worker --replay $dir/fast.jsonl" compile scale.cu -o scale.o
like 'a search' "$status $flat" '^0 .*BLOCK=256 .*\(search\)'
is 'asks the remote once before it, and puts the result there' "$(cut -d' ' -f1 server/log | xargs)" 'GET GET PUT'
name=$(cd server/files/shared && find . -type f | cut -c3-)
like 'under the key, below two digits of it' "$name" '^[0-9a-f]{2}/[0-9a-f]{62}$'
hex=${name/\//}
like 'cache ls has that key' "$("$ks" cache ls)" "^${hex:0:12} "
row=$dir/server/files/shared/$name
cp "$row" row
ok 'small, and compressed' test "$(stat -c %s "$row")" -lt 2000
mode ok
compile scale.cu -o remote.o
like 'another machine takes it from there, and says whose it is' "$status $flat" '^0 .*BLOCK=256 .*\(remote, signed by ci \([0-9a-f]{16}\)\)'
is 'with one request' "$(cat server/log)" "GET /shared/$name [] 0"
like 'the object tells whose it is' "$("$ks" explain remote.o)" 'signed +by ci \([0-9a-f]{16}\)'
like 'and cache show' "$("$ks" cache show "$hex")" 'shared +signed by ci \('
compile scale.cu -o local.o
like 'from then on it is here' "$flat $(requests)" '\(cache\) 1$'
is 'the same object either way' "$(objcopy -O binary -j .ksearch remote.o a; objcopy -O binary -j .ksearch local.o b; cmp a b && echo same)" same
run "$ks" cache --json stats
is 'and counted' "$(json_of '"$_->{builds}{remote_hit} $_->{builds}{hit}"')" '1 1'
run "$ks" cache --json show "$hex"
is 'with its provenance as JSON' "$(json_of '"$_->[0]{signed}{by} $_->[0]{signed}{key}"')" "ci $(grep -Eo '[0-9a-f]{64}' <<<"$public")"
: >ksearch.lock
KSEARCH_MODE=search compile scale.cu -o lock.o
KSEARCH_CACHE_DIR=$dir/none KSEARCH_REMOTE='' compile scale.cu -o lock2.o
like 'a lockfile takes it over, with whose it is' "$flat $(xargs <ksearch.lock)" '\(lockfile\) .*by: ci'
is 'and its objects are the same' "$(objcopy -O binary -j .ksearch lock2.o b; cmp a b && echo same)" same
mode stall
KSEARCH_CACHE_DIR=$dir/none2 look
is 'what a lockfile has is not asked for' "$status $(requests)" '0 0'
rm ksearch.lock

# ---- who is believed
mode ok
mv "$key" kept.key
look
like 'a signature of a key that is not trusted is refused' "$flat" "signed by the key [0-9a-f]{64}, which is not trusted; to trust it, put .*trusted-keys"
like 'and not used' "$flat" 'on file +nothing'
look
unlike 'which is warned of once in a build' "$flat" warning
is 'a build goes on asking, for others may be known' "$(requests)" 2
rm -rf cache
KSEARCH_REMOTE_UNSIGNED=1 look
like 'not even where unsigned records are taken' "$flat" 'on file +nothing'
echo "$public" >"$HOME/.config/ksearch/trusted-keys"
look
like 'a public key is enough to read' "$flat" 'BLOCK=256 .*\(remote'
rm -rf cache
sed -i 's/ ci$/ the build server/' "$HOME/.config/ksearch/trusted-keys"
run "$ks" cache pull "$hex"
like 'its name is the one in our list' "$status $flat" '^0 .*signed by the build server'
KSEARCH_REMOTE='' look
like 'what was pulled is there' "$flat" 'BLOCK=256 .*\(cache'
# the same record without its signature: 8 bytes, then 96 of signer and signature
{ head -c 8 row; head -c 96 /dev/zero; tail -c +105 row; } >unsigned
cp unsigned "$row"
mode ok
look
like 'unsigned is refused' "$flat" 'nobody signed it \(KSEARCH_REMOTE_UNSIGNED=1'
like 'and not used without' "$flat" 'on file +nothing'
KSEARCH_REMOTE_UNSIGNED=1 run "$ks" nvcc -arch=sm_90 -c scale.cu -o unsigned.o
like 'unless the user says otherwise' "$flat" 'BLOCK=256 .*\(remote, unsigned\)'
like 'which the object tells' "$("$ks" explain unsigned.o)" 'signed +by nobody'
mv kept.key "$key"

# ---- what may be wrong with a row: no build uses it, and none fails
cp row "$row"
size=$(stat -c %s row)
for at in 0 4 9 45 110 150 $((size - 1)); do
    mode "corrupt $at"
    look
    like "byte $at changed: refused" "$status $flat" '^0 .*warning: .*remote cache.*on file +nothing'
done
mkdir -p server/files/shared/aa
for other in "$(printf %064d 0 | sed 's/^00/aa/')"; do
    cp row "server/files/shared/${other:0:2}/${other:2}"
    mode ok
    run "$ks" cache pull "$other"
    like "another key's record is refused" "$status $flat" '^1 .*does not hold: it was changed, or is that of another key'
done
head -c $((size / 2)) row >"$row"
mode ok
look
like 'half a row' "$flat" 'warning: .*cut short'
{ head -c 3 row; printf '\002'; tail -c +5 row; cat row; } >"$row"
mode ok
look
like 'a record of a later version is passed over' "$flat" 'BLOCK=256 .*\(remote'
cat unsigned row >"$row"
mode ok
look
like 'one bad record does not hide a good one' "$flat" 'BLOCK=256 .*\(remote'
cp row "$row"

# ---- what may be wrong with a server: it is asked once, said once, and left alone
trouble() { # MODE PATTERN [TIME]: what is said of it
    mode "$1"
    KSEARCH_REMOTE_TIMEOUT=${3-20s} look
    like "$1: said" "$status $flat" "^0 .*warning: the remote cache $server/shared is left alone: .*$2.*on file +nothing"
    look
    is "$1: and once" "$status $(grep -c warning <<<"$said") $(requests)" '0 0 1'
    like "$1: which is why nothing is on file" "$flat" 'nothing: it was never searched; the remote cache .*is left alone'
}
trouble stall 'no end after 0.4 s' 0.4s
trouble drip 'no end after|nothing came for' 0.4s
trouble 'slow 3000' 'no end after 0.4 s' 0.4s
trouble truncate 'ended|closed|remaining|transfer'
trouble page 'no record of ksnvcc'
trouble endless 'more than'
trouble garbage 'HTTP'
trouble 'redirect http://127.0.0.2:1/x' 'sends us on to http://127.0.0.2:1/x'
trouble 'status 401' 'other credentials'
trouble 'status 403' 'may not be read'
trouble 'status 500' 'answers GET with 500'
trouble 'retry 7' 'too much to do'
KSEARCH_REMOTE=http://127.0.0.1:1/x look
like 'nobody listens' "$flat" '127.0.0.1:1/x is left alone: .*[Cc]onnect'
KSEARCH_REMOTE=http://no-such-host.invalid/x look
like 'no such host' "$flat" 'left alone: .*no-such-host.invalid'
# a name server that does not answer: the deadline is the same
if [ "$(id -u)" = 0 ] && command -v socat bwrap >/dev/null; then
    socat -u UDP-RECV:53,bind=127.53.0.1,reuseaddr OPEN:/dev/null &
    running+=($!)
    echo 'nameserver 127.53.0.1' >resolv.conf
    echo 'options timeout:60' >>resolv.conf
    rm -rf cache
    KSEARCH_REMOTE=http://cache.example.org/x KSEARCH_REMOTE_TIMEOUT=0.4s run timeout 30 bwrap --dev-bind / / --ro-bind "$(realpath resolv.conf)" \
        "$(realpath /etc/resolv.conf)" "$ks" explain scale.cu -- -arch=sm_90
    like 'a name server that does not answer' "$status $flat" '^0 .*left alone: no end after 0.4 s'
else
    skip 'a name server that does not answer' 'that takes root, socat and bwrap'
fi
# slow is slow: each answer is right, and late
mode 'slow 1000'
for ((i = 0; i < 7; i++)); do
    rm -f cache/data.mdb
    KSEARCH_REMOTE_TIMEOUT=2s look
done
ok "an answer that is always late is not waited for for ever ($(requests))" test "$(requests)" -lt 6
# with words of its own, doctor asks again and forgets
mode stall
KSEARCH_REMOTE_TIMEOUT=0.4s look
echo ok >server/mode
look
like 'what is left alone stays so' "$flat $(requests)" 'nothing.* 1$'
like 'doctor asks at once' "$("$ks" doctor)" "ok +remote +$server/shared answers, read-only, 1 trusted key"
look
like 'and then it is asked again' "$flat" 'BLOCK=256 .*\(remote'
mode stall
like 'doctor says what is wrong' "$(KSEARCH_REMOTE_TIMEOUT=0.4s "$ks" doctor)" "warning +remote +the remote cache $server/shared: no end after 0.4 s"
# left alone for a time, not for ever
KSEARCH_REMOTE_TIMEOUT=0.4s look
echo ok >server/mode
word=$(echo cache/remotes/remote-*.json)
perl -pi -e 's/"(used|since)":(\d+)/"\"$1\":" . ($2 - 3601)/ge' "$word"
look
like 'an hour later it is asked again' "$flat" 'BLOCK=256 .*\(remote'
mode 'status 500'
mkdir run
chmod 700 run
XDG_RUNTIME_DIR=$dir/run look
is 'the word is left in XDG_RUNTIME_DIR where there is one' "$(ls run/ksearch | wc -l) $(ls cache/remotes 2>/dev/null | wc -l)" '1 0'
# many compiles of one build at once
mode stall
for i in 1 2 3; do cp scale.cu "many$i.cu"; done
export KSEARCH_REMOTE_TIMEOUT=1s
printf 'all: many1.o many2.o many3.o\n%%.o: %%.cu\n\t%s nvcc -arch=sm_90 -c $< -o $@\n' "$ks" >Makefile
run make -j2 all
is 'a build with a server that stalls: all is built' "$status $(ls many*.o | wc -l)" '0 3'
is 'one line says so' "$(grep -c 'is left alone' <<<"$said")" 1
ok "not every compile waited ($(requests))" test "$(requests)" -lt 3
unset KSEARCH_REMOTE_TIMEOUT

# ---- putting
export KSEARCH_REMOTE_MODE=read-write
mode ok
rm -rf server/files
"$KSEARCH_BUILD/tests/store_fill" "$here/../../samples/ksearch.lock"
records=$(grep -c '"entry"' "$here/../../samples/ksearch.lock")
run "$ks" cache push
like 'push: all that was measured here' "$status $flat" "^0 .*: $records sent, 0 there already, 0 of others not sent, 0 failed"
run "$ks" cache --json push
is 'a second time nothing is to do' "$status $(json_of '"$_->{sent} $_->{there}"')" "0 0 $records"
first=$(cd server/files/shared && find . -type f | sort | head -n 1 | tr -d ./)
rm -rf server/files
run "$ks" cache push "${first:0:20}"
like 'push of one key' "$status $flat" '^0 .*: [12] sent'
run "$ks" cache push ffffffffffffffffffffff
like 'of none' "$status $flat" '^1 .*begins with fff'
KSEARCH_REMOTE_MODE=read-only run "$ks" cache push
like 'not where the remote is read-only' "$status $flat" '^1 .*read-only: nothing is put'
rm -rf cache
run "$ks" cache --json pull "$first"
is 'pull by key' "$status $(json_of 'scalar grep { $_->{record}{signed} } @$_')" '0 1'
run "$ks" cache push
like 'what others signed is not signed again' "$flat" '0 sent, 0 there already, 1 of others not sent'
run "$ks" cache pull "$(printf %064d 7)"
is 'nothing is there' "$status $said" '0 nothing of that is there'
# two who sign: both rows stay, and each replaces its own
mode ok
rm -rf server/files
"$KSEARCH_BUILD/tests/store_fill" "$here/../../samples/ksearch.lock"
"$ks" cache push "$first" >/dev/null
one=$(stat -c %s "server/files/shared/${first:0:2}/${first:2}")
KSEARCH_SIGNING_KEY=$dir/other/key "$ks" cache push "$first" >/dev/null
two=$(stat -c %s "server/files/shared/${first:0:2}/${first:2}")
ok "records of two signers stand side by side ($one, $two)" test "$two" -ge $((2 * one - 200))
rm -rf cache
KSEARCH_TRUSTED_KEYS=$stranger KSEARCH_SIGNING_KEY=$dir/no/key run "$ks" cache pull "$first"
like 'each reads those that it trusts' "$flat" 'signed by stranger'
for full in 507 413 403 405; do
    mode "put $full"
    rm -rf server/files
    "$KSEARCH_BUILD/tests/store_fill" "$here/../../samples/ksearch.lock"
    run "$ks" cache push
    like "push to a server that answers $full" "$status $flat" "^1 .*answers PUT with $full.* 0 sent, .* 3 failed, $((records - 3)) not tried"
done
mode 'put 507'
KSEARCH_AGAIN=1 KSEARCH_WORKER="$KSEARCH_BUILD/libexec/ksearch/ksearch-worker --replay $dir/fast.jsonl" compile scale.cu -o x.o
like 'a search whose result a full server does not take succeeds' "$status $flat" "^0 .*takes no records: it answers PUT with 507: it is full.*\(search\)"
cp row "$dir/kept"; mkdir -p "$(dirname "$row")"; cp kept "$row"
rm -f cache/data.mdb
look
like 'and it is read as ever' "$flat" 'BLOCK=256 .*\(remote'
mv "$key" kept.key
run "$ks" cache push
like 'without a key nothing is put' "$status $flat" '^1 .*there is no signing key: ksnvcc cache keygen'
like 'and doctor says so' "$("$ks" doctor)" 'warning +remote +.*read-write, 1 trusted key, but cannot sign'
mv kept.key "$key"
run env KSEARCH_SIGNING_KEY="$(cat "$key")" "$ks" doctor
like 'the key may stand in the variable itself' "$flat" 'ok +remote .*signs as ci'
export KSEARCH_REMOTE_MODE=read-only

# ---- credentials: as the server wants them, and nowhere else
password='KSLEAK p@ss:w/rd%'
encoded='KSLEAK%20p%40ss:w%2Frd%25'
token=KSLEAKtoken.$RANDOM$RANDOM
basic="Basic $(printf 'me:%s' "$password" | base64)"
credentials() { # HEADER
    mode "auth $1"
    export KSEARCH_DEBUG=1
    look
    printf '%s\n' "$said" >>said.all
    like "$2: taken" "$flat" 'BLOCK=256 .*\(remote'
    echo 'status 401' >server/mode
    rm -rf cache
    look
    printf '%s\n' "$said" >>said.all
    echo 'redirect /login' >server/mode
    rm -rf cache
    look
    printf '%s\n' "$said" "$("$ks" doctor 2>&1)" "$("$ks" cache push 2>&1)" >>said.all
    unset KSEARCH_DEBUG
}
KSEARCH_REMOTE=${server/\/\//\/\/me:$encoded@}/shared credentials "$basic" 'in the URL'
KSEARCH_REMOTE_LOGIN=me:$password credentials "$basic" 'in KSEARCH_REMOTE_LOGIN'
KSEARCH_REMOTE_TOKEN=$token credentials "Bearer $token" 'a token'
echo "machine 127.0.0.1 login me password $token" >"$HOME/.netrc"
credentials "Basic $(printf 'me:%s' "$token" | base64)" 'in ~/.netrc'
mv "$HOME/.netrc" netrc
NETRC=$dir/netrc credentials "Basic $(printf 'me:%s' "$token" | base64)" 'in the file that NETRC names'
rm netrc
mode "auth $basic"
look
like 'none are not enough' "$flat" 'wants other credentials'
like 'the log has where it was sent on to' "$(cat said.all)" "sends us on to $server/login"
is 'no secret is said' "$(grep -c "KSLEAK\|${basic#Basic }\|$secret" said.all)" 0
is 'or kept' "$(grep -rlF -e KSLEAK -e "${basic#Basic }" -e "$secret" cache ./*.o said.all 2>/dev/null)" ''
KSEARCH_REMOTE=http://me:x@192.0.2.1:9/ KSEARCH_REMOTE_TIMEOUT=0.4s run "$ks" doctor
unlike 'not even for a host that is not there' "$flat" 'me:x'

# ---- as bazel-remote has it
mode ac
KSEARCH_REMOTE=$server/ac KSEARCH_REMOTE_MODE=read-write
"$KSEARCH_BUILD/tests/store_fill" "$here/../../samples/ksearch.lock"
run "$ks" cache push
like 'a URL that ends in /ac: 64 digits' "$status $flat $(ls server/files/ac | head -n 1)" '^0 .* 0 failed.* [0-9a-f]{64}$'
rm -rf cache
run "$ks" cache pull "$first"
like 'and back' "$status $flat" '^0 .*signed by '
KSEARCH_REMOTE=$server run "$ks" cache pull "$first"
like 'another URL of it is wrong' "$status $flat" '^1 .*answers GET with 400: bazel-remote wants a URL that ends in /ac'
KSEARCH_REMOTE=$server/cas run "$ks" cache pull "$first"
like 'so is that of its other half' "$status $flat" '^1 .*answers GET with 400: bazel-remote wants a URL that ends in /ac'
rm -rf cache
"$KSEARCH_BUILD/tests/store_fill" "$here/../../samples/ksearch.lock"
KSEARCH_REMOTE=$server/cas/ac run "$ks" cache push
like 'an instance may stand before it' "$status $flat $(ls server/files/cas/ac | head -n 1)" '^0 .* 0 failed.* [0-9a-f]{64}$'
KSEARCH_REMOTE=$server/ac KSEARCH_REMOTE_MODE=read-only run "$ks" doctor
like 'doctor finds it' "$flat" "ok +remote +$server/ac"
before=$(wc -l <server/log)
KSEARCH_REMOTE=$server/ac KSEARCH_REMOTE_MODE=read-only look
is 'a build that only reads puts nothing' "$(tail -n +$((before + 1)) server/log | cut -d ' ' -f 1 | sort -u)" GET
mode validated
rm -rf cache
"$KSEARCH_BUILD/tests/store_fill" "$here/../../samples/ksearch.lock"
KSEARCH_REMOTE=$server/ac run "$ks" cache push
like 'one that validates says which option it lacks' "$status $flat" '^1 .*answers PUT with 400: .*--disable_http_ac_validation'
mode ac

# ---- a folder
export KSEARCH_REMOTE=file://$dir/folder
rm -rf cache
"$KSEARCH_BUILD/tests/store_fill" "$here/../../samples/ksearch.lock"
run "$ks" cache push
like 'a folder that is not there is not made: it may be a mount' "$status $flat $(ls -d folder 2>&1)" '^1 .*cannot open the folder.*No such'
mkdir folder
run "$ks" cache push
like 'a folder takes them' "$status $flat" "^0 .*: $records sent"
rm -rf cache
run "$ks" cache pull "$first"
like 'and gives them' "$status $flat" '^0 .*signed by '
mkdir -p "folder/${name%/*}"
cp row "folder/$name"
look
like 'to a build, too' "$flat" 'BLOCK=256 .*\(remote'
rm -rf cache "folder/$name"
mkfifo "folder/$name"
KSEARCH_REMOTE_TIMEOUT=0.4s look
like 'one that hangs is left alone' "$flat" 'did not answer in 0.4 s.*on file +nothing'
rm "folder/$name"
run "$ks" cache --json push
rm -rf cache

# ---- pull for what a build needs
export KSEARCH_REMOTE=$server/shared KSEARCH_REMOTE_MODE=read-only
mode ok
run "$ks" cache pull scale.cu -- -arch=sm_90
like 'pull for a source' "$status $flat" '^0 scale.cu: scale: BLOCK=256 on NVIDIA H200'
mkdir project
echo "[{\"directory\": \"$dir\", \"file\": \"scale.cu\", \"command\": \"$ks nvcc -arch=sm_90 -c scale.cu -o x.o\"}]" >project/compile_commands.json
rm -rf cache
run "$ks" cache --json pull -p project/compile_commands.json
is 'for a project' "$status $(json_of '"$_->[0]{file} $_->[0]{record}{entry}"')" '0 scale.cu scale'
KSEARCH_REMOTE='' KSEARCH_MODE=require compile scale.cu -o x.o
is 'then a build needs no network' "$status" 0

# ---- nginx
nginx=$(PATH=$PATH:/usr/sbin command -v nginx)
if [ -z "$nginx" ]; then
    skip 'nginx' 'it is not installed'
    finish
fi
mkdir -p nginx/files nginx/temporary
chmod 755 "$dir" nginx nginx/files
printf 'me:%s\n' "$(openssl passwd -apr1 secret 2>/dev/null || echo '{PLAIN}secret')" >nginx/users
# the snippet of README.md, and what a server of its own needs
conf() { # PORT
    cat <<N
$([ "$(id -u)" = 0 ] && echo 'user root;')
daemon off;
pid $dir/nginx/pid;
error_log $dir/nginx/errors;
events {}
http {
    access_log $dir/nginx/log;
    $(for what in proxy fastcgi uwsgi scgi; do echo "${what}_temp_path $dir/nginx/temporary;"; done)
    server {
        listen 127.0.0.1:$1;
        location /ksearch/ {
            alias $dir/nginx/files/;
            client_body_temp_path $dir/nginx/temporary;
            client_max_body_size 16m;
            log_not_found off;
            dav_methods PUT;
            dav_access user:rw group:rw all:r;
            create_full_put_path on;
            limit_except GET HEAD {
                auth_basic "ksearch";
                auth_basic_user_file $dir/nginx/users;
            }
        }
    }
}
N
}
for ((i = 0; i < 20; i++)); do
    port=$((20000 + RANDOM % 10000))
    conf $port >nginx/conf
    "$nginx" -e "$dir/nginx/errors" -c "$dir/nginx/conf" 2>/dev/null &
    pid=$!
    for ((k = 0; k < 100; k++)); do
        (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null && kill -0 $pid 2>/dev/null && break 2
        kill -0 $pid 2>/dev/null || break
        sleep 0.02
    done
    kill $pid 2>/dev/null
done
running+=("$pid")
export KSEARCH_REMOTE=http://127.0.0.1:$port/ksearch/ KSEARCH_REMOTE_MODE=read-write
rm -rf cache
"$KSEARCH_BUILD/tests/store_fill" "$here/../../samples/ksearch.lock"
run "$ks" cache push
like 'nginx wants a login of who writes' "$status $flat" '^1 .*answers PUT with 401: it wants other credentials'
KSEARCH_REMOTE_LOGIN=me:secret run "$ks" cache push
like 'nginx takes records' "$status $flat" "^0 .*: $records sent"
KSEARCH_REMOTE_LOGIN=me:secret run "$ks" cache push
like 'and has them' "$flat" "0 sent, $records there"
mkdir -p "nginx/files/${name%/*}"
cp row "nginx/files/$name"
rm -rf cache
look
like 'and gives them to a build' "$status $flat" '^0 .*BLOCK=256 .*\(remote, .*shared +signed by '
like 'doctor: it answers' "$("$ks" doctor)" 'ok +remote +.*/ksearch answers, read-write'
rm -rf nginx/files/* cache
"$KSEARCH_BUILD/tests/store_fill" "$here/../../samples/ksearch.lock"
chmod 500 nginx/files
if [ "$(id -u)" = 0 ]; then
    skip 'a disk that may not be written' 'root may write everything'
else
    KSEARCH_REMOTE_LOGIN=me:secret run "$ks" cache push
    like 'a disk that may not be written' "$status $flat" '^1 .*answers PUT with (403|500)'
fi
finish
