#!/bin/bash
# Every fuzz target for a few seconds: its seeds as they are, then mutations of them. FUZZERS comes
# from the Makefile: words NAME:SEED:SEED...
set -u

read -ra targets <<<"${FUZZERS:?run by make check}"
echo "1..${#targets[@]}"
for target in "${targets[@]}"; do
    IFS=: read -ra part <<<"$target"
    name=${part[0]}
    input=$KSEARCH_BUILD/$name.input
    if said=$("$KSEARCH_BUILD/tests/fuzz/${name}_fuzz" -t "${FUZZ_SECONDS:-3}" -k "$input" \
        "${part[@]:1}" 2>&1); then
        echo "ok - $name: ${said##*$'\n'}"
    else
        echo "not ok - $name: status $?; the input is kept in $input"
        sed 's/^/# /' <<<"$said"
    fi
done
