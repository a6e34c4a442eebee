#!/bin/bash
# Models over HTTP as a program asks them, and against a server that others wrote: LiteLLM's proxy,
# where it is installed (python3 can import it, or KSEARCH_TEST_LITELLM names a virtual environment
# that has it), with replies that are made up and no network.
. "$(dirname "$0")/../tap.sh"

build=${KSEARCH_BUILD:?the build folder}
for v in $(compgen -e | grep -E '^(KSEARCH_|OPENAI_|ANTHROPIC_)'); do
    [ "$v" = KSEARCH_TEST_LITELLM ] || unset "$v"
done
export no_proxy=127.0.0.1 HOME=$dir
trap 'kill $server $proxy 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
server= proxy=

ask() { # MODEL OPTION...: the reply, as JSON, in $said
    said=$(KSEARCH_MODEL=$1 "$build/tests/model_ask" "${@:2}" 2>"$dir/errors")
    status=$?
    [ -n "$said" ] || said=$(cat "$dir/errors")
}
field() { # NAME: of the reply
    printf '%s' "$said" | perl -MJSON::PP -CO -e 'print decode_json(join "", <STDIN>)->{$ARGV[0]} // ""' "$1" 2>/dev/null
}

# ---- the server of the tests
key=sk-a-key-of-the-tests
"$build/tests/fake/model_server" "$key" >"$dir/port" &
server=$!
for ((i = 0; i < 500; i++)); do [ -s "$dir/port" ] && break; sleep 0.01; done
export KSEARCH_MODEL_URL=http://127.0.0.1:$(cat "$dir/port") KSEARCH_MODEL_KEY=$key
for kind in openai anthropic; do
    ask $kind:m $'reply gr\u00fc\u00dfe\ndelta 1\nchunk 1'
    is "$kind: a reply" "$status $(field outcome) $(field text)" $'0 replied gr\u00fc\u00dfe'
    is "$kind: its tokens" "$(field tokens_in) $(field tokens_out)" '100 20'
    KSEARCH_MODEL_KEY=sk-another-key-here ask $kind:m hello
    like "$kind: a wrong key" "$status $said" '^1 .*is the key in KSEARCH_MODEL_KEY or [A-Z]*_API_KEY right'
    unlike "$kind: which is not shown" "$said" 'another'
done
ask openai:m --times 5 $'reply five\n'
is 'five at once' "$status $(grep -c '"text": "five"' <<<"$said")" '0 5'
said=$(echo 'reply from standard input' | KSEARCH_MODEL=openai:m "$build/tests/model_ask" -)
is 'a prompt from standard input' "$(field text)" 'from standard input'
ask exec:'tr a-z A-Z' hello
like 'a command' "$(field text)" 'HELLO'
ask mailbox:"$dir/box" --step --name q1 hello
is 'a mailbox waits' "$status $(field outcome) $(ls "$dir/box")" '1 waits q1.prompt.md'
ask exec:no-such-program,openai:m hello
is 'what one cannot answer the next one does' "$status $(field outcome) $(field model) $(field tries)" '0 replied openai:m 2'
ask openai hello
like 'no model of that name' "$status $said" '^2 model_ask: openai: a model is openai:MODEL'

# ---- LiteLLM
python=python3
[ -n "$KSEARCH_TEST_LITELLM" ] && python=$KSEARCH_TEST_LITELLM/bin/python
litellm=$(dirname "$(command -v $python)")/litellm
if ! [ -x "$litellm" ] || ! $python -c '
import importlib.util as i, sys
sys.exit(not all(i.find_spec(m) for m in ("litellm", "fastapi", "uvicorn")))' 2>/dev/null; then
    skip 'a proxy of LiteLLM answers' 'litellm[proxy] is not installed; KSEARCH_TEST_LITELLM may name a venv with it'
    finish
fi
cat >"$dir/config.yaml" <<END
model_list:
  - model_name: mock
    litellm_params: {model: openai/gpt-4o, api_key: none, mock_response: "gr\\u00fc\\u00dfe from a mock, in several pieces"}
  - model_name: relay
    litellm_params: {model: hosted_vllm/m, api_base: "$KSEARCH_MODEL_URL/v1", api_key: "$key"}
  - model_name: limited
    litellm_params: {model: openai/gpt-4o, api_key: none, mock_response: "litellm.RateLimitError"}
router_settings: {num_retries: 0}
general_settings: {master_key: sk-master-of-the-tests-0123}
END
port=$($python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
LITELLM_LOCAL_MODEL_COST_MAP=True "$litellm" --config "$dir/config.yaml" --host 127.0.0.1 --port "$port" >"$dir/log" 2>&1 &
proxy=$!
export KSEARCH_MODEL_URL=http://127.0.0.1:$port KSEARCH_MODEL_KEY=sk-master-of-the-tests-0123
for ((i = 0; i < 600; i++)); do
    grep -q 'startup complete' "$dir/log" && break
    kill -0 $proxy 2>/dev/null || break
    sleep 0.1
done
echo '{"type": "object", "properties": {"a": {"type": "string"}}}' >"$dir/schema.json"
for kind in openai anthropic; do
    ask $kind:mock --temperature 0.5 --schema "$dir/schema.json" --system 'Be kind.' hello
    is "LiteLLM, $kind: a reply" "$status $(field outcome) $(field text)" \
        $'0 replied gr\u00fc\u00dfe from a mock, in several pieces'
    like "LiteLLM, $kind: tokens" "$(field tokens_in) $(field tokens_out)" '^[1-9][0-9]* [1-9][0-9]*$'
    # translated from the stream of the server above
    ask $kind:relay --max 100 $'reply w\u00f6rter von weit her\ndelta 3'
    is "LiteLLM, $kind: a stream" "$status $(field outcome) $(field text) $(field tokens_in) $(field tokens_out)" \
        $'0 replied w\u00f6rter von weit her 100 20'
    ask $kind:relay --stall 5 --seconds 30 "reply cut for $kind"$'\ncut 2'
    is "LiteLLM, $kind: a stream that was cut" "$status $(field outcome) $(field text)" "0 replied cut for $kind"
    ask $kind:mock --times 8 hello
    is "LiteLLM, $kind: eight at once" "$status $(grep -c replied <<<"$said")" '0 8'
    ask $kind:unknown hello
    like "LiteLLM, $kind: a model that it has not" "$status $(field outcome) $(field why)" '^1 failed .*400 from .*unknown'
done
ask openai:limited --seconds 3 hello
like 'LiteLLM: a limit on requests' "$status $(field outcome) $(field why)" '^1 failed .*429 from '
KSEARCH_MODEL_KEY=sk-another-key-0123 ask openai:mock hello
like 'LiteLLM: a wrong key' "$status $(field outcome)" '^1 failed'
unlike 'which is not shown' "$said" 'another'

finish
