#!/bin/bash
# What is about to win is proven at sizes that nobody named, once, and what it fails there takes it out of the race (tests/fake/worker).
. "$(dirname "$0")/../tap.sh"
ks=$KSEARCH_BIN/ksnvcc
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_JOBS=2 KSEARCH_KNOBS=0
unset CI KSEARCH_LOCK KSEARCH_GPU KSEARCH_MODEL KSEARCH_PLANNER
cd "$dir" || exit 1
cat >add.cu <<'C'
constexpr int BLOCK = 256;

#pragma ksearch in(a[n], b[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 1 << 20) test(n = 1000) tune(BLOCK = 64, 128, 256)
__global__ void add(const float *a, const float *b, float *c, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        c[i] = a[i] + b[i];
}
C
values='"values":{"[64]":0.5,"[128]":0.7,"[256]":1}'
search() { # MORE: what the fake worker is told besides
    said=$(KSEARCH_WORKER="$KSEARCH_BUILD/tests/fake/worker {\"base_us\":100,$values$1}" KSEARCH_CACHE_DIR=$dir/cache$2 \
        KSEARCH_DEBUG=1 "$ks" search add.cu -- -arch=sm_90 2>&1)
    status=$?
}
search '' 1
is 'a search ends well' $status 0
like 'where nothing is wrong the fastest wins' "$said" 'add: BLOCK=64 is 2\.[0-9]+x as fast'
like 'it was proven at sizes that were drawn' "$said" 'checked at 12 sizes that were drawn'
is 'once' "$(grep -c 'kept: proof/' <<<"$said")" 1
search ',"blind":["[64]"]' 2
is 'a search ends well where one cheats' $status 0
like 'it is refused' "$said" 'add: 1 of 3 variants were refused; the first, BLOCK=64: c\[7\]: expected 1.5, got 0 \(at n=[0-9]+, drawn; assume'
like 'and the next one wins' "$said" 'add: BLOCK=128 is 1\.4[0-9]*x as fast'
sed -i 's/tune(/assume(n % 8 == 0) tune(/; s/test(n = 1000)/test(n = 8)/' add.cu
search ',"blind":["[64]"]' 3
size=$(grep -oE 'at n=[0-9]+, drawn' <<<"$said" | head -1 | tr -dc 0-9)
[ "$size" ] || sed 's/^/# /' <<<"$said"
ok 'sizes that are excluded are not drawn' test $((${size:-1} % 8)) = 0

# What is about to win runs once more under compute-sanitizer. This one starts the worker as the real one does, and says what it is told to:
# FINDS is the tool that finds something, ONCE: in the variant only, not in the original.
cat >sanitizer <<'S'
#!/bin/bash
while [[ $1 == --* ]]; do
    case $1 in --tool) tool=$2 ;; --log-file) log=$2 ;; esac
    shift 2
done
[ -n "$BROKEN" ] && exit 1
echo "========= COMPUTE-SANITIZER" >"$log"
if [ "$tool" = "$FINDS" ] && { [ -z "$ONCE" ] || mkdir "$ONCE" 2>/dev/null; }; then
    printf '========= %s\n' 'Error: Race reported between Write access at add(int)+0x90' '    and Read access at add(int)+0x70 [12 hazards]' '' >>"$log"
fi
echo "========= ERROR SUMMARY: 0 errors" >>"$log"
exec "$@"
S
chmod +x sanitizer
sed -i 's/test(n = 8)/test(n = 100000)/' add.cu
ln -s "$KSEARCH_BUILD/tests/fake/worker" ksearch-worker
sanitized() { # CACHE
    said=$(KSEARCH_SANITIZER=$dir/sanitizer KSEARCH_WORKER="$dir/ksearch-worker {\"base_us\":100,$values}" KSEARCH_CACHE_DIR=$dir/cache$1 \
        KSEARCH_DEBUG=1 "$ks" search add.cu -- -arch=sm_90 2>&1)
    status=$?
    shown=$(export KSEARCH_CACHE_DIR=$dir/cache$1; "$ks" cache show "$("$ks" cache ls | sed -n '1s, .*,,p')")
}
sanitized 4
is 'under a sanitizer that finds nothing a search ends well' $status 0
like 'and has its winner' "$said" 'add: BLOCK=64 is 2\.[0-9]+x as fast'
like 'of which is known what it passed' "$shown" 'passed +compute-sanitizer: memcheck, racecheck$'
like 'by the slow one at a part of the smallest size' "$said" 'racecheck: at n=12512,'
FINDS=racecheck ONCE=$dir/once sanitized 5
like 'what a tool finds in it refuses a variant' "$said" \
    "the first, BLOCK=64: compute-sanitizer's racecheck: Error: Race reported between Write access at add\(int\)\+0x90 and Read access"
like 'and the next one wins' "$said" 'add: BLOCK=128 is 1\.4[0-9]*x as fast'
FINDS=memcheck sanitized 6
like 'what it finds in the original, too, refuses nothing' "$said" 'add: BLOCK=64 is 2\.[0-9]+x as fast'
like 'and that tool has no say' "$shown" 'compute-sanitizer: racecheck$'
BROKEN=1 sanitized 7
like 'without a sanitizer that works there is a winner, too' "$said" 'add: BLOCK=64 is 2\.[0-9]+x as fast'
like 'which passed nothing' "$(tr '\n' ' ' <<<"$shown")" 'entry +add .*speed-up .*winner'
like 'and says so' "$shown" 'passed +compute-sanitizer: it did not run'
finish
