#!/bin/bash
# capture whole, without a GPU: a program over a driver and a CUPTI that run on the CPU
# (tests/fake/capture). What is captured, what is made of it, and what may go wrong.
. "$(dirname "$0")/../tap.sh"

here=$(cd "$(dirname "$0")" && pwd)
ksnvcc=${KSEARCH_BIN:?the folder of ksnvcc}/ksnvcc
fake=${KSEARCH_BUILD:?the build folder}/tests/fake/capture
app=$fake/app
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CUDACXX|CI$)'); do unset "$v"; done
if [ ! -x "$app" ]; then
    skip 'capture' 'the toolkit has no CUPTI headers'
    finish
fi
export LD_LIBRARY_PATH=$fake KSEARCH_CAPTURE_CUPTI=$fake/libcupti.so
export KSEARCH_CACHE_DIR=$dir/cache HOME=$dir
cp "$here/capture/kernels.cu" "$dir"
cd "$dir" || exit 1

run() { # standard output in $out, standard error in $said
    said=$("$@" 2>&1 >out.txt </dev/null)
    status=$?
    out=$(<out.txt)
}
header() { # FILE: the dictionary of a .npy
    head -c 128 "$1" | tail -c +11 | sed 's/ *$//'
}
data() { # FILE FORMAT: the elements as od shows them
    tail -c +129 "$1" | od -An -v -w4 "-t$2" | tr -s ' \n' ' '
}
block() { # FILE: without comments
    grep -v '^//' "$1"
}

# ---- a kernel
run "$ksnvcc" capture --source kernels.cu -- "$app" vadd=300
is 'the status is that of the program' "$status" 0
is 'standard output is the program'"'"'s alone' "$out" done
like 'the report says what there is' "$said" 'captured 1 launch of 1 kernel into ksearch-capture'
is 'the files' "$(ls -A ksearch-capture | paste -sd' ')" \
    'index.json vadd.0.a.npy vadd.0.b.npy vadd.0.c.after.npy vadd.0.c.npy vadd.ks'
is 'an array: its header' "$(header ksearch-capture/vadd.0.a.npy)" \
    "{'descr': '<f4', 'fortran_order': False, 'shape': (300,), }"
is 'an array: its size' "$(stat -c %s ksearch-capture/vadd.0.a.npy)" $((128 + 300 * 4))
is 'an array: its values' "$(data ksearch-capture/vadd.0.a.npy f4)" " $(seq -s ' ' 0 299) "
is 'an output before the launch' "$(data ksearch-capture/vadd.0.c.npy f4 | tr -d ' 0')" ''
is 'an output after it' "$(data ksearch-capture/vadd.0.c.after.npy f4)" " $(seq -s ' ' 0 2 598) "
is 'the block' "$(block ksearch-capture/vadd.ks)" \
    '#pragma ksearch in(a[n] = file("ksearch-capture/vadd.0.a.npy"))
#pragma ksearch in(b[n] = file("ksearch-capture/vadd.0.b.npy"))
#pragma ksearch inout(c[n] = file("ksearch-capture/vadd.0.c.npy"))
#pragma ksearch launch(grid = cdiv(n, 256), block = 256)
#pragma ksearch workload(n = 300)'
like 'the block is shown too' "$said" 'launch\(grid = cdiv\(n, 256\), block = 256\)'
like 'what is not known is said' "$(<ksearch-capture/vadd.ks)" "'c' changed: .* make it out\(c\[n\]\)"

# ---- what a run leaves is gone with the next
run "$ksnvcc" capture --source kernels.cu -- "$app" histogram
is 'another run: its files alone' "$(ls -A ksearch-capture | paste -sd' ')" \
    'histogram.0.counts.after.npy histogram.0.counts.npy histogram.0.data.npy histogram.ks index.json'
is 'bytes' "$(header ksearch-capture/histogram.0.data.npy)" \
    "{'descr': '|u1', 'fortran_order': False, 'shape': (1000,), }"
like 'an extent that no scalar gives' "$(block ksearch-capture/histogram.ks)" 'inout\(counts\[256\]'

# ---- several kernels, of all kinds
run "$ksnvcc" capture --source kernels.cu -- "$app" vadd vadd=5000 vadd scale histogram struct bodies plain
like 'several launches are several workloads' "$(block ksearch-capture/vadd.ks)" \
    'workload\(launch1: n = 5000, a = file\("ksearch-capture/vadd.1.a.npy"\), '
is 'one geometry is captured once' "$(ls ksearch-capture | grep -c 'vadd.*\.a\.npy')" 2
is 'parameters in a buffer, a template, two dimensions, a cluster' "$(block ksearch-capture/scale.ks)" \
    '#pragma ksearch instance(T = float)
#pragma ksearch inout(x[rows * columns] = file("ksearch-capture/scale.0.x.npy"))
#pragma ksearch arg(by = 2.5)
#pragma ksearch launch(grid = (cdiv(columns, 16), cdiv(rows, 16)), block = (16, 16), cluster = 2, smem = 1024)
#pragma ksearch workload(rows = 32, columns = 48)'
is 'a struct: no annotation' "$(block ksearch-capture/fill.ks)" ''
like 'a struct: and why' "$(<ksearch-capture/fill.ks)" "'v' is of type 'View', 16 bytes, which holds addresses"
is 'a struct: what it points to' "$(data ksearch-capture/fill.0.v.after.npy f4 | tr -s '1 ' x)" x
is 'elements of an unknown type' "$(header ksearch-capture/move.0.bodies.npy)" \
    "{'descr': '|V28', 'fortran_order': False, 'shape': (100,), }"
like 'a kernel without output' "$(<ksearch-capture/move.ks)" 'there is no output to check'
like 'a C name: types from the source' "$(block ksearch-capture/plain.ks)" 'in\(a\[n\] = file\("ksearch-capture/plain.0.a.npy"\)\)'

# ---- the blocks are annotations
paste_into() { # SOURCE: every kernel under its block
    local line kernel
    while IFS= read -r line; do
        for kernel in vadd scale histogram fill move plain; do
            case $line in
            template*) [ $kernel = scale ] && cat ksearch-capture/scale.ks ;;
            *"void $kernel("*) [ $kernel != scale ] && cat ksearch-capture/$kernel.ks ;;
            esac
        done
        printf '%s\n' "$line"
    done <"$1"
}
paste_into kernels.cu >pasted.cu
run "$ksnvcc" explain pasted.cu
is 'explain reads the pasted blocks' "$status" 0
is 'all four' "$(grep -c '(kernel)' <<<"$out")" 4
like 'extents and files' "$out" 'inout T \*__restrict__ x\[rows \* columns\] = file'
like 'the workloads' "$out" 'launch1: n=5000'
like 'the instance' "$out" 'blas::scale<T=float>'

# ---- without the source
run "$ksnvcc" capture -- "$app" vadd=300 plain
like 'names are made up' "$(block ksearch-capture/vadd.ks)" 'inout\(p2\[p3\] = file'
like 'which is said' "$(<ksearch-capture/vadd.ks)" '--source FILE.cu'
like 'a C name tells no types' "$(<ksearch-capture/plain.ks)" 'its name tells no types'
run "$ksnvcc" capture --source kernels.cu -- "$app" scale
run "$ksnvcc" capture -- "$app" scale
like 'a template without its source' "$(<ksearch-capture/scale.ks)" 'it is a template'

run "$ksnvcc" capture -- "$app" poke
like 'a number that is an address' "$(<ksearch-capture/poke.ks)" "'p0' is of type 'unsigned long long', but holds an address"

# ---- parts of a pool, and poison
run "$ksnvcc" capture --source kernels.cu --out pool/of -- "$app" pool
is 'a part ends where the next begins, and holds what its size says' "$(header pool/of/vadd.0.a.npy)" \
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1000,), }"
like 'the last part goes on' "$(block pool/of/vadd.ks)" 'inout\(c\[14336\]'
like 'which is said' "$(<pool/of/vadd.ks)" "'c' begins 8192 bytes into an allocation of 65536"
like 'files as seen from the source' "$(block pool/of/vadd.ks)" 'file\("pool/of/vadd.0.a.npy"\)'
run "$ksnvcc" capture --source kernels.cu --poison -- "$app" vadd=300
like '--poison: what nobody wrote is out' "$(block ksearch-capture/vadd.ks)" '#pragma ksearch out\(c\[n\]\)'
run "$ksnvcc" capture --source kernels.cu --poison -- "$app" histogram
like '--poison: what the program cleared is not' "$(block ksearch-capture/histogram.ks)" 'inout\(counts'

# ---- options
run "$ksnvcc" capture --kernel '^blas::scale' -- "$app" vadd scale
is '--kernel' "$(ls ksearch-capture/*.ks)" ksearch-capture/scale.ks
run "$ksnvcc" capture --kernel vadd --launch 2 -- "$app" vadd vadd=5000 vadd=6000
is '--launch' "$(block ksearch-capture/vadd.ks | tail -1)" '#pragma ksearch workload(p3 = 5000)'
run "$ksnvcc" capture --max-bytes=1K -- "$app" vadd
is '--max-bytes' "$(header ksearch-capture/vadd.0.p0.npy)" \
    "{'descr': '<f4', 'fortran_order': False, 'shape': (256,), }"
like '--max-bytes is said' "$(<ksearch-capture/vadd.ks)" "only the first 1024 of the 4000 bytes at 'p0' were kept"
rm -rf ksearch-capture
run "$ksnvcc" capture --list -- "$app" vadd vadd vadd=5000 scale
like '--list: launches, time, geometry' "$said" '2 +0\.002 +4,1,1 +256,1,1 +0 +vadd\(float const\*'
like '--list: another geometry' "$said" '1 +0\.001 +20,1,1'
ok '--list keeps nothing' test ! -e ksearch-capture
run "$ksnvcc" capture --json -- "$app" vadd=300
printf '%s' "$out" >index.json
ok '--json: one text' perl -MJSON::PP -0777 -e 'decode_json(<>)' index.json
is '--json: it is the index' "$(cmp index.json ksearch-capture/index.json)" ''
like '--json: values' "$out" '"value": "300"'
like '--json: the program'"'"'s output is elsewhere' "$said" '^done'
want=$(perl -MJSON::PP -0777 -e '$i = decode_json(<>);
    print $i->{kernels}[0]{launches}[0]{arguments}[2]{arrays}[0]{changed}' index.json)
ok '--json: bytes that changed' test "$want" -gt 500

# ---- the program ends as it likes
run "$ksnvcc" capture -- "$app" vadd exit=7
is 'its status' "$status" 7
like 'and what it launched is kept' "$said" 'captured 1 launch'
run "$ksnvcc" capture -- "$app" vadd abort
is 'a signal ends us too' "$status" 134
like 'and what it launched is kept' "$said" 'captured 1 launch'
run env FAKE_REFUSE=vadd "$ksnvcc" capture --source kernels.cu -- "$app" vadd=300
is 'a launch that fails' "$status $out" '0 launch failed
done'
like 'is captured as it was before' "$(<ksearch-capture/vadd.ks)" "what the launch did to 'c' is not known"
like 'with its result' "$(<ksearch-capture/index.json)" '"result": "CUDA_ERROR_LAUNCH_FAILED"'
"$ksnvcc" capture -- "$app" vadd wait >out.txt 2>said.txt &
pid=$!
for _ in $(seq 100); do
    [ -e ksearch-capture/vadd.0.p0.npy ] || compgen -G 'ksearch-capture/.raw.*.after.npy' >/dev/null && break
    sleep 0.1
done
sleep 0.3
kill -TERM $pid
wait $pid
is 'a signal is passed on' $? 143
like 'and nothing is lost' "$(<said.txt)" 'captured 1 launch'
run "$ksnvcc" capture --source kernels.cu -- sh -c "'$app' vadd=300; '$app' vadd=300 vadd=5000; exit 5"
is 'several processes: the status of the first' "$status" 5
like 'several processes: the launches of all' "$said" 'captured 3 launches of 1 kernel'
is 'several processes: their counts' "$(grep -A15 '"smem"' ksearch-capture/index.json | grep -oE '"launches": [0-9]+' | paste -sd' ')" \
    '"launches": 2 "launches": 1'
run "$ksnvcc" capture -- "$app" vadd fork vadd
like 'a forked child is left alone' "$said" 'captured 1 launch of 1 kernel'
said=$(echo xyz | "$ksnvcc" capture -- "$app" read 2>/dev/null)
like 'the program has our standard input' "$said" 'read x'

# ---- where nothing can be captured
run "$ksnvcc" capture -- "$app" graph
like 'a graph: said' "$said" 'ksearch-capture: launches while a stream is captured into a graph'
like 'and its launch' "$said" 'the kernels in them are not captured'
like 'nothing is captured' "$said" 'none of the 1 kernels was captured'
run "$ksnvcc" capture -- "$app" graph vadd=512
like 'the next launch is' "$said" 'captured 1 launch of 1 kernel'
run "$ksnvcc" capture -- /bin/true
is 'a program without CUDA' "$status" 0
like 'is told' "$said" 'the program did not start CUDA'
run "$ksnvcc" capture -- "$app"
like 'a program without kernels' "$said" 'launched no kernel'
run env FAKE_CUPTI_BUSY=1 "$ksnvcc" capture -- "$app" vadd exit=3
is 'another profiler: the program runs' "$status" 3
like 'another profiler: told' "$said" 'CUPTI cannot be used \(FAKE_CUPTI_ERROR\)'
run env KSEARCH_CAPTURE_CUPTI=/nowhere/libcupti.so "$ksnvcc" capture -- "$app" vadd exit=3
is 'CUPTI that cannot be loaded: the program runs' "$status" 3
like 'CUPTI that cannot be loaded: told' "$said" 'cannot load CUPTI: /nowhere/libcupti.so'
run env FAKE_OLD=1 "$ksnvcc" capture -- "$app" vadd
is 'a driver that tells no layouts: the program runs' "$status $out" '0 done'
mkdir locked && chmod a-w locked
if [ ! -w locked ]; then
    run "$ksnvcc" capture --out locked -- "$app" vadd
    is 'a folder that may not be written' "$status" 1
    like 'is told before the program starts' "$said" 'cannot write into locked'
else
    skip 'a folder that may not be written' 'root may write anywhere'
fi
mkdir theirs && echo '{"kernels": 3}' >theirs/index.json
run "$ksnvcc" capture --out theirs -- "$app" vadd
is 'an index.json of somebody else: the status' "$status" 1
is 'an index.json of somebody else: it stays' "$(<theirs/index.json)" '{"kernels": 3}'
touch file
run "$ksnvcc" capture --out file/x -- "$app" vadd
is 'a folder that cannot be made' "$status $out" '1 '
like 'which one' "$said" 'cannot make the folder file: Not a directory'
run "$ksnvcc" capture -- ./nowhere
is 'no such program' "$status" 1
like 'which one' "$said" 'cannot run ./nowhere: No such file'

# ---- misuse
misuse() { # PATTERN WORDS...
    local want=$1
    shift
    run "$ksnvcc" capture "$@"
    is "$*: the status" "$status" 100
    like "$*: what to do" "$said" "$want"
}
misuse 'put -- before the program: ksnvcc capture -- ./app' ./app
misuse 'which program' --list
misuse "there is no option '--frob'" --frob -- "$app"
misuse '--out needs a value' --out -- "$app"
misuse '--launch takes a number from 1 on' --launch 0 -- "$app"
misuse '--max-bytes takes a number of bytes' --max-bytes 1X -- "$app"
misuse 'is no extended regular expression' --kernel '(' -- "$app"
run "$ksnvcc" capture --source missing.cu -- "$app"
is 'a source that is missing' "$status" 1
like 'is named' "$said" 'missing.cu'
run "$ksnvcc" capture --help
like '--help' "$out" 'usage: ksnvcc capture'
finish
