#!/bin/bash
# Models over https: a server with the certificate of a CA that this test makes. What is not to be trusted gets no request, and so no key.
. "$(dirname "$0")/../tap.sh"

build=${KSEARCH_BUILD:?the build folder}
for v in $(compgen -e | grep -E '^(KSEARCH_|OPENAI_|ANTHROPIC_)|^(CURL_CA_BUNDLE|SSL_CERT_FILE)$'); do unset "$v"; done
for program in openssl socat; do
    command -v $program >/dev/null || { skip 'models over https' "$program is not installed"; finish; }
done
export no_proxy=127.0.0.1,localhost HOME=$dir
running=()
trap 'kill "${running[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT

# ---- two CAs, of which one is trusted, and three servers in front of the one of the tests
cd "${dir:?}" || exit 1
certify() { # NAME CA SUBJECT-ALTERNATIVE-NAMES
    openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -subj "/CN=$1" -out "$1.csr" 2>/dev/null &&
        openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 2 -extfile <(echo "subjectAltName=$3") -out "$1.crt" 2>/dev/null &&
        cat "$1.crt" "$1.key" >"$1.pem"
}
for ca in ours theirs; do
    openssl req -x509 -newkey rsa:2048 -nodes -keyout $ca.key -subj "/CN=the CA $ca of the tests" -days 2 -out $ca.pem 2>/dev/null
done
certify right ours IP:127.0.0.1,DNS:localhost
certify elsewhere ours DNS:elsewhere.invalid
certify stranger theirs IP:127.0.0.1
is 'certificates' "$(echo right.pem elsewhere.pem stranger.pem | xargs ls 2>/dev/null | wc -l)" 3

port_in() { # FILE PATTERN: waits for the port that a server tells
    for ((i = 0; i < 500; i++)); do
        grep -Eo "$2" "$1" 2>/dev/null | grep -Eo '[0-9]+$' | head -n 1 | grep . && break
        sleep 0.01
    done
}
key=sk-a-key-of-the-tests
"$build/tests/fake/model_server" "$key" >port &
running+=($!)
plain=$(port_in port '^[0-9]+$')
for name in right elsewhere stranger; do
    # what passes through it, decrypted, and its port are in its log
    socat -d -d -v "OPENSSL-LISTEN:0,bind=127.0.0.1,cert=$name.pem,verify=0,fork" "TCP:127.0.0.1:$plain" 2>>"$name.log" &
    running+=($!)
    printf -v "$name" %s "$(port_in "$name.log" 'listening on AF=2 127\.0\.0\.1:[0-9]+')"
done

ask() { # URL MODEL PROMPT: the reply, as JSON, in $said
    said=$(KSEARCH_MODEL_URL=$1 KSEARCH_MODEL_KEY=$key KSEARCH_MODEL=$2 "$build/tests/model_ask" --seconds 20 "$3" 2>&1)
    status=$?
}
field() { # NAME: of the reply
    printf '%s' "$said" | perl -MJSON::PP -CO -e 'print decode_json(join "", <STDIN>)->{$ARGV[0]} // ""' "$1" 2>/dev/null
}
refused() { # NAME WHY: the last one, at the first try, without a request to the server NAME
    like "$1: is refused" "$status $(field outcome) $(field tries) $(field why)" "^1 failed 1 .*cannot reach https://127\\.0\\.0\\.1:[0-9]+: .*$2"
    unlike "$1: has not seen the key" "$(cat "$1.log")" "$key|POST"
}

for kind in openai anthropic; do
    CURL_CA_BUNDLE=ours.pem ask "https://127.0.0.1:$right" $kind:m $'reply gr\u00fc\u00dfe\nchunk 3'
    is "$kind: a CA in CURL_CA_BUNDLE" "$status $(field text) $(field tokens_out)" $'0 gr\u00fc\u00dfe 20'
    SSL_CERT_FILE=ours.pem ask "https://localhost:$right/v1" $kind:m "reply $kind"
    is "$kind: a CA in SSL_CERT_FILE" "$status $(field text)" "0 $kind"
done
like 'the log would have shown the key' "$(cat right.log)" "$key"
CURL_CA_BUNDLE=ours.pem SSL_CERT_FILE=theirs.pem ask "https://127.0.0.1:$right" openai:m 'reply first'
is 'CURL_CA_BUNDLE comes first' "$status $(field text)" '0 first'

for kind in openai anthropic; do
    CURL_CA_BUNDLE=ours.pem ask "https://127.0.0.1:$stranger" $kind:m hello
    refused stranger 'certificate.*CURL_CA_BUNDLE'
    CURL_CA_BUNDLE=ours.pem ask "https://127.0.0.1:$elsewhere" $kind:m hello
    refused elsewhere 'name'
    unlike 'no CA helps then' "$said" CURL_CA_BUNDLE
done
>right.log
ask "https://127.0.0.1:$right" openai:m hello
refused right 'certificate.*CURL_CA_BUNDLE'
CURL_CA_BUNDLE=nowhere.pem ask "https://127.0.0.1:$right" openai:m hello
refused right 'nowhere\.pem'
CURL_CA_BUNDLE=ours.pem ask "http://127.0.0.1:$plain" openai:m "redirect https://127.0.0.1:$right/v1/chat/completions"
like 'nobody is sent on' "$status $(field outcome) $(field tries) $(field why)" "^1 failed 1 .*sends us on to https://127\\.0\\.0\\.1:$right/"
unlike 'not even to a server that is trusted' "$(cat right.log)" "$key|POST"

# ---- a remote cache over https: as little to whom is not trusted
mkdir remote
"$build/tests/fake/remote_server" "$dir/remote" >remote.port &
running+=($!)
files=$(port_in remote.port '^[0-9]+$')
for name in right stranger; do
    socat -d -d -v "OPENSSL-LISTEN:0,bind=127.0.0.1,cert=$name.pem,verify=0,fork" "TCP:127.0.0.1:$files" 2>>"$name.remote.log" &
    running+=($!)
    printf -v "$name" %s "$(port_in "$name.remote.log" 'listening on AF=2 127\.0\.0\.1:[0-9]+')"
done
export KSEARCH_REMOTE_TOKEN=$key KSEARCH_CACHE_DIR=$dir/cache CURL_CA_BUNDLE=ours.pem
ks=$build/bin/ksnvcc
said=$(KSEARCH_REMOTE=https://127.0.0.1:$right/x "$ks" cache pull "$(printf %064d 1)" 2>&1)
is 'a remote with a certificate of our CA' "$? $said" '0 nothing of that is there'
like 'is asked, with the token' "$(cat remote/log)" "^GET /x/00/0*1 \\[Bearer $key\\]"
said=$(KSEARCH_REMOTE=https://127.0.0.1:$stranger/x "$ks" cache pull "$(printf %064d 1)" 2>&1)
like 'one of another CA is not' "$? $said" '^1 .*certificate.*CURL_CA_BUNDLE'
unlike 'and has not seen the token' "$(cat stranger.remote.log)" "$key|GET"
finish
