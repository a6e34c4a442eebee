#!/bin/bash
# Winners whose structure stands in no file: its text is in the record. The records are made from a search for the same structure in a
# file, whose result is put into the record of a source that names no file.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/recording.sh"
worker=${KSEARCH_BUILD:?the folder of the build}/libexec/ksearch/ksearch-worker
fill=$KSEARCH_BUILD/tests/store_fill
ksnvcc=${KSEARCH_BIN:?the folder of ksnvcc}/ksnvcc
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER)|NVCC_|CI$)'); do unset "$v"; done
export KSEARCH_JOBS=2 HOME=$dir
mkdir "$dir/file" "$dir/text"
cd "$dir/file" || exit 1

cat >twice.cu <<'C'
constexpr int THREADS = 128;

static __global__ void twice_kernel(float *y, const float *x, int n)
{
    for (int i = threadIdx.x; i < n; i += THREADS)
        y[i] = 2.0f * x[i];
}

#pragma ksearch in(x[n]) out(y[n]) workload(n = 4096) test(n = 5) tune(THREADS = 128, 256) structure("wide.cuh")
void twice(float *y, const float *x, int n, cudaStream_t stream)
{
    twice_kernel<<<1, THREADS, 0, stream>>>(y, x, n);
}
C
cat >wide.cuh <<'C'
#include <cstdint>
constexpr int N = 64; // "threads" – as many as a block has
#pragma ksearch tune(N = 64, 128) when(n > 1) run(wide<<<cdiv(n, N), N>>>(y, x, n))
__global__ void wide(float *y, const float *x, int n)
{
    std::int32_t i = blockIdx.x * N + threadIdx.x;
    if (i < n)
        y[i] = 2.0f * x[i];
}
C
cat >more.cu <<'C'
constexpr int B = 128;
#pragma ksearch inout(x[n]) workload(n = 4096) test(n = 5) tune(B = 128, 256) launch(grid = cdiv(n, B), block = B) structure("more.cuh")
__global__ void more(float *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < n)
        x[blockIdx.x * B + threadIdx.x] += 1;
}
void run(float *x, int n) { more<<<(n + B - 1) / B, B>>>(x, n); }
C
cat >more.cuh <<'C'
constexpr int B = 128;
#pragma ksearch tune(B = 128, 64)
__global__ void more(float *x, int n)
{
    for (int i = blockIdx.x * B + threadIdx.x; i < n; i += gridDim.x * B)
        x[i] += 1;
}
C

ks() { # nvcc's arguments; says everything into $said
    said=$("$ksnvcc" nvcc -arch=sm_90 "$@" 2>&1)
    status=$?
}

# NAME FILE: ../text/NAME.lock has the search's winner with FILE's text, for a source that does not name the file
recorded() {
    KSEARCH_CACHE_DIR=$dir/cache KSEARCH_LOCK=$PWD/$1.lock KSEARCH_WORKER="$worker --replay $PWD/$1.jsonl" ks -c "$1.cu" -o "$1.o"
    sed "s/ structure(\"$2\")//" "$1.cu" >"../text/$1.cu"
    (cd ../text && "$ksnvcc" explain --json "$1.cu" -- -arch=sm_90) >"$1.json"
    perl -MJSON::PP -0777 -e '
        my ($lock, $explained, $text) = map { open(my $f, "<:raw", $_) or die; my $all = <$f>; $all } @ARGV;
        my ($to, $file) = map { decode_json($_) } $lock, $explained;
        utf8::decode($text);
        $to->{records}[0]{key} = $file->{files}[0]{entries}[0]{key};
        @{$to->{records}[0]{winners}[0]}{"structure", "text"} = ("model:1a2b3c4d", $text);
        print JSON::PP->new->utf8->pretty->canonical->encode($to)' "$1.lock" "$1.json" "$2" >"../text/$1.lock"
}
recording twice.jsonl twice_0 n=4096 n=5 '[128]' 10 '[256]' 10.01 '["wide.cuh",64]' 9 '["wide.cuh",128]' 5
recording more.jsonl more_0 n=4096 n=5 '[128]' 10 '[256]' 10.01 '["more.cuh",128]' 6 '["more.cuh",64]' 5
recorded twice wide.cuh
recorded more more.cuh

# ---- a host entry, on a machine with nothing but the lockfile
cd ../text || exit 1
export KSEARCH_CACHE_DIR=$dir/clean
KSEARCH_LOCK=$PWD/twice.lock ks -c twice.cu -o twice.o -MD -MF twice.d
like 'the winner is emitted' "$said" 'twice: model:1a2b3c4d with N=128 is .*x as fast .*\(lockfile\)'
unlike 'without a word against it' "$said" 'warning|original'
ok 'the depfile names the lockfile and no text' sh -c 'grep -q twice.lock twice.d && ! grep -q model twice.d'
ok 'no file of that name is left' sh -c '! ls -d *model* *.ks 2>/dev/null'
said=$("$ksnvcc" explain twice.o)
like 'the object tells who wrote it' "$said" 'model:1a2b3c4d with N=128 \(written by a model\)$'
like 'as JSON too' "$("$ksnvcc" explain --json twice.o)" '"written_by": "model"'
cp twice.o first.o
KSEARCH_LOCK=$PWD/twice.lock ks -c twice.cu -o twice.o
ok 'two builds from one record are the same' cmp first.o twice.o
(cd ../file && KSEARCH_LOCK=$PWD/twice.lock ks -cubin twice.cu -o twice.cubin)
KSEARCH_LOCK=$PWD/twice.lock ks -cubin twice.cu -o twice.cubin
wide() { # CUBIN: what the kernel's code is
    "$KSEARCH_BUILD/tests/cubinof" "$1" | grep wide | cut -d' ' -f2-
}
is 'its machine code is that of the same structure in a file' "$(wide twice.cubin)" "$(wide ../file/twice.cubin)"
like 'which is there' "$(wide twice.cubin)" '^[0-9]+ 0 [0-9]+ [0-9a-f]{16}$'

said=$(KSEARCH_LOCK=$PWD/twice.lock "$ksnvcc" explain twice.cu -- -arch=sm_90)
like 'explain FILE names it' "$said" 'on file +model:1a2b3c4d with N=128 is .*\(lockfile'
said=$(KSEARCH_LOCK=$PWD/twice.lock "$ksnvcc" lock show)
like 'lock show prints the text' "$said" '^  model:1a2b3c4d, written by a model:'
like 'as it is' "$said" '^    constexpr int N = 64; // "threads" – as many as a block has$'
KSEARCH_CACHE_DIR=$dir/filled "$fill" twice.lock
said=$(KSEARCH_CACHE_DIR=$dir/filled "$ksnvcc" cache ls)
like 'cache ls names it' "$said" 'model:1a2b3c4d with N=128$'
said=$(KSEARCH_CACHE_DIR=$dir/filled "$ksnvcc" cache show "${said%% *}")
like 'cache show prints the text' "$said" '^    __global__ void wide'
KSEARCH_CACHE_DIR=$dir/filled ks -c twice.cu -o cached.o
like 'the cache serves it' "$said" 'model:1a2b3c4d with N=128 is .*\(cache\)'
ok 'with the same object' cmp first.o cached.o

# ---- a kernel entry
KSEARCH_LOCK=$PWD/more.lock ks -c more.cu -o more.o
like 'a kernel in place of a kernel' "$said" 'more: model:1a2b3c4d with B=64 is'
ok 'is in the object' sh -c 'nm -C more.o | grep -q "ksearch_space__ks_.*more"'

# ---- what winners change, as a patch
said=$(KSEARCH_LOCK=$PWD/twice.lock "$ksnvcc" diff twice.cu -- -arch=sm_90)
like 'diff says what it is about' "$said" '^# twice.cu: twice: model:1a2b3c4d with N=128, written by a model; 2\.00x as fast on NVIDIA H200/.* \(lockfile\)$'
sed 's/N = 64;/N = 128;/' ../file/wide.cuh >wanted
is 'the structure is a new file with its values in it' "$(tail -n +5 <<<"$said" | sed 's/^+//')" "$(cat wanted)"
like 'of that many lines' "$said" "^@@ -0,0 \+1,$(wc -l <wanted) @@\$"
said=$(KSEARCH_LOCK=$PWD/twice.lock "$ksnvcc" diff --json twice.cu -- -arch=sm_90)
like 'as JSON too' "$said" '"diff": "--- /dev/null.n\+\+\+ model:1a2b3c4d'
perl -0 -pe 's/"structure" : "[^"]*",//; s/"text" : "(\\.|[^"\\])*",?//; s/"N" : 128/"THREADS" : 256/; s/,(\s*\})/$1/g' twice.lock >own.lock
said=$(KSEARCH_LOCK=$PWD/own.lock "$ksnvcc" diff twice.cu -- -arch=sm_90)
is 'changed constants with the lines around them' "$said" "$(cat <<'P'
# twice.cu: twice: THREADS=256; 2.00x as fast on NVIDIA H200/9.0/132/150GB (lockfile)
--- twice.cu
+++ twice.cu
@@ -1,4 +1,4 @@
-constexpr int THREADS = 128;
+constexpr int THREADS = 256;
 
 static __global__ void twice_kernel(float *y, const float *x, int n)
 {
P
)"
is 'diff writes nothing' "$(ls -d -- model* *.ks 2>/dev/null)" ''
like 'without a winner it says so' "$("$ksnvcc" diff twice.cu -- -arch=sm_90)" '^# twice.cu: twice: no winner on file$'

# a patch of several places, applied: the values of lines near and far, in the last line without a newline, and over two lines
{
    printf 'constexpr int A = 1, B = 2;\n'
    seq -f '// %g' 5
    printf '#define C 4\n'
    seq -f '// %g' 9
    printf 'constexpr int D =\n    4 +\n    4;\n//\n'
    printf '#pragma ksearch inout(x[n]) workload(n = 64) launch(grid = 1, block = 1)\n'
    printf '#pragma ksearch tune(A = 1, 9) tune(B = 2, 9) tune(C = 4, 9) tune(D = 8, 9) tune(E = 1, 9)\n'
    printf '__global__ void many(float *x, int n) {}\n//\n//\nvoid run(float *x, int n) { many<<<1, 1>>>(x, n); }\n#define E 1'
} >many.cu
key=$("$ksnvcc" explain --json many.cu -- -arch=sm_90 | sed -n 's/.*"key": "\([0-9a-f]*\)".*/\1/p')
perl -pe 's/"key" : "[0-9a-f]*"/"key" : "'"$key"'"/; s/"THREADS" : 256/"A":9,"B":2,"C":9,"D":9,"E":9/' own.lock >many.lock
perl -0 -pe 's/A = 1, B/A = 9, B/; s/C 4/C 9/; s/4 \+\n    4/9/; s/define E 1/define E 9/' many.cu >wanted
KSEARCH_LOCK=$PWD/many.lock "$ksnvcc" diff many.cu -- -arch=sm_90 >many.patch
if [ -x "$(command -v patch)" ]; then
    ok 'a patch of many places can be applied' patch -s many.cu many.patch
    is 'and gives the winner' "$(cat many.cu; echo .)" "$(cat wanted; echo .)"
else
    skip 'a patch of many places can be applied' 'no patch here'
fi
is 'places that are near are one hunk' "$(grep -c '^@@' many.patch)" 3

# ---- texts that are not what was measured
edited() { # NAME SED-COMMAND WARNING
    sed "$2" twice.lock >edited.lock
    cmp -s twice.lock edited.lock && echo 'Bail out! nothing was edited'
    rm -f edited.o
    KSEARCH_LOCK=$PWD/edited.lock ks -c twice.cu -o edited.o
    is "$1: the build goes on" "$status" 0
    like "$1: a warning says what is wrong" "$said" "warning: .*$3"
    like "$1: and what is built" "$said" 'twice: original \(the winner model:1a2b3c4d with N=128 was not emitted\)'
    unlike "$1: nothing looks like an error of the build" "$(grep -v '^ksnvcc: warning:' <<<"$said")" 'error'
    ok "$1: it is the original" sh -c 'nm -C edited.o | grep -q "twice(" && ! nm -C edited.o | grep -q ksearch_space'
}
edited 'other code' 's/2\.0f \* x/3.0f * x/' 'its machine code is not what was measured'
edited 'a plan that this version cannot read' 's/run(wide/rum(wide/' \
    "twice.cu: twice: the winner cannot be emitted: its text cannot be used: model:1a2b3c4d:3:[0-9]+: 'rum' is no line"
edited 'code that does not compile' 's/if (i < n)/if (i < m)/' 'the text with the winners does not compile: model:1a2b3c4d.7.'
edited 'no text' 's/"text" :/"tixt" :/' 'the annotation has no structure\("model:1a2b3c4d"\)'
finish
