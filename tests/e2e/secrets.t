#!/bin/bash
# Secrets lie in the environment, in the home folder, in include folders, beside the source and in git's configuration. A model that
# tries to read them, by every text that a screen may let through, gets none into a prompt; and none is in a journal, a recording, a
# report, a log, the lockfile, a record, an object or a remote cache. The model is a script, and the worker invents its times.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
ks=$KSEARCH_BIN/ksnvcc
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER|AGAIN|QUIET|DEBUG|MODEL|PLANNER|SANDBOX|CACHE_DIR|REMOTE|SIGNING|TRUSTED)|NVCC_|CI$)'); do unset "$v"; done
if ! "$ks" doctor 2>/dev/null | grep -q 'sandbox.*holds\|bubblewrap'; then
    echo '1..0 # SKIP no sandbox holds here'
    exit 0
fi

# ---- what must stay where it is: each secret is a word of its own
word() { echo "KSLEAK$1x$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')"; }
where='environment key home netrc ssh include beside parent git cuda_env remote_token remote_password signing'
declare -A secret
for place in $where; do secret[$place]=$(word "$place"); done
secret[signing]=$(od -An -N32 -tx8 /dev/urandom | tr -d ' \n')
project=$dir/project home=$dir/home
mkdir -p "$project/src/.git" "$project/include/private" "$home/.ssh" "$home/.config/ksearch" "$dir/prompts" "$dir/server"
export AWS_SECRET_ACCESS_KEY=${secret[environment]} OPENAI_API_KEY=${secret[key]} KSEARCH_MODEL_KEY=${secret[key]} HOME=$home \
    NVCC_TEST_TOKEN=${secret[cuda_env]}
echo "token = ${secret[home]};" >"$home/token.h"
echo "machine api password ${secret[netrc]}" >"$home/.netrc"
echo "${secret[ssh]}" >"$home/.ssh/id_rsa"
(umask 077 && echo "ksearch-secret:${secret[signing]} ci" >"$home/.config/ksearch/signing-key")
echo "#define PRIVATE ${secret[include]}" >"$project/include/private/keys.h"
echo "int ${secret[beside]};" >"$project/src/beside.h"
echo "int ${secret[parent]};" >"$project/settings.h"
printf '[http]\n\textraheader = %s\n' "${secret[git]}" >"$project/src/.git/config"

cd "$project/src" || exit 1
cp "$here/search/norms.cu" .
# each reply tries one of these; what the compiler says of it is sent back
cat >"$dir/tries" <<T
#include "$home/token.h"
#include "$home/.netrc"
#include "$home/.ssh/id_rsa"
#include "$home/.config/ksearch/signing-key"
#include "../include/private/keys.h"
#include <private/keys.h>
#include "beside.h"
#include "../settings.h"
#include ".git/config"
#include "/proc/self/environ"
#include "/proc/1/environ"
#include "$home/../home/token.h"
static __device__ const char *s = __FILE__ __BASE_FILE__ __DATE__;
asm(".incbin \"$home/.netrc\"");
T
cat >"$dir/model.sh" <<'S'
#!/bin/bash
prompt=$(cat)
n=$(($(ls "$PROMPTS" | wc -l) + 1))
printf '%s' "$prompt" >"$PROMPTS/$n.$$"
if grep -qF 'You plan the search' <<<"$prompt"; then
    if grep -qF 'The tree holds only the root' <<<"$prompt"; then
        echo '{"edits": ['
        for i in 1 2 3 4; do
            printf '%s{"op": "insert", "id": "i%s", "parent": 0, "title": "Idea %s", "rationale": "look around", "regime": "", "gain": [1.2, 2, 4], "difficulty": 2, "bottleneck": "memory"}' \
                "$([ $i = 1 ] || echo ,)" $i $i
        done
        echo ']}'
    else
        echo '{"edits": []}'
    fi
    exit
fi
try=$(sed -n "$(((n - 2) % $(wc -l <"$TRIES") + 1))p" "$TRIES")
cat <<R
\`\`\`cuda
// try $n
$try
#pragma ksearch run(finish<<<rows, 1>>>(y, x, cols))
static __global__ void finish(float *y, const float *x, int cols)
{
    float sum = $n * 0.0f;
    for (int i = 0; i < cols; i++)
        sum += x[(size_t)blockIdx.x * cols + i] * x[(size_t)blockIdx.x * cols + i];
    y[blockIdx.x] = sqrtf(sum);
}
\`\`\`
R
S
chmod +x "$dir/model.sh"
export PROMPTS=$dir/prompts TRIES=$dir/tries KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_JOBS=2 KSEARCH_DEBUG=1 \
    KSEARCH_LOCK=$dir/ksearch.lock KSEARCH_WORKER="$KSEARCH_BUILD/tests/fake/worker {\"base_us\":100,\"any\":0.5}"
: >ksearch.lock
# a remote that takes records with one credential and knows another's URL
"$KSEARCH_BUILD/tests/fake/remote_server" "$dir/server" >"$dir/port" &
server=$!
trap 'kill $server 2>/dev/null; wait 2>/dev/null; chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
for ((i = 0; i < 500; i++)); do [ -s "$dir/port" ] && break; sleep 0.01; done
export KSEARCH_REMOTE=http://me:${secret[remote_password]}@127.0.0.1:$(cat "$dir/port")/x KSEARCH_REMOTE_MODE=read-write \
    KSEARCH_REMOTE_TOKEN=${secret[remote_token]} no_proxy=127.0.0.1
flags=(-arch=sm_90 -std=c++17 -I../include)
"$ks" search --json --budget 200s --model "exec:$dir/model.sh" norms.cu -- "${flags[@]}" >"$dir/out.json" 2>"$dir/out.txt"
is 'the search ends well' "$?" 0
"$ks" nvcc "${flags[@]}" -c norms.cu -o norms.o >"$dir/build.txt" 2>&1
is 'and the build' "$?" 0
like 'a remote got the result' "$(cut -d' ' -f1,3- "$dir/server/log" | tail -n 1)" "PUT \\[Bearer ${secret[remote_token]}\\]"
{
    # and what is said of one that wants something else
    echo 'redirect /elsewhere' >"$dir/server/mode"
    KSEARCH_CACHE_DIR=$dir/cache/other "$ks" explain norms.cu -- "${flags[@]}"
    "$ks" doctor
    env -u KSEARCH_REMOTE_TOKEN "$ks" doctor
    env -u KSEARCH_REMOTE_TOKEN "$ks" cache push
    "$ks" cache keys
    KSEARCH_SIGNING_KEY="ksearch-secret:${secret[signing]}0 ci" "$ks" cache keys
    KSEARCH_TRUSTED_KEYS=$home/.config/ksearch/signing-key "$ks" cache keys
} >"$dir/remote.txt" 2>&1
like 'which is said' "$(cat "$dir/remote.txt")" 'sends us on to http://127.0.0.1:[0-9]+/elsewhere'
"$ks" report --json norms >"$dir/report.json" 2>&1
"$ks" report --html "$dir/report.html" norms >/dev/null 2>&1
"$ks" report --export "$dir/norms.ksearch" norms >/dev/null 2>&1
tail -c +1 "$dir/norms.ksearch" | perl -0777 -ne 'print substr($_, index($_, "\x28\xb5\x2f\xfd"))' | zstd -dcq >"$dir/recording.txt" 2>/dev/null
"$ks" cache show norms >"$dir/record.txt" 2>&1
prompts=$(ls "$dir/prompts" | wc -l)
ok "the model was asked often enough ($prompts)" test "$prompts" -ge 14
like 'and told what a file that is not there is' "$(cat "$dir"/prompts/*)" 'No such file|not allowed|may not|must not|cannot open'
ok 'the recording can be read' grep -q 'try ' "$dir/recording.txt"

places=("$dir/prompts" "$dir/cache" "$dir/out.json" "$dir/out.txt" "$dir/build.txt" "$dir/report.json" "$dir/report.html" "$dir/norms.ksearch"
    "$dir/recording.txt" "$dir/record.txt" "$dir/remote.txt" "$dir/server/files" "$dir/ksearch.lock" norms.o)
for place in $where; do
    is "the secret of '$place' is nowhere" "$(grep -rlaF -- "${secret[$place]}" "${places[@]}")" ''
done
# and the test would tell: the same words are found where they are
for place in home netrc ssh signing include beside parent git; do
    ok "it would be found ($place)" grep -rqaF -- "${secret[$place]}" "$dir/project" "$dir/home"
done
# but those that the model wrote itself
is 'no prompt has a path of the project' "$(grep -rlF -- "$project" "$dir/prompts")" ''
finish
