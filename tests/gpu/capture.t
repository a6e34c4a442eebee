#!/bin/bash
# capture on a GPU: programs that know nothing of ksearch run under it; what it wrote is pasted above their
# kernels, understood, searched, and replayed: the original makes of the captured inputs what it made of them in
# the program.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)/capture
ksnvcc=$KSEARCH_BIN/ksnvcc
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_BUDGET=30s
unset CI KSEARCH_LOCK KSEARCH_WORKER KSEARCH_CAPTURE_CUPTI
cp "$here"/* "$dir"
cd "$dir" || exit 1

run() { # standard output in $out, standard error in $said
    said=$("$@" 2>&1 >out.txt </dev/null)
    status=$?
    out=$(<out.txt)
}
header() { # FILE: the dictionary of a .npy
    head -c 128 "$1" | tail -c +11 | sed 's/ *$//'
}
block() { # FILE: without comments
    grep -v '^//' "$1"
}
ask() { # EXPRESSION over $i, the index of DIR: what it is
    perl -MJSON::PP -0777 -e 'my $i = decode_json(<STDIN>); sub kernel { my $n = shift; my ($k) = grep { $_->{name} eq $n } @{$i->{kernels}}; $k }
        sub arrays { map { @{$_->{arrays}} } @{kernel(shift)->{launches}[0]{arguments}} } print eval($ARGV[0]) // "undefined"' "$2" <"$1/index.json"
}

ok 'the program that replays compiles' nvcc -O3 -std=c++17 -arch=native replay.cu -o replay
if ! "$ksnvcc" capture --list -- true 2>&1 | grep -q 'did not start CUDA'; then
    "$ksnvcc" capture --list -- true 2>&1 | sed 's/^/# /'
    skip 'capture' 'there is no library for it here'
    finish
fi

# PROGRAM KERNEL CONSTANT: the kernel of PROGRAM.cu, whose block is CONSTANT = 256
whole() {
    local name=$1 kernel=$2 constant=$3 arrays
    ok "$name: compiles" nvcc -O3 -std=c++17 -arch=native "$name.cu" -o "$name"
    run "./$name"
    is "$name: is right by itself" "$status $out" '0 PASSED'
    run "$ksnvcc" capture --source "$name.cu" --out "cap-$name" -- "./$name"
    is "$name: is right when captured" "$status $out" '0 PASSED'
    like "$name: one kernel" "$said" "captured 1 launch of 1 kernel into cap-$name"
    echo "# the block of $name:"
    sed 's/^/# /' "cap-$name/$kernel.ks"
    run "$ksnvcc" capture --source "$name.cu" --poison --out "poison-$name" -- "./$name"
    is "$name: is right in poisoned memory" "$status $out" '0 PASSED'

    # pasted as it is
    awk -v block="cap-$name/$kernel.ks" -v kernel="__global__ void $kernel(" '
        index($0, kernel) == 1 { while ((getline line <block) > 0) print line } { print }' "$name.cu" >"pasted-$name.cu"
    run "$ksnvcc" explain "pasted-$name.cu" -- -arch=native -std=c++17
    is "$name: explain reads the block" "$status" 0
    like "$name: explain knows the kernel" "$out" "$kernel \(kernel\)"

    # the original, replayed
    "$KSEARCH_BUILD/tests/rewrite" harness "pasted-$name.cu" >"harness-$name.cu"
    ok "$name: the harness compiles" nvcc -O3 -std=c++17 -arch=native -shared -Xcompiler -fPIC "harness-$name.cu" -o "harness-$name.so"
    mapfile -t arrays < <(block "cap-$name/$kernel.ks" | grep -oE '(in|out|inout)\([a-zA-Z]+\[' | sed 's/.*(\(.*\)\[/\1/')
    run ./replay "./harness-$name.so" "${kernel}_0" "cap-$name/$kernel.0" \
        "$(block "cap-$name/$kernel.ks" | grep -oE 'workload\(.*' | head -1)" "${arrays[@]}"
    is "$name: the replayed original makes what was captured" "$status" 0
    like "$name: of which something changed" "$out" ' changed by the launch, 0 differ'
    echo "$out$said" | sed 's/^/# /'

    # searched, over the constant that the block's number stands for
    sed -E "/^#pragma ksearch/{s/\b256\b/$constant/g; s/\[$constant\]/[256]/}
        /^__global__ void $kernel\(/i #pragma ksearch tune($constant = 64, 128, 256, 512)" "pasted-$name.cu" >"tuned-$name.cu"
    run "$ksnvcc" nvcc -O3 -std=c++17 -arch=native "tuned-$name.cu" -o "tuned-$name"
    is "$name: a build with a search" "$status" 0
    like "$name: searched" "$said" "$kernel: .*(x as fast|no proven gain)"
    unlike "$name: nothing was in the way" "$said" 'cannot be measured|unsupported|not supported|error'
    sed 's/^/# /' <<<"$said"
    run "./tuned-$name"
    is "$name: is right when tuned" "$status $out" '0 PASSED'
}

whole nbody integrate BLOCK
like 'nbody: extents' "$(block cap-nbody/integrate.ks)" 'in\(oldPos\[n\] = file\("cap-nbody/integrate.0.oldPos.npy"\)\)'
like 'nbody: geometry' "$(block cap-nbody/integrate.ks)" 'launch\(grid = cdiv\(n, 256\), block = 256\)'
is 'nbody: vectors' "$(header cap-nbody/integrate.0.oldPos.npy)" "{'descr': '<f4', 'fortran_order': False, 'shape': (8000, 4), }"
like 'nbody: what nobody wrote is out' "$(block poison-nbody/integrate.ks)" '#pragma ksearch out\(newPos\[n\]\)'
like 'nbody: what was cleared is inout' "$(block poison-nbody/integrate.ks)" 'inout\(vel\[n\]'
whole reduce reduce THREADS
like 'reduce: extents' "$(block cap-reduce/reduce.ks)" 'inout\(partial\[512\]'
whole histogram histogram THREADS
like 'histogram: extents' "$(block cap-histogram/histogram.ks)" 'inout\(bins\[256\]'

# ---- every form of launch and memory
ok 'forms: compiles' nvcc -O3 -std=c++17 -arch=native forms.cu -o forms
run ./forms
is 'forms: is right by itself' "$status $out" '0 PASSED'
run "$ksnvcc" capture --source forms.cu --out forms.d -- ./forms
is 'forms: is right when captured' "$status $out" '0 PASSED'
sed 's/^/# /' <<<"$said"
is 'forms: all kernels but that of the graph' "$(ask forms.d 'join(" ", sort map { @{$_->{launches}} ? $_->{name} : () } @{$i->{kernels}})')" \
    'by_value cooperative dynamic managed pinned plain pooled templated with_cluster'
like 'forms: the graph is told' "$said" 'graph'
is 'forms: an exact allocation' "$(ask forms.d '(arrays("plain"))[0]{allocation}')" 400
is 'forms: cluster' "$(ask forms.d 'join(",", @{kernel("with_cluster")->{geometries}[0]{cluster}})')" 2,1,1
is 'forms: cooperative' "$(ask forms.d 'kernel("cooperative")->{geometries}[0]{cooperative} ? "yes" : "no"')" yes
is 'forms: shared memory' "$(ask forms.d 'kernel("dynamic")->{geometries}[0]{smem}')" 65536
is 'forms: managed memory' "$(ask forms.d '(arrays("managed"))[0]{kind}')" managed
is 'forms: pinned memory' "$(ask forms.d '(arrays("pinned"))[0]{kind} . " " . ((arrays("pinned"))[0]{changed} > 0)')" 'host 1'
is 'forms: two parts of a pool' "$(ask forms.d 'join(" ", map { "$_->{offset}:$_->{bytes}" } arrays("pooled"))')" '0:2048 2048:2048'
is 'forms: an address in a struct' "$(ask forms.d 'join(" ", map { $_->{word} } arrays("by_value"))')" 8
like 'forms: a template' "$(<forms.d/templated.ks)" 'instance\(T = double, N = 50\)'
is 'forms: no launch failed' "$(ask forms.d 'join(" ", map { map { $_->{result} } @{$_->{launches}} } @{$i->{kernels}})' | tr ' ' '\n' | sort -u)" CUDA_SUCCESS
run env FORMS_FAULT=1 "$ksnvcc" capture --kernel 'faults|plain' --out fault.d -- ./forms
is 'forms: a fault is the program'"'"'s to find' "$status $out" '0 PASSED'
like 'forms: and is told' "$(ask fault.d 'kernel("faults")->{launches}[0]{result}')" 'CUDA_ERROR_ILLEGAL_ADDRESS'
run "$ksnvcc" capture --list -- ./forms
is 'forms: a list leaves the program alone' "$status $out" '0 PASSED'
like 'forms: a list with times' "$said" '1 +[0-9]+\.[0-9]{3} +1,1,1 +128,1,1 +65536 +dynamic\(float\*, int\)'
sed 's/^/# /' <<<"$said"
finish
