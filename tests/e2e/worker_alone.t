#!/bin/bash
# What the worker says to people: its options, and that there is no GPU.
. "$(dirname "$0")/../tap.sh"
worker=$KSEARCH_BUILD/libexec/ksearch/ksearch-worker

like "--version" "$("$worker" --version)" '^ksearch-worker [0-9]'
like "--help names its options" "$("$worker" --help)" '--replay FILE'
said=$("$worker" --dance 2>&1)
is "an unknown option: exit status 100" $? 100
like "an unknown option is named" "$said" 'unknown argument: --dance'
said=$("$worker" --record 2>&1)
is "--record without a file: exit status 100" $? 100
said=$("$worker" --record a --replay b 2>&1 </dev/null)
is "--record and --replay: exit status 100" $? 100
said=$("$worker" --replay "$dir/none" 2>&1 </dev/null)
is "a recording that is not there: exit status 1" $? 1
like "a recording that is not there is named" "$said" "$dir/none"
printf '{"key":{"op":"hello"},"reply":{"ok":true}}\nnonsense\n' >"$dir/bad"
said=$("$worker" --replay "$dir/bad" 2>&1 </dev/null)
like "a bad line of a recording is found" "$said" "$dir/bad:2: not a line of a recording"
ok "no input: exit status 0" "$worker" </dev/null
said=$(printf 'this is no frame at all' | "$worker" 2>&1)
is "garbage for input: exit status 1" $? 1
said=$(LD_LIBRARY_PATH=$KSEARCH_BUILD/tests/fake "$worker" --probe)
is "--probe finds a GPU" $? 0
like "--probe prints it as one object" "$said" '^\{.*"name":"Fake GPU".*\}$'
said=$(LD_LIBRARY_PATH=$KSEARCH_BUILD/tests/fake FAKE_CUDA_NONE=1 "$worker" --probe 2>&1)
is "--probe without a GPU: exit status 1" $? 1
like "--probe says what failed" "$said" 'cuInit'
finish
