#!/bin/bash
# explain of a source shows all that was read from it, as text and as JSON, to the letter; and what is
# on file for it, or why nothing is. `explain.t --update` writes the texts anew.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.sh"

ksnvcc=${KSEARCH_BIN:?the folder of ksnvcc}/ksnvcc
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CUDACXX|CI$)'); do unset "$v"; done
export KSEARCH_CACHE_DIR=$dir/cache HOME=$dir
cp "$here"/explain/* "$dir"
cd "$dir" || exit 1

explain() { # WORD...: the keys are left out, they change with the toolkit; and the card's name
    "$ksnvcc" explain "$@" all.cu -- -arch=sm_90 -std=c++17 2>&1 |
        sed -E 's/(  key +|"key": ")[0-9a-f]+/\1.../; s/(  GPU +|"gpu": ").*sm_90/\1sm_90/'
}
golden() { # NAME FILE COMMAND...
    local name=$1 wanted=$here/explain/$2
    shift 2
    "$@" >got
    [ "$update" ] && cp got "$wanted"
    ok "$name" diff -u "$wanted" got
}
update=
[ "${1-}" = --update ] && update=yes

golden 'all that is read, as text' all.txt explain
golden 'and as JSON' all.json explain --json
ok 'which is JSON' perl -MJSON::PP -0777 -e 'decode_json(<>)' got

# ---- a long list is not written out
cat >long.cu <<'C'
constexpr int STEP = 40;
#pragma ksearch in(x[n]) out(y[n]) workload(n = 1024) launch(grid = 1, block = 32) tune(STEP = range(1, 100))
__global__ void copy(const float *x, float *y, int n) { for (int i = threadIdx.x; i < n; i += 32) y[i] = x[i] + 0 * STEP; }
C
like 'a long list of values is cut' "$("$ksnvcc" explain long.cu -- -arch=sm_90 2>&1)" \
    'STEP = 1 2 3 4 5 6 7 8 \.\.\. \[40\] \.\.\. 100  \(constant, line 1, 100 values\)'
is 'and whole for machines' "$("$ksnvcc" explain --json long.cu -- -arch=sm_90 2>/dev/null | perl -MJSON::PP -0777 -e '
    print scalar @{decode_json(<>)->{files}[0]{entries}[0]{tunables}[0]{values}}')" 100

# ---- a kernel that is passed on, and what is none: asked about, a parameter of the name, a namesake
cat >passed.cu <<'C'
constexpr int B = 64;
inline int blocks(int n) { return (n + B - 1) / B; }
#pragma ksearch inout(x[n]) workload(n = 1024) launch(grid = blocks(n), block = B) tune(B = 32, 64)
__global__ void twice(float *x, int n) { if (blockIdx.x * B + threadIdx.x < n) x[blockIdx.x * B + threadIdx.x] *= 2; }
void twice(float *x, int n, int times) { while (times--) twice<<<blocks(n), B>>>(x, n); }
template <class K> void run(K *k, float *x, int n) { k<<<blocks(n), B>>>(x, n); }
struct Scale { int get() { return twice; } int twice; };
void f(float *x, int n)
{
    int left;
    cudaOccupancyMaxActiveBlocksPerMultiprocessor(&left, (void (*)(float *, int))twice, B, 0);
    twice(x, n, left);
    run<void(float *, int)>(twice, x, n);
}
int g(int n, int twice) { return max(n, twice) + (n, Scale{n}.twice); }
C
said=$("$ksnvcc" explain passed.cu -- -arch=sm_90 2>&1)
like 'a kernel that is passed on keeps the original there' "$said" \
    "passed.cu:13:29: warning: ksearch: 'twice' is passed on here: what is launched by its address is the original"
is 'and nothing else is taken for that' "$(grep -c 'is passed on' <<<"$said")" 1
like 'a function in launch() that follows from a tunable is named' "$said" \
    "^  winners +none could be used: 'twice': launch\(\) uses 'blocks', which depends on a tunable: write out"
is 'for machines too' "$("$ksnvcc" explain --json passed.cu -- -arch=sm_90 2>/dev/null | perl -MJSON::PP -0777 -e '
    print decode_json(<>)->{files}[0]{entries}[0]{unusable} =~ /blocks/ ? 1 : 0')" 1

# ---- what the preprocessor is missing
{ echo '#include "deep.h"'; cat passed.cu; } >missing.cu
echo '#include "nowhere.h"' >deep.h
is 'of what the preprocessor says one line is shown' "$("$ksnvcc" explain missing.cu -- -arch=sm_90 2>&1 | head -1)" \
    'ksnvcc: error: the preprocessor failed: deep.h:1:10: fatal error: nowhere.h: No such file or directory'

# ---- what #if leaves out
{ echo '#ifdef SCALE'; cat passed.cu; echo '#endif'; } >flag.cu
is 'annotations that are not compiled are told from none' "$("$ksnvcc" explain flag.cu -- -arch=sm_90 2>&1)" \
    'flag.cu: no annotation is compiled: #if leaves them out with these flags'
like 'and are there with the flag' "$("$ksnvcc" explain flag.cu -- -arch=sm_90 -DSCALE 2>&1)" '^flag.cu:5: twice \(kernel\)'

# ---- nothing but a header is annotated
sed -n 1,4p passed.cu >passed.cuh
echo '#include "passed.cuh"' >includes.cu
like 'an annotated header is told from nothing' "$("$ksnvcc" explain includes.cu -- -arch=sm_90 2>&1)" \
    '^nothing is annotated but headers, which count with KSEARCH_HEADERS=1'
like 'for machines too' "$("$ksnvcc" explain --json includes.cu -- -arch=sm_90 2>&1)" '"annotated_headers": true'
echo 'int plain;' >plain.cu
is 'and nothing is nothing' "$("$ksnvcc" explain plain.cu -- -arch=sm_90 2>&1)" 'nothing is annotated: nvcc compiles it untouched'

# ---- geometry as launch sites write it
cat >dim3.cu <<'C'
constexpr int B = 64;
#pragma ksearch inout(x[n]) workload(n = 1024) tune(B = 32, 64)
#pragma ksearch launch(grid = dim3((n + B - 1) / B, 1), block = dim3(B))
__global__ void twice(float *x, int n) { if (blockIdx.x * B + threadIdx.x < n) x[blockIdx.x * B + threadIdx.x] *= 2; }
void run(float *x, int n) { twice<<<dim3((n + B - 1) / B, 1), dim3(B)>>>(x, n); }
C
like 'dim3 is a list of dimensions' "$("$ksnvcc" explain dim3.cu -- -arch=sm_90 2>&1)" '^  launch +grid = \(\(n \+ B - 1\) / B, 1\), block = B$'

# ---- each member of struct spec is shown: a new one has to be put into explain too
members() { # FILE: the names that are read from a spec there
    grep -oE 'spec->[a-z_0-9]+' "$1" | sed 's/.*->//' | sort -u
}
shown=$(members "$here/../../driver/explain_spec.c")
in_spec=$(sed -n '/^struct spec {/,/^};/p' "$here/../../driver/lang/spec.h" |
    perl -0777 -ne 's{/\*.*?\*/}{}gs; s/^struct spec \{//; s/struct \{.*?\} (\w+);/$1;/gs;
        for (split /;/) { print "$1\n" while /(\w+)(?=\s*(?:,|$))/g }' | sort -u)
# counts, spans that a shown line comes from, and what decides without being shown
hidden='body def file is_template ns nns name ninstances structure knobs_of'
for member in $in_spec; do
    case " $hidden " in *" $member "*) continue ;; esac
    ok "explain shows $member" grep -qx "$member" <<<"$shown"
done

# ---- sources in other encodings than UTF-8 are shown as well as can be
sed 's/hint("tcgen05")/hint("x")/; s/hint("rows are long; "/hint("Gr\xf6\xdfe; "/' all.cu >latin1.cu
like 'Latin-1 in a hint' "$("$ksnvcc" explain latin1.cu -- -arch=sm_90 -std=c++17 2>&1)" $'hints +Gr\xef\xbf\xbd\xef\xbf\xbde; most of w'
mv latin1.cu $'caf\xe9.cu'
like 'and in the name of the file' "$("$ksnvcc" explain --json $'caf\xe9.cu' -- -arch=sm_90 -std=c++17)" \
    $'"file": "caf\xef\xbf\xbd\\.cu"'

# ---- on file or not
cat >one.cu <<'C'
constexpr int BLOCK = 128;
#pragma ksearch in(x[n]) out(y[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK) workload(n = 4096)
#pragma ksearch tune(BLOCK = 64, 128)
__global__ void copy(const float *x, float *y, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        y[i] = x[i];
}
C
one() { "$ksnvcc" explain "$@" one.cu -- -arch=sm_90 2>&1; }
like 'nothing is on file' "$(one)" 'on file +nothing: it was never searched$'
key=$(one --json | sed -n 's/.*"key": "\(.*\)".*/\1/p')
zeros=$(printf '%064d' 0)
record() { # KEY
    cat <<J
{"ksearch": 1, "records": [{"entry": "copy", "gpu": "NVIDIA H200/9.0/132/143GB", "key": "$1",
 "parts": {"region": "$zeros", "clauses": "$zeros", "context": "$zeros", "flags": "$zeros",
           "toolkit": "$zeros"},
 "file": "one.cu", "cc": "9.0", "winners": [{"values": {"BLOCK": 64}, "code": "$zeros"}],
 "ratio": 1.5, "low": 1.4, "high": 1.6, "noise": 0.002,
 "workloads": [{"label": "n=4096", "weight": 1, "original_us": 30.5, "winner_us": 20.25,
                "ratio": 1.5, "low": 1.4, "high": 1.6, "floor_us": 12.5}],
 "space": 2, "trials": 1, "interrupted": false, "seconds": 12.5, "gpu_uuid": "GPU-1",
 "driver": 13000, "toolkit": "13.0.88", "created": "2026-11-22T12:00:00Z", "version": "0.1.0"}]}
J
}
record "$key" >ksearch.lock
export KSEARCH_GPU='NVIDIA H200'
like 'a winner, from the lockfile' "$(one)" \
    'on file +BLOCK=64 is 1\.50x as fast \[1\.40, 1\.60\] on NVIDIA H200.* \(lockfile, measured 2026'
like 'as JSON too' "$(one --json)" '"found": "lockfile"'
record "$(printf '%064d' 1)" >ksearch.lock
like 'a winner of what the code was before' "$(one)" \
    'on file +nothing: a result is on file for this entry, but .* changed since'
sed -i 's/where(.*) assume/where(1 \/ (PAD - 2) < 5) assume/' all.cu
like 'a space at fault is shown as such' "$(explain)" 'space +81 points$'
like 'and why' "$(explain)" 'all\.cu:[0-9]+:[0-9]+: error: .*division by zero'
finish
