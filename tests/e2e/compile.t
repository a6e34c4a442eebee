#!/bin/bash
# The main job without a GPU: search with a worker that replays a recording, emission, cache, lockfile, modes, and what happens when
# things are wrong.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/recording.sh"
here=$(cd "$(dirname "$0")" && pwd)
worker=$KSEARCH_BUILD/libexec/ksearch/ksearch-worker
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_JOBS=2
unset CI KSEARCH_MODE KSEARCH_LOCK KSEARCH_GPU KSEARCH_WORKER
cp "$here"/compile/*.cu "$here"/compile/*.h "$dir"
cd "$dir" || exit 1

recording fast.jsonl scale_0 n=1048576 'n=1;n=1000' '[128]' 10 '[64]' 12 '[256]' 8
recording flat.jsonl scale_0 n=1048576 'n=1;n=1000' '[128]' 10 '[64]' 10.01 '[256]' 9.99

with_gpu() { # RECORDING COMMAND...
    local recording=$1
    shift
    KSEARCH_WORKER="$worker --replay $dir/$recording" "$@"
}

ks() { # nvcc's arguments; says everything into $said
    said=$("$KSEARCH_BIN/ksnvcc" nvcc -arch=sm_90 "$@" 2>&1)
    status=$?
}

object_has() { # OBJECT SYMBOL-PATTERN: a host stub of a kernel of that name
    nm -C "$1" | grep -Eq "$2"
}

# ---- a search, and what follows from it
with_gpu fast.jsonl ks -c scale.cu -o scale.o
is 'a build that searches succeeds' "$status" 0
like 'it says what it searches' "$said" 'scale.cu: scale: searching on NVIDIA H200'
like 'it says what it found' "$said" 'scale: BLOCK=256 is 1\.25x as fast \[1\.2., 1\.2.\] on NVIDIA H200.*\(search\)'
ok 'the object has the winner' object_has scale.o 'scale__ks'
like 'the object tells where its code is from' "$("$KSEARCH_BIN/ksnvcc" explain scale.o)" 'BLOCK=256'

with_gpu fast.jsonl ks -c scale.cu -o second.o
like 'the second build takes it from the cache' "$said" 'BLOCK=256 .*\(cache\)'
unlike 'and does not search' "$said" 'searching'
ok 'the two objects hold the same' sh -c 'objcopy -O binary -j .nv_fatbin scale.o a && objcopy -O binary -j .nv_fatbin second.o b && cmp a b'

KSEARCH_AGAIN=1 with_gpu flat.jsonl ks -c scale.cu -o again.o
like 'it can be searched again' "$said" 'searching.*'
like 'with what is found now' "$said" 'no proven gain'
with_gpu flat.jsonl ks -c scale.cu -o again.o
like 'but a win that is on file is not lost to that' "$said" 'BLOCK=256 .*\(cache\)'

KSEARCH_BUDGET=soon KSEARCH_MODEL=gpt with_gpu flat.jsonl ks -c scale.cu -o again.o
unlike 'what a search would be told is not read' "$said" 'warning|soon|gpt'
KSEARCH_AGAIN=1 KSEARCH_BUDGET=soon KSEARCH_MODEL=gpt with_gpu flat.jsonl ks -c scale.cu -o again.o
is 'a search says what it cannot use, once' "$(grep -c 'KSEARCH_BUDGET=soon is no time' <<<"$said") $(grep -c 'no model is asked: gpt' <<<"$said")" '1 1'

ks -c scale.cu -o nogpu.o
like 'without a GPU the cache serves the architecture' "$said" 'BLOCK=256 .*\(cache\)'

# ---- keys
sed -i 's/^\/\/ A kernel.*/\/\/ another comment/; s/int i = /int i   =   /' scale.cu
ks -c scale.cu -o x.o
like 'a comment and layout find the same winner' "$said" '\(cache\)'
echo '#define FACTOR 3.0f' >factor.h
ks -c scale.cu -o x.o
like 'a changed macro of a header does not' "$said" 'original: nothing on file for sm_90'
is 'and the build goes on' "$status" 0
like 'explain says which part changed' "$("$KSEARCH_BIN/ksnvcc" explain scale.cu -- -arch=sm_90)" 'but .* changed'
echo '#define FACTOR 2.0f' >factor.h

like 'as JSON too' "$("$KSEARCH_BIN/ksnvcc" explain --json scale.cu -- -arch=sm_90)" '"in_code": 128'
printf '#pragma ksearch in(a) launch(grid = 1, block = 1)\n__global__ void k(float *a) {}\n' >wrong.cu
like 'mistakes as JSON too' "$("$KSEARCH_BIN/ksnvcc" explain --json wrong.cu -- -arch=sm_90)" '"row": 1'

# ---- modes
KSEARCH_MODE=require ks -c scale.cu -o x.o
is 'require is content with a winner' "$status" 0
KSEARCH_MODE=require ks -maxrregcount=20 -c scale.cu -o x.o
is 'require fails without one' "$status" 102
like 'and says where' "$said" 'scale.cu:[0-9]+:[0-9]+: error: ksearch: .scale. has no result on file'
KSEARCH_MODE=off ks -c scale.cu -o off.o
is 'off is silent' "$said" ''
ok 'off is plain nvcc' sh -c '! nm -C off.o | grep scale__ks'
KSEARCH_MODE=quick ks -c scale.cu -o x.o
like 'an unknown mode is named' "$said" 'KSEARCH_MODE=quick is not one of'
CI=true KSEARCH_CACHE_DIR=$dir/empty with_gpu fast.jsonl ks -c scale.cu -o x.o
unlike 'CI does not search' "$said" 'searching'

# ---- no gain is a result
export KSEARCH_CACHE_DIR=$dir/flat
with_gpu flat.jsonl ks -c scale.cu -o x.o
like 'no proven gain is said' "$said" 'scale: original: no proven gain on NVIDIA H200'
with_gpu flat.jsonl ks -c scale.cu -o x.o
unlike 'and is not searched again' "$said" 'searching'
ok 'the object is the original' sh -c '! nm -C x.o | grep scale__ks'

# ---- nothing is searched for that could not be used
sed '/^void run_scale/,$d' scale.cu >nolaunch.cu
KSEARCH_CACHE_DIR=$dir/nolaunch with_gpu fast.jsonl ks -c nolaunch.cu -o x.o
unlike 'a kernel that is launched nowhere here is not searched' "$said" 'searching'
like 'and that is said' "$said" 'not searched, as no winner could be used: .*no launch'

# ---- what a search has against the annotation is located too
sed 's/tune(BLOCK = 64, 128, 256)/& where(1 % (BLOCK - 64) == 1)/' scale.cu >divides.cu
KSEARCH_CACHE_DIR=$dir/divides with_gpu fast.jsonl ks -c divides.cu -o x.o
is 'a constraint that divides by zero: the build goes on' "$status" 0
like 'and it is shown where' "$said" '^divides.cu:8:50: error: ksearch: this constraint has no value at BLOCK = 64'

# ---- the lockfile
export KSEARCH_CACHE_DIR=$dir/locked
KSEARCH_LOCK=$dir/my.lock with_gpu fast.jsonl ks -c scale.cu -o x.o -MD -MF x.d
ok 'a lockfile that is asked for is written' grep -q '"BLOCK": 256' my.lock
ok 'it is in the depfile' grep -q my.lock x.d
ok 'so is the source, and no temporary' sh -c 'grep -q scale.cu x.d && grep -q factor.h x.d && ! grep -q "\.ks/" x.d'
HOME=/nonexistent KSEARCH_CACHE_DIR= KSEARCH_LOCK=$dir/my.lock KSEARCH_MODE=cached ks -c scale.cu -o locked.o
like 'a build needs nothing but the lockfile' "$said" 'BLOCK=256 .*\(lockfile\)'
sed 's/"records"/<<<<<<< ours "records"/' my.lock >broken.lock
KSEARCH_LOCK=$dir/broken.lock ks -c scale.cu -o x.o
is 'a lockfile that cannot be read ends the build' "$status" 105

# ---- what is not ours is nvcc's
printf 'const char *s = "ksearch"; // #pragma ksearch in(a[n])\n' >word.cu
ks -c word.cu -o word.o
is 'the word in a string or comment: silent' "$status:$said" '0:'
printf '#if 0\n#pragma ksearch nonsense(\n#endif\nint x;\n' >off.cu
ks -c off.cu -o x.o
is 'a pragma inside #if 0: silent' "$status:$said" '0:'
printf '#pragma ksearch nonsense(a[n])\n__global__ void k(float *a) {}\n' >bad.cu
ks -c bad.cu -o bad.o
is 'a malformed annotation fails the compile' "$status" 101
like 'located' "$said" "^bad.cu:1:17: error: ksearch: unknown clause 'nonsense'"
ok 'and leaves no object' test ! -e bad.o
echo 'int broken = ;' >>scale.cu
cp scale.cu broken.cu
ks -c broken.cu -o broken.o
mine="$status:$(grep error <<<"$said")"
theirs=$(nvcc -arch=sm_90 -c broken.cu -o broken.o 2>&1)
is "an error of the user's is nvcc's own" "$mine" "$?:$(grep error <<<"$theirs")"
sed -i '$d' scale.cu

# ---- what is beyond us is said, where nvcc does not refuse it itself
ks -dlto -c scale.cu -o x.o
like 'an annotated file in a compile that is beyond us' "$status $said" '^0 ksnvcc: scale.cu: original: with link-time optimisation'
rm -f x.o
KSEARCH_MODE=require ks --time t.csv -c scale.cu -o x.o
like 'is an error where a winner is required' "$status $said" '^102 scale.cu: error: ksearch: KSEARCH_MODE=require is set, but only nvcc itself'
ok 'and compiles nothing' test ! -e x.o
KSEARCH_MODE=require ks -E scale.cu
is 'a look at the text needs no winner' "$status" 0
KSEARCH_MODE=require ks -c scale.cu -arch=sm_99
is 'a wrong command is nvcc'\''s to refuse' "$status $(tail -1 <<<"$said")" "1 nvcc fatal   : Unsupported gpu architecture 'sm_99'"

# ---- the folder of the cache
KSEARCH_CACHE_DIR=$dir/scale.cu with_gpu fast.jsonl ks -c scale.cu -o nocache.o
like 'where there can be no cache it is searched all the same' "$status $said" '^0 .*the cache cannot be used'
ok 'and the winner is in the object' object_has nocache.o 'scale__ks'

export KSEARCH_CACHE_DIR=$dir/readonly
mkdir readonly && chmod a-w readonly
with_gpu fast.jsonl ks -c scale.cu -o x.o
is 'a cache that cannot be written: the build goes on' "$status" 0
ok 'with the winner' object_has x.o 'scale__ks'
export KSEARCH_CACHE_DIR=$dir/twice
with_gpu fast.jsonl ks -c scale.cu -o one.o &
with_gpu fast.jsonl "$KSEARCH_BIN/ksnvcc" nvcc -arch=sm_90 -c scale.cu -o two.o 2>two.log
wait
ok 'two builds at once: both objects have the winner' sh -c 'nm -C one.o | grep -q scale__ks && nm -C two.o | grep -q scale__ks'

# ---- a winner for each regime of a parameter
recording rows.jsonl all_rows_0 'rows=1, cols=4096;rows=16, cols=4096;rows=8192, cols=4096' 'rows=3, cols=5' \
    '[128]' 10,12,100 '[256]' 8,9,130 '[512]' 7,9.05,300
export KSEARCH_CACHE_DIR=$dir/regimes
with_gpu rows.jsonl ks -c rows.cu -o rows.o
like 'regimes: no workload pays for another' "$said" 'all_rows: THREADS=512 for rows 1..16 is 1\.2.x as fast'
like 'regimes: what stays the original is told' "$said" 'rows=8192, cols=4096: .*: 1\.00x'
like 'regimes: the object tells' "$("$KSEARCH_BIN/ksnvcc" explain rows.o)" 'rows 1..16'
with_gpu rows.jsonl ks -c rows.cu -o rows.o
like 'regimes: kept' "$said" 'THREADS=512 for rows 1..16 .*\(cache\)'

# ---- other ways to compile
export KSEARCH_CACHE_DIR=$dir/cache
winner_in() { # NAME OBJECT FLAGS...
    local name=$1 object=$2
    shift 2
    said=$(with_gpu fast.jsonl "$KSEARCH_BIN/ksnvcc" nvcc "$@" 2>&1)
    ok "the winner gets into $name" object_has "$object" 'scale__ks'
}
winner_in 'relocatable code' rdc.o -arch=sm_90 -rdc=true -c scale.cu -o rdc.o
winner_in 'an object for two architectures' two.o -gencode arch=compute_80,code=sm_80 \
    -gencode arch=compute_90,code=sm_90 -c scale.cu -o two.o
winner_in 'a cubin' scale.cubin -arch=sm_90 -cubin scale.cu -o scale.cubin
{ printf '\xef\xbb\xbf'; cat scale.cu; } >marked.cu
winner_in 'an object of a source with a byte order mark' marked.o -arch=sm_90 -c marked.cu -o marked.o
printf 'int main() { return 0; }\n' >main.cu
winner_in 'a program that is compiled and linked in one' prog -arch=sm_90 scale.cu main.cu -o prog
ok 'which runs' ./prog
said=$(with_gpu fast.jsonl "$KSEARCH_BIN/ksnvcc" nvcc -arch=sm_90 -ptx scale.cu -o scale.ptx 2>&1)
is 'PTX builds' "$?" 0
like 'but has no machine code to compare with what was measured' "$said" 'no machine code that could be compared'
ok 'so it is the original' sh -c '! grep -q scale__ks scale.ptx'
said=$(with_gpu fast.jsonl "$KSEARCH_BIN/ksnvcc" nvcc -arch=sm_80 -c scale.cu -o x.o 2>&1)
like 'code for another GPU is not searched' "$said" 'makes no machine code for NVIDIA H200'
said=$("$KSEARCH_BIN/ksnvcc" nvcc -arch=native -c scale.cu -o native.o 2>&1)
is 'native without a GPU builds' "$?" 0
like 'and says that it is sm_75' "$said" 'sm_75'
is 'nothing is left behind' "$(ls -d -- *.ks 2>/dev/null)" ''
finish
