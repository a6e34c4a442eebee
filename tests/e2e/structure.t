#!/bin/bash
# Structures: what the worker launches for a plan is what the emitted function launches, in every group, with tensor maps, clusters and
# workspaces; and what cannot be computed leaves the call to the original. Both write their launches down (tests/fake/launchlog.h).
. "$(dirname "$0")/../tap.sh"
build=${KSEARCH_BUILD:?the folder of the build}
cuda=${CUDA_HOME:?the toolkit}
root=$(realpath "$(dirname "$0")/../..")
rewrite=$build/tests/rewrite
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CI$)'); do unset "$v"; done
export KSEARCH_LOCK_DIR=$dir
cp "$root"/tests/gpu/plans/* "$dir"
cd "$dir" || exit 1
nvcc=$cuda/bin/nvcc
"${CC:-cc}" -c -o cudart.o "$root/tests/fake/cudart.c" -I"$root" || exit 1

# ENTRY FILE STRUCTURE VALUES MAIN: the emitted program FILE.out on the runtime that writes down
emitted() {
    sed -e '/^int main/,$d' -e '/gqa_main.cuh/d' "$2.cu" >"$2_.cu"
    "$rewrite" emit "$2_.cu" "$1:$3" 0 "$4" >"$2_e.cu" || return 1
    echo "$5" >>"$2_e.cu"
    "$nvcc" -arch=sm_90 -c "$2_e.cu" -o "$2.o" && g++ -o "$2.out" "$2.o" cudart.o
}

# ENTRY FILE STRUCTURE VALUES: the plan FILE.json, the harness FILE.so, and FILE.cubin with kernels that do nothing
planned() {
    "$rewrite" tables "$2_.cu" "$1:$3" 0 "$4" >"$2_t.cu"
    "$nvcc" -arch=sm_90 -cubin "$2_t.cu" -o "$2_t.cubin" 2>/dev/null &&
        "$rewrite" plan "$2_.cu" "$1:$3" 0 "$4" "$2_t.cubin" >"$2.json" || return 1
    for symbol in $(grep -o '"symbol":"[^"]*"' "$2.json" | cut -d'"' -f4 | sort -u); do
        for size in $FAKE_SIZES; do
            [[ $symbol == *"${size%%=*}"* ]] || continue
            letters=${size#*=}
            echo "int ${symbol}_params = ${#letters}; int $symbol(void **p) { (void)p; return 0; }"
        done
    done | sort -u >"$2_k.c"
    "${CC:-cc}" -shared -fPIC -o "$2_k.so" "$2_k.c" && echo "host:$dir/$2_k.so" >"$2.cubin"
    "$rewrite" harness "$2_.cu" >"$2_h.cu"
    "$nvcc" -arch=sm_90 -shared -Xcompiler -fPIC "$2_h.cu" -o "$2_real.so" 2>/dev/null || return 1
    sed "s|REAL|$dir/$2_real.so|; s/LABEL/$1_0/g" "$root/tests/fake/noharness.c" >"$2_no.c"
    "${CC:-cc}" -shared -fPIC -o "$2.so" "$2_no.c" -ldl
}

# ENTRY FILE DIMS ARRAYS: the reply; launches in FILE.log
worked() {
    rm -f "$2.log"
    FAKE_LOG=$2.log LD_LIBRARY_PATH=$build/tests/fake \
        "$build/tests/planrun" "$build/libexec/ksearch/ksearch-worker" "$1_0" "$2.so" "$2.cubin" "$2.json" "$3" "$4" 2>&1
}

# The first COUNT lines that are launches, or memsets directly before one, of one of the sizes SIZES. Addresses are numbered: they differ
# from run to run, where they point to does not.
launches() { # COUNT SIZES
    awk -v sizes=" $2 " '
        $1 == "memset" { held = index(sizes, " " $NF " ") ? $0 : ""; next }
        !/ \/ / { next }
        { if (held != "") print held; held = ""; print }' | head -n "$1" |
        awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^@/) { if (!($i in seen)) seen[$i] = n++; $i = "#" seen[$i] } print }'
}

same() { # NAME FILE COUNT SIZES WORKER-ENV...
    local mine theirs
    theirs=$(launches "$3" "$4" <"$2.log")
    mine=$(launches "$3" "$4" <<<"$said")
    is "$1" "$mine" "$theirs"
    is "$1: that many of them" "$(wc -l <<<"$mine")" "$3"
}

# ---- a workspace, a template, figures of the GPU ----

export FAKE_SIZES='split=888888884 merge=88884 decode_kernel=888888884' FAKE_CAPABILITY=90 FAKE_SMS=4
main='int main(int argc, char **) { using attn::bf16; auto p = [](long i) { return (void *)(0x7000000000 + (i << 20)); };
    attn::gqa_decode((bf16 *)p(0), (float *)p(1), (bf16 *)p(2), (bf16 *)p(3), (bf16 *)p(4), (int *)p(5), (int *)p(6), (int *)p(7), 7, 0.08838834764f, 0);
    if (argc > 1) attn::gqa_decode((bf16 *)p(0), (float *)p(1), (bf16 *)p(2), (bf16 *)p(3), (bf16 *)p(4), (int *)p(5), (int *)p(6), (int *)p(7), 100000000, 0.1f, 0); }'
ok 'gqa: the emitted program' emitted gqa_decode gqa_decode gqa_split.cu 2,4 "$main"
ok 'gqa: plan, harness and kernels' planned gqa_decode gqa_decode gqa_split.cu 2,4
reply=$(worked gqa_decode gqa_decode 7,17 in:q,in:kc,in:vc,in:indptr,in:indices,in:last_len,out:out,out:lse)
like 'gqa: the worker runs the plan' "$reply" '"pass":false.*"reason":"wrong"'
said=$(./gqa_decode.out)
same 'gqa: both launch the same' gqa_decode 2 ''
like 'gqa: the context is split as the GPU allows' "$said" '^split 1 4 7 / 128 1 1 / 0 / 0 0 0'
like 'gqa: merged by the template' "$said" '^merge 32 7 1 / 128 1 1'
said=$(FAKE_NO_MEMORY=1 ./gqa_decode.out)
like 'gqa: without memory the original runs' "$said" '^decode_kernel 7 32 1'
unlike 'gqa: and nothing else' "$said" 'split|merge'
said=$(./gqa_decode.out more | tail -1)
like 'gqa: beyond the limit of its scratch the original runs' "$said" '^decode_kernel 100000000 32 1'

# ---- groups, cleared memory, a struct, clusters, much shared memory ----

export FAKE_SIZES='scale_many=8888 partial=8844 finish=884 atomic_total=884 scale_one=8884 total_one=884'
main='int main(int argc, char **argv) { scale((float *)0x7000000000, (float *)0x7100000000, (float *)0x7200000000, Scale{2.f, 0.5f}, argc > 1 ? atoi(argv[1]) : 0, 0); }'
ok 'scale: the emitted program' emitted scale scale scale_plan.cu 4,256 "#include <cstdlib>
$main"
ok 'scale: plan, harness and kernels' planned scale scale scale_plan.cu 4,256
for n in 70000 4096; do
    reply=$(worked scale scale $n in:x,out:y,out:total)
    like "scale, n = $n: the worker runs the plan" "$reply" '"pass":false'
    said=$(./scale.out $n)
    lines=$([ $n = 70000 ] && echo 4 || echo 3)
    same "scale, n = $n: both launch the same" scale "$lines" '64 4'
done
said=$(./scale.out 70000)
like 'scale: clusters, and shared memory beyond 48 KB' "$said" '^partial 16 1 1 / 256 1 1 / 98304 / 4 1 1 : @[0-9a-f]+ @[0-9a-f]+ 70000 16'
like 'scale: where no group holds the original runs' "$(./scale.out 33)" '^scale_one 1 1 1'
like 'scale: a kernel that the device refuses leaves it to the original' "$(FAKE_SMEM=65536 ./scale.out 70000)" '^scale_one 1 1 1'
reply=$(worked scale scale 33 in:x,out:y,out:total)
is 'scale: the worker calls the original there' "$(launches 1 '' <scale.log)" ''

# ---- tensor maps ----

export FAKE_SIZES='flip_tiles=8m44 flip_plain=8844'
main='int main() { return flip((float *)0x7000000000, (float *)0x7100000000, 100, 36, 0); }'
ok 'flip: the emitted program' emitted flip flip flip_map.cu 32 "$main"
ok 'flip: plan, harness and kernels' planned flip flip flip_map.cu 32
reply=$(worked flip flip 100,36 in:in,out:out)
said=$(./flip.out)
same 'flip: both launch the same, with the same map' flip 1 ''
like 'flip: dimensions from the innermost' "$said" '^flip_tiles 2 4 1 / 256 1 1 / 0 / 0 0 0 : @[0-9a-f]+ map\.[0-9]+\.2\.0\.36\.100\.0\.0\.0\.144\.'

# ---- several instances of one template ----

cat >twice.cu <<'C'
#pragma ksearch in(x[n] = integers(0, 9)) out(y[n]) workload(n = 64) structure("twice_plan.cu")
void twice(int *y, const int *x, int n)
{
}
C
cat >twice_plan.cu <<'C'
constexpr int N = 2;
#pragma ksearch tune(N = 2, 3) when(n > 10) run(add<N, int><<<1, n>>>(y, x)) when(true)
#pragma ksearch run(add<1, unsigned><<<1, n>>>(y, x)) run(add<1 + N, int><<<1, 1>>>(y, nullptr))
template <int M, typename T> static __global__ void add(int *y, const int *x)
{
    y[threadIdx.x] = x ? x[threadIdx.x] + M : T(M);
}
C
"$rewrite" tables twice.cu twice:twice_plan.cu 0 3 >twice_t.cu
"$nvcc" -arch=sm_90 -cubin twice_t.cu -o twice_t.cubin
plan=$("$rewrite" plan twice.cu twice:twice_plan.cu 0 3 twice_t.cubin)
is 'each run has the instance that it names' "$(grep -o 'addI[A-Za-z0-9]*E' <<<"$plan" | cut -c1-11 | tr '\n' ' ')" 'addILi3EiEE addILi1EjEE addILi4EiEE '

# ---- constants that are made from tunables ----

cat >made.cu <<'C'
constexpr int B = 16;
#define TILE (B * 4)
constexpr int BYTES = TILE * 4 + 0;
#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 16, 32, 64) where(BYTES <= 512)
#pragma ksearch launch(grid = cdiv(n, B), block = B)
__global__ void made(float *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < n)
        x[blockIdx.x * B + threadIdx.x] += 1;
}
C
explained=$(HOME=$dir "$build/bin/ksnvcc" explain made.cu -- -arch=sm_90 2>&1)
like 'a constraint sees them with the values of each point' "$explained" 'space +3 points, 2 valid'
sed -i 's/BYTES <= 512/BYTES <= 128/' made.cu
explained=$(HOME=$dir "$build/bin/ksnvcc" explain made.cu -- -arch=sm_90 2>&1)
like 'and says where those in the code do not hold' "$explained" 'made.cu:4:[0-9]+: error: ksearch: the values in the code do not satisfy this constraint: B = 16'

# a structure of a kernel is launched with numbers for what it tunes, which constants made from them would not follow
cat >made_wide.cu <<'C'
constexpr int B = 16;
#pragma ksearch tune(B = 16, 32)
__global__ void made(float *x, int n)
{
    for (int i = blockIdx.x * B + threadIdx.x; i < n; i += gridDim.x * B)
        x[i] += 1;
}
C
sed -i 's/ where(BYTES <= 128)//; s/block = B)/block = B) structure("made_wide.cu")/' made.cu
echo 'void run(float *x, int n) { made<<<(n + B - 1) / B, B>>>(x, n); }' >>made.cu
"$rewrite" emit made.cu made:made_wide.cu 0 32 >wide.cu
is 'a structure of a kernel is emitted' $? 0
ok 'and compiles' "$nvcc" -arch=sm_90 -c wide.cu -o wide.o
sed 's/cdiv(n, B)/cdiv(n, TILE)/' made.cu >tile.cu
"$rewrite" emit tile.cu made:made_wide.cu 0 16 >/dev/null
is 'with a constant that follows from what it tunes: for the value in the code' $? 0
like 'else it is refused' "$("$rewrite" emit tile.cu made:made_wide.cu 0 32 2>&1)" "'made': launch\(...\) has constants that are made from"
finish
