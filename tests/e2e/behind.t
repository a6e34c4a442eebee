#!/bin/bash
# A launcher behind ksnvcc where outputs are to be the same everywhere: a compiler's cache keeps them and gives them back, and they are
# what they are without it. Whatever a launcher cannot do is done without it.
. "$(dirname "$0")/../tap.sh"
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER|REPRODUCIBLE)|NVCC_.*|S?CCACHE_.*|SOURCE_DATE_EPOCH)$'); do unset "$v"; done
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_OBJECTS=0 KSEARCH_QUIET=1 CI=true
cd "$dir" || exit 1
cat >k.cu <<'C'
constexpr int BLOCK = 256;
namespace { __global__ void hidden(int *p) { *p = 1; } }
#pragma ksearch in(a[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 1<<20) tune(BLOCK = pow2(64, 1024))
__global__ void k(const float *a, float *c, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        c[i] = a[i];
}
void run(const float *a, float *c, int n) { hidden<<<1, 1>>>(nullptr); k<<<(n + BLOCK - 1) / BLOCK, BLOCK>>>(a, c, n); }
C
compile() { # OUTPUT LAUNCHER... : what was said is in $said
    local out=$1
    shift
    rm -f "$out"
    said=$("$KSEARCH_BIN/ksnvcc" "$@" "$nvcc" -arch=sm_90 -g -MD -MF "$out.d" -MT k -c k.cu -o "$out" 2>&1)
}

compile want.o
ok 'without a launcher' test -s want.o
if command -v ccache >/dev/null; then
    export CCACHE_DIR=$dir/ccache
    compile a.o ccache
    ok 'ccache, a miss: the bytes' cmp want.o a.o
    compile b.o ccache
    ok 'ccache, a hit: the bytes' cmp want.o b.o
    is 'and the depfile, as ccache writes it' "$(tr -d ' \n\\' <b.o.d)" "$(tr -d ' \n\\' <want.o.d)"
    is 'it was a hit' "$(ccache --print-stats | awk '/^(direct|preprocessed)_cache_hit/ { n += $2 } END { print n }')" 1
    SOURCE_DATE_EPOCH=1 compile c.o ccache
    is 'what the bytes depend on is known to ccache' "$(ccache --print-stats | awk '/^cache_miss/ { print $2 }')" 2
else
    skip ccache 'it is not installed'
fi
if command -v sccache >/dev/null; then
    export SCCACHE_DIR=$dir/sccache SCCACHE_SERVER_PORT=$((20000 + ($$ + 1) % 20000)) SCCACHE_IDLE_TIMEOUT=300
    trap 'sccache --stop-server >/dev/null 2>&1; rm -rf "$dir"' EXIT
    if timeout 60 sccache --start-server >"$dir/log" 2>&1; then
        compile a.o sccache
        compile b.o sccache
        ok 'sccache: the bytes' cmp want.o b.o
        # one that runs the steps of nvcc's plan by itself is done without
        sccache --show-stats | grep 'Cache hits .*[1-9]' >/dev/null || sccache --version | grep -qE ' 0\.(1[0-9]|[2-9][0-9])'
        is 'sccache: a hit, where it knows compilers' $? 0
    else
        skip sccache 'its server does not start here'
    fi
else
    skip sccache 'it is not installed'
fi

cat >plans <<'C'
#!/bin/sh
touch "$0.used"
compiler=$1; shift
"$compiler" --dryrun "$@" || exit 7
exec "$compiler" "$@" -DPLAN
C
printf '#!/bin/sh\necho "$1" >"$0.used"; echo noise; exit 3\n' >fails
chmod +x plans fails
compile a.o ./plans
ok 'one that asks for the plan is asked' test -e plans.used
ok 'and done without' cmp want.o a.o
compile a.o ./fails
ok 'so is one that fails' cmp want.o a.o
unlike 'without its noise' "$said" noise
like 'it got a program that is called nvcc' "$(cat fails.used)" "^$dir/cache/behind/[0-9a-f]{16}/nvcc\$"
like 'which does what compiles nothing' "$("$(cat fails.used)" --version)" 'release [0-9]'
compile a.o env
ok 'one that only runs it' cmp want.o a.o
is 'nothing is left behind' "$(ls -d -- *.ks 2>/dev/null)" ''

sed -i 's/c\[i\] = /c[i] = wrong /' k.cu
want=$("$nvcc" -arch=sm_90 -g -c k.cu -o w.o 2>&1; echo $?)
is "what is wrong is said as by nvcc" "$("$KSEARCH_BIN/ksnvcc" env "$nvcc" -arch=sm_90 -g -c k.cu -o w.o 2>&1; echo $?)" "$want"
finish
