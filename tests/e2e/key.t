#!/bin/bash
# Keys: what does not change the meaning of an entry leaves its key alone, and what does, does not. An
# entry's line holds a hash each for region, clauses, context, flags, toolkit.
. "$(dirname "$0")/../tap.sh"

keyof=${KSEARCH_BUILD:?the folder of the build}/tests/keyof
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CI$)'); do unset "$v"; done
cd "$dir" || exit 1
mkdir -p p/inc p/third q

cat >p/inc/params.h <<'C'
#pragma once
#include <cassert>
constexpr int DEEP = 2;
constexpr int WIDE = DEEP * 4;
constexpr int LONELY = 77;
enum shape { ROUND = 3, SQUARE };
struct pair { float a, b; __host__ __device__ float sum() const; };
__host__ __device__ inline float pair::sum() const { return a + b; }
__host__ __device__ inline pair operator+(pair x, pair y) { return {x.a + y.a, x.b + y.b}; }
C
printf '#pragma once\nconstexpr int UNUSED = 1;\n' >p/inc/other.h
printf '#pragma once\ntemplate <class T> struct third_t { static constexpr int v = 5; };\n' >p/third/third.h

cat >p/k.cu <<'C'
#include <cstdio>
#include "params.h"
#include "other.h"
#include <third.h>

#define STEP 4
#ifndef FROM_FLAG
#define FROM_FLAG 9
#endif
#define CDIV(a, b) (((a) + (b) - 1) / (b))
constexpr int BLOCK = 256;
constexpr int INNER = 3;

__device__ float leaf(float x) { return x * INNER; }
__device__ float middle(float x) { return leaf(x) + SQUARE + third_t<int>::v; }
static float host_only(float x)
{
#ifndef __CUDA_ARCH__
    return x * 11;
#else
    return x;
#endif
}
__device__ float by_arch(float x)
{
#if __CUDA_ARCH__ == 800
    return x + 80;
#else
    return x + 90;
#endif
}

void nobody(int x) { printf("%d\n", x * 5); }

#pragma ksearch in(a[n]) out(b[n]) launch(grid = CDIV(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 1 << 20) test(n = 1000) tune(BLOCK = 128, 256) hint("try float4")
__global__ void scale(const float *a, float *b, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x; // where we are
    pair p = {1, 2};
    assert(n > 0);
    if (i < n)
        b[i] = middle(by_arch(a[i])) * STEP + WIDE + FROM_FLAG + (p + p).sum();
}

#pragma ksearch in(a[n]) out(b[n]) workload(n = 4096)
void twice(const float *a, float *b, int n)
{
    scale<<<CDIV(n, BLOCK), BLOCK>>>(a, b, n);
    if (host_only(1.f) > 100)
        scale<<<CDIV(n, BLOCK), BLOCK>>>(a, b, n);
}
C

ln -s ../p/inc q/inc

flags="-arch=sm_90 -Ip/inc -isystem p/third -O2"
keys() { # FLAGS...: of folder p
    rm -rf keep && "$keyof" keep "$nvcc" -c p/k.cu -o p/k.o "$@" 2>err
}
part() { # TEXT ENTRY NUMBER: one hash
    awk -v e="$2" -v n="$3" '$1 == e { print $(n + 1) }' <<<"$1"
}
base=$(keys $flags)
is 'two entries' "$(wc -l <<<"$base")" 2
is 'no complaint' "$(cat err)" ''
cp -r p first

# after CHANGE...: the keys of the changed folder, which is put back
after() { # SED-EXPRESSION FILE [FLAGS...]
    local edit=$1 file=$2
    shift 2
    sed -i -E "$edit" "p/$file"
    cmp -s "p/$file" "first/$file" && [ -n "$edit" ] && echo "nothing changed by $edit"
    keys $flags "$@"
    rm -rf p && cp -r first p
}
same() { # NAME SED FILE [FLAGS...]
    local name=$1
    shift
    is "same key: $name" "$(after "$@")" "$base"
}
# differs NAME WHICH PARTS ...: the entry's parts with these numbers are others, the rest is the same
differs() { # NAME ENTRY PARTS SED FILE [FLAGS...]
    local name=$1 entry=$2 parts=$3 got changed='' i
    shift 3
    got=$(after "$@")
    for i in 1 2 3 4 5; do
        [ "$(part "$got" "$entry" $i)" = "$(part "$base" "$entry" $i)" ] || changed+="$i"
    done
    is "$name: parts of $entry" "$changed" "$parts"
}

same 'a comment and a line more' 's|// where we are|/* another */\n// lines|' k.cu
same 'layout' 's|return x \* INNER; \}|return x *\n  INNER;\n}|' k.cu
same 'another function of the file' 's|x \* 5|x * 6|' k.cu
same 'an unrelated header' 's|UNUSED = 1|UNUSED = 2|' inc/other.h
same 'an unrelated constant of a header that matters' 's|LONELY = 77|LONELY = 78|' inc/params.h
same 'a hint' 's|try float4|try something|' k.cu
same 'an architecture more, with no code of its own' '' k.cu -gencode arch=compute_89,code=sm_89
added='void more(float *x, int n) { if (n) *x = 0; }'
note='#pragma ksearch out(x[n]) workload(n = 64)'
is 'same key: another entry above' "$(after "s|^void nobody|$note\n$added\n&|" k.cu | grep -v ^more)" "$base"
same 'names of files, warnings, a depfile' '' k.cu -o p/elsewhere.o -MD -MF p/dep -w -Xptxas -v

differs 'a constant of a header' scale 3 's|DEEP = 2|DEEP = 3|' inc/params.h
differs 'a constant of the file' scale 3 's|INNER = 3|INNER = 4|' k.cu
differs 'the same' twice 3 's|INNER = 3|INNER = 4|' k.cu
differs 'a macro' scale 3 's|STEP 4|STEP 5|' k.cu
differs 'a macro by flag' scale 3 '' k.cu -DFROM_FLAG=10
differs 'a macro of a clause' scale 3 's|\+ \(b\) - 1\)|+ (b) + 0 - 1)|' k.cu
differs 'a called function of a called function' scale 3 's|return x \* INNER|return x - INNER|' k.cu
differs 'a value of an enumeration' scale 3 's|ROUND = 3|ROUND = 4|' inc/params.h
differs 'a member defined outside' scale 3 's|return a \+ b|return a - b|' inc/params.h
differs 'an operator' scale 3 's|x.a \+ y.a|x.a - y.a|' inc/params.h
differs "a third party's header" scale 3 's|v = 5|v = 6|' third/third.h
differs 'host code of a host entry' twice 3 's|x \* 11|x * 12|' k.cu
differs 'host code is nothing to the kernel' scale '' 's|x \* 11|x * 12|' k.cu
differs 'the branch of this architecture' scale 3 's|x \+ 90|x + 91|' k.cu
differs 'the branch of another one' scale 3 's|x \+ 90|x + 91|' k.cu
differs 'the region' scale 13 's|if \(i < n\)|if (i <= n)|' k.cu
differs 'the annotation' scale 23 's|1 << 20|1 << 21|' k.cu
differs 'nothing of the other entry' scale '' 's|n = 4096|n = 4097|' k.cu
differs '-maxrregcount' scale 4 '' k.cu -maxrregcount=32
differs '-use_fast_math' scale 4 '' k.cu -use_fast_math
differs '-Xptxas -O1' scale 4 '' k.cu -Xptxas -O1
same 'options of the host compiler' '' k.cu -Xcompiler -funroll-loops
NVCC_APPEND_FLAGS=-fmad=false differs "the environment's flags" scale 4 '' k.cu
NVCC_APPEND_FLAGS=-DFROM_FLAG=3 differs "the environment's macros" scale 3 '' k.cu

same 'lines that end as elsewhere' 's|$|\r|' k.cu
same 'an annotation on more lines' 's|^(#pragma ksearch in\(a\[n\]\) out\(b\[n\]\)) launch(.*BLOCK\), )|\1 \\\n    launch\2  |' k.cu
same 'a macro that nobody uses' '' k.cu -DNOBODY=3
same 'where headers are' '' k.cu -Iq/inc
same 'what a build says, keeps and links' '' k.cu -O0 -g -t 2 -v -lm -Werror cross-execution-space-call --diag-suppress 177 \
    -odir . -split-compile 2 -res-usage
for f in -fmad=false -ftz=true -prec-div=false -prec-sqrt=false -G -lineinfo -rdc=true -restrict -extra-device-vectorization \
    '-Xcicc -O1' '-Xptxas --def-load-cache=cg' '-Ofc max' -std=c++14; do
    # shellcheck disable=SC2086
    unlike "another key: $f" "$(keys $flags $f | head -1)" "^$(head -1 <<<"$base")$"
done

# a macro that says where it stands, alone, behind other arguments and over several lines; and when it was compiled
cp p/k.cu plain.cu
sed -i 's|^void nobody.*|&\
#define CHECK(x, ...) check(x, __FILE__, __func__, (unsigned)(__LINE__), ##__VA_ARGS__)\
static int check(int x, const char *, const char *, unsigned line, ...) { return x ? x : (int)line; }\
static const char *when() { return __DATE__ __TIME__; }\
#define ALONE(x) check(x, "", "", __LINE__)|
s|    if \(host_only|    if (CHECK(n > 1,\
              "a",\
              "b") + ALONE(n) + (when() != nullptr))\
        n++;\
&|' -E p/k.cu
rm -rf first && cp -r p first
base=$(keys $flags)
same 'lines that tell their number' 's|^void nobody|// another line\n\n&|' k.cu
sleep 1
same 'another second' '' k.cu
cp plain.cu p/k.cu
rm -rf first && cp -r p first
base=$(keys $flags)

# a toolkit of another version
cat >nvcc.new <<S
#!/bin/sh
case \$* in
--version) echo 'Cuda compilation tools, release 13.9, V13.9.1' ;;
*) exec "$nvcc" "\$@" ;;
esac
S
chmod +x nvcc.new
nvcc=./nvcc.new differs 'the toolkit' scale 5 '' k.cu

flags="-gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90 -Ip/inc -isystem p/third -O2"
both=$(keys $flags)
base=$both
differs 'two architectures: one branch' scale 3 's|x \+ 80|x + 81|' k.cu
differs 'two architectures: the other' scale 3 's|x \+ 90|x + 91|' k.cu

# another folder, another way to name the file
flags="-arch=sm_90 -Ip/inc -isystem p/third -O2"
base=$(keys $flags)
mkdir -p else/where && cp -r p else/where/ && cd else/where || exit 1
is 'another folder' "$(keys $flags)" "$base"
is 'an absolute name' "$(rm -rf keep && "$keyof" keep "$nvcc" -c "$PWD/p/k.cu" $flags)" "$base"
cd p || exit 1
is 'no folder' "$(rm -rf keep && "$keyof" keep "$nvcc" -c k.cu -arch=sm_90 -O2 -Iinc -isystem third)" "$base"

# a heavy header costs little to look through
cd "$dir" || exit 1
sed -i 's|#include <third.h>|&\n#include <cub/cub.cuh>|' p/k.cu
start=$EPOCHREALTIME
KSEARCH_DEBUG=1 keys $flags >/dev/null
echo "# cub: $(bc <<<"$EPOCHREALTIME - $start") s for both entries; $(grep -m 1 'context of' err)"
ms=$(sed -n 's/.* \([0-9]*\)\.[0-9]* ms$/\1/p' err | sort -n | tail -1)
ok "cub's headers are passed over quickly (${ms} ms)" [ "${ms:-9999}" -lt 1000 ]
finish
