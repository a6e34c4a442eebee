#!/bin/bash
# A winner that needs sm_90a in a build for sm_90: that target is added, and all else stays what it is. Where it cannot be, the build
# gets what it would without such a winner.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/recording.sh"
root=$(realpath "$(dirname "$0")/../..")
build=${KSEARCH_BUILD:?the folder of the build}
ksnvcc=${KSEARCH_BIN:?the folder of ksnvcc}/ksnvcc
worker=$build/libexec/ksearch/ksearch-worker
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER|QUIET|ARCH_SPECIFIC)|NVCC_|CI$)'); do unset "$v"; done
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_JOBS=2 KSEARCH_KNOBS=0 HOME=$dir
"${CC:-cc}" -c -o "$dir/cudart.o" "$root/tests/fake/cudart.c" -I"$root" || exit 1
cd "$dir" || exit 1

cat >add.cu <<'C'
__device__ float half_of(float x)
{
    return 0.5f * x; // other
}
__global__ void other(float *x, int n)
{
    if (threadIdx.x < n)
        x[threadIdx.x] = half_of(x[threadIdx.x]);
}

constexpr int THREADS = 128;
static __global__ void add_kernel(float *y, const float *x, int n)
{
    for (int i = threadIdx.x; i < n; i += THREADS)
        y[i] = 2.0f * x[i];
}

#pragma ksearch in(x[n]) out(y[n]) workload(n = 4096) test(n = 5) tune(THREADS = 128, 256) structure("fast.cuh")
void add(float *y, const float *x, int n, cudaStream_t stream)
{
    add_kernel<<<1, THREADS, 0, stream>>>(y, x, n);
}

constexpr int BLOCK = 128;
#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK)
#pragma ksearch workload(n = 4096) test(n = 5) tune(BLOCK = 128, 256)
__global__ void scale(const float *a, float *b, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        b[i] = half_of(a[i]);
}

int main()
{
    add(nullptr, nullptr, 4096, 0);
    scale<<<(4096 + BLOCK - 1) / BLOCK, BLOCK>>>(nullptr, nullptr, 4096);
    other<<<1, 32>>>(nullptr, 5);
}
C
cat >fast.cuh <<'C'
constexpr int N = 128;
#pragma ksearch tune(N = 128, 256) when(n > 1) run(fast<<<cdiv(n, N), N>>>(y, x, n))
static __device__ float twice(float x)
{
    return 2.0f * x;
}
static __global__ void __launch_bounds__(N, 1) fast(float *y, const float *x, int n)
{
    asm volatile("setmaxnreg.dec.sync.aligned.u32 32;");
    int i = blockIdx.x * N + threadIdx.x;
    if (i < n)
        y[i] = twice(x[i]);
}
C
recording add.jsonl add_0 n=4096 n=5 '[128]' 10 '[256]' 10.01 '["fast.cuh",128]' 9 '["fast.cuh",256]' 5
recording scale.jsonl scale_0 n=4096 n=5 '[128]' 10 '[256]' 8
cat scale.jsonl >>add.jsonl

ks() { # nvcc's arguments; says everything into $said
    said=$("$ksnvcc" nvcc "$@" 2>&1)
    status=$?
}
searched() { # nvcc's arguments
    KSEARCH_WORKER="$worker --replay $dir/add.jsonl" ks "$@"
}
images() { # OBJECT: its cubins as OBJECT.sm_90.cubin, ...; their targets
    perl -0777 -ne '
        for (my $at = 1; ($at = index($_, "\x7fELF\x02\x01", $at)) > 0; $at++) {
            my ($ph, $sh) = unpack("Q<Q<", substr($_, $at + 32, 16));
            my ($phsize, $phn, $shsize, $shn) = unpack("S<4", substr($_, $at + 54, 8));
            my $end = $sh + $shsize * $shn;
            $end = $ph + $phsize * $phn if $ph + $phsize * $phn > $end;
            my $image = substr($_, $at, $end);
            my ($target) = $image =~ /-arch (sm_\w+)/;
            open(my $out, ">:raw", "$ARGV.$target.cubin") or die;
            print $out $image;
            print "$target ";
        }' "$1"
}
code() { # CUBIN KERNEL: what its machine code is
    "$build/tests/cubinof" "$1" | grep -E "^_Z[0-9]+$2P" | cut -d' ' -f2-
}
program() { # OBJECT CAPABILITY [SPECIFIC]: which kernels it launches
    g++ -o program "$1" cudart.o && FAKE_CAPABILITY=$2 FAKE_SPECIFIC=$3 FAKE_SIZES='fast=888 add_kernel=888 scale=888 scale__ks_scale_0_256=888 other=88' ./program |
        sed 's/ : .*//' | awk '{ print $1, $2 "x" $6 }' | tr '\n' ' '
}
original='add_kernel 1x128 scale 32x128 other 1x32 '
no_fast='add_kernel 1x128 scale__ks_scale_0_256 16x256 other 1x32 '
fast='fast 16x256 scale__ks_scale_0_256 16x256 other 1x32 '

# ---- found, and built
touch ksearch.lock
searched -arch=sm_90 -c add.cu -o add.o
like 'what is refused for sm_90 is compiled for sm_90a, and wins' "$said" 'add: fast.cuh with N=256 as sm_90a is 2.00x as fast .*\(search\)'
like 'another entry beside it' "$said" 'scale: BLOCK=256 is 1.25x as fast .*\(search\)'
unlike 'no variant is refused' "$said" 'did not compile|refused'
is 'nobody hears of the pass that was added' "$(grep -v '^ksnvcc: ' <<<"$said")" ''
nvcc -arch=sm_90 -c add.cu -o plain.o
is 'nvcc has one target' "$(images plain.o)" 'sm_90 '
is 'and this build two' "$(images add.o)" 'sm_90 sm_90a '
for kernel in other add_kernel scale; do
    wanted=$(code plain.o.sm_90.cubin $kernel)
    like "$kernel: there is code" "$wanted" '^[0-9]+ 0 [0-9]+ [0-9a-f]{16}$'
    is "$kernel: the code for sm_90 is nvcc's" "$(code add.o.sm_90.cubin $kernel)" "$wanted"
    is "$kernel: and that for sm_90a the same" "$(code add.o.sm_90a.cubin $kernel)" "$wanted"
done
ok 'the PTX is there, without instructions that it cannot have' sh -c "strings -n 3 add.o | grep -q 'fast' && ! strings -n 3 add.o | grep -q setmaxnreg"
is 'the program launches the winners where the driver takes that code' "$(program add.o 90 90)" "$fast"
is 'what sm_90 has where it takes other code' "$(program add.o 90)" "$no_fast"
is 'the original on other cards' "$(program add.o 100 90)$(program add.o 80 90)" "$original$original"
like 'the object tells' "$("$ksnvcc" explain add.o)" 'winner +fast.cuh with N=256 as sm_90a'
like 'as JSON too' "$("$ksnvcc" explain --json add.o)" '"arch": "sm_90a"'
like 'the record tells' "$(cat ksearch.lock)" '"arch" *: "sm_90a"'
is 'only of what needs it' "$(grep -c '"arch"' ksearch.lock)" 1
like 'cache show as well' "$("$ksnvcc" cache show "$("$ksnvcc" cache ls | awk '/fast/ { print $1 }')")" 'winner +fast.cuh with N=256 as sm_90a'
like 'and lock check' "$("$ksnvcc" lock check add.cu -- -arch=sm_90 2>&1)" 'ok .*add'

export KSEARCH_CACHE_DIR=$dir/clean
cp add.o first.o
ks -arch=sm_90 -c add.cu -o add.o
like 'a machine with nothing but the lockfile builds it' "$said" 'add: fast.cuh with N=256 as sm_90a .*\(lockfile\)'
KSEARCH_REPRODUCIBLE=1 ks -arch=sm_90 -c add.cu -o one.o
KSEARCH_REPRODUCIBLE=1 ks -arch=sm_90 -c add.cu -o two.o
ok 'reproducibly' cmp one.o two.o
is 'with it' "$(images two.o)" 'sm_90 sm_90a '

# ---- other commands
both='-gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=[sm_90,compute_90]'
# shellcheck disable=SC2086
ks $both -c add.cu -o add.o
is 'beside several targets' "$(images add.o)" 'sm_80 sm_90 sm_90a '
is 'each card has its own' "$(program add.o 90 90)$(program add.o 80)" "$fast$original"
ks -arch=sm_90a -c add.cu -o add.o
like 'where the command names it, there is nothing to add' "$(images add.o)" '^sm_90a $'
is 'and the winner is there' "$(program add.o 90 90)" "$fast"

# ---- what may not be
ks_explain() { "$ksnvcc" explain add.cu -- "$@" 2>&1; }
like 'explain says that it may be added' "$(ks_explain -arch=sm_90)" 'targets +sm_90a, where a winner needs it'
export KSEARCH_ARCH_SPECIFIC=0
like 'or that it may not' "$(ks_explain -arch=sm_90)" 'targets +sm_90a is not added.*: KSEARCH_ARCH_SPECIFIC=0 forbids it'
ks -arch=sm_90 -c add.cu -o add.o
like 'then the winner is not used' "$said" 'add: original: its winner needs sm_90a: KSEARCH_ARCH_SPECIFIC=0 forbids it'
like 'another is' "$said" 'scale: BLOCK=256 .*\(lockfile\)'
is 'in code for the targets of the command' "$(images add.o)$(program add.o 90 90)" "sm_90 $no_fast"
like 'lock check says so' "$("$ksnvcc" lock check add.cu -- -arch=sm_90 2>&1)" 'its winner needs sm_90a: KSEARCH_ARCH_SPECIFIC=0'
searched -arch=sm_90 -c add.cu -o add.o
like 'a search finds something else' "$said" 'add: a result is on file, but its winner needs sm_90a'
like 'and says why not that' "$said" "fast.cuh.*'setmaxnreg.*' not supported on .target 'sm_90' \(not compiled for sm_90a: KSEARCH_ARCH_SPECIFIC=0 forbids it\)"
like 'what it finds is kept for such builds' "$(ks_explain -arch=sm_90)" 'on file +no proven gain .*\(cache'
unset KSEARCH_ARCH_SPECIFIC
ks -arch=sm_90 -c add.cu -o add.o
like 'while the lockfile keeps what others use' "$said" 'add: fast.cuh with N=256 as sm_90a .*\(lockfile\)'
ks -arch=sm_90 -cubin add.cu -o add.cubin
like 'where there is room for one target' "$said" 'add: original'

# the same record under the key of a relocatable build
perl -MJSON::PP -0777 -e '
    my ($lock, $explained) = map { open(my $f, "<:raw", $_) or die; local $/; decode_json(<$f>) } "ksearch.lock", shift;
    my ($add) = grep { $_->{entry} eq "add" } @{$explained->{files}[0]{entries}};
    my ($record) = grep { $_->{entry} eq "add" && @{$_->{winners}} } @{$lock->{records}};
    $record->{key} = $add->{key};
    $lock->{records} = [$record];
    print JSON::PP->new->utf8->canonical->encode($lock)' <("$ksnvcc" explain --json add.cu -- -arch=sm_90 -rdc=true -no-compress 2>/dev/null) >rdc.lock
KSEARCH_LOCK=$dir/rdc.lock ks -arch=sm_90 -rdc=true -no-compress -c add.cu -o add.o
like 'in relocatable code' "$said" 'add: original: its winner needs sm_90a: relocatable device code has just the targets'
is 'there is no other target' "$(images add.o)" 'sm_90 '

# ---- a structure whose instructions other targets of the command have not got, and no target with an a is needed for
mkdir several && sed 's/^#pragma ksearch \(in(a\|.*BLOCK = \).*//' add.cu >several/add.cu && sed 's/setmaxnreg.dec.sync.aligned.u32 32;/griddepcontrol.wait;/' fast.cuh >several/fast.cuh
(
    cd several && touch ksearch.lock && searched -arch=sm_90 -c add.cu -o add.o
    # shellcheck disable=SC2086
    ks $both -c add.cu -o add.o
    mv add.o "$dir/several.o" && echo "$said" >"$dir/several.txt"
)
like 'a structure for sm_90 in a file that is for sm_80 too' "$(cat several.txt)" 'add: fast.cuh with N=256 is .*\(lockfile\)'
is 'is there, and nothing is added' "$(images several.o)" 'sm_80 sm_90 '
is 'each card runs its own' "$(program several.o 90)$(program several.o 80)" "${fast/__ks_scale_0_256 16x256/ 32x128}$original"

# ---- a file that asks what it is compiled for would be another program
perl -0pi -e 's{    return 0.5f \* x; // other}{#ifdef __CUDA_ARCH_FEAT_SM90_ALL\n    return 0.25f * x;\n#else\n    return 0.5f * x;\n#endif}; s/b\[i\] = half_of\(a\[i\]\)/b[i] = 0.5f * a[i]/' add.cu
ks -arch=sm_90 -c add.cu -o add.o
like 'so nothing is added to it' "$said" 'add: the winner needs sm_90a, and other, which stays as it is, would be other machine code for it'
is 'its code is the original' "$(images add.o)$(program add.o 90 90)" "sm_90 $original"
finish
