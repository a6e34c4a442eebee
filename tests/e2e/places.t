#!/bin/bash
# Where entries stand and how they are named, on a runtime that only writes down what is launched: the winner where the entry is meant,
# the original everywhere else. Then what the whole of ksnvcc makes of files that need others, with searches that are replayed.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/recording.sh"

build=${KSEARCH_BUILD:?the folder of the build}
rewrite=$build/tests/rewrite
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
root=$(realpath "$(dirname "$0")/../..")
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER|AGAIN|QUIET|DEBUG)|NVCC_|CI$)'); do unset "$v"; done
cp "$root"/tests/e2e/places/* "$dir"
cd "$dir" || exit 1
"${CC:-cc}" -c -o cudart.o "$root/tests/fake/cudart.c" || exit 1

# ---- texts. Each job compiles one; the log of each in NAME.log
strict=(-std=c++17 -arch=sm_90 -Werror all-warnings -Xcompiler "-Wall,-Wextra,-Werror,-iquote,.")
# what nvcc's own code has no warnings of either
more='-Wcast-qual,-Wconversion,-Wshadow,-Weffc++'

# the compiler only speaks of unused names in the file that it was given: so that is called as the lines in it say
emit() { # NAME FILE WINNERS...
    mkdir "t_$1" && "$rewrite" emit "$2" "${@:3}" >"t_$1/$2" 2>"$1.log" || return 1
    (cd "t_$1" && "$nvcc" "${strict[@]}" -Xcompiler "$more,-iquote,.." -c "$2" -o "../e_$1.o") >"$1.log" 2>&1 &&
        g++ -o "e_$1" "e_$1.o" cudart.o >>"$1.log" 2>&1
}

harness() { # NAME FILE
    "$rewrite" harness "$2" >"h_$1.cu" 2>"$1.log" || return 1
    "$nvcc" "${strict[@]}" -shared -Xcompiler -fPIC -o "h_$1.so" "h_$1.cu" >"$1.log" 2>&1
}

unit() { # NAME FILE LABEL VALUES...: what its kernels, or its calls, are
    "$rewrite" unit "$2" "$3" 0 "${@:4}" >"u_$1.cu" 2>"$1.log" || return 1
    if grep -q ksearch_use_all__ks "u_$1.cu"; then
        "$nvcc" "${strict[@]}" -cubin -o "u_$1.cubin" "u_$1.cu" >"$1.log" 2>&1 && "$build/tests/cubinof" "u_$1.cubin" >"u_$1.has"
    else
        "$nvcc" "${strict[@]}" -shared -Xcompiler -fPIC -o "u_$1.so" "u_$1.cu" >"$1.log" 2>&1 && nm -D "u_$1.so" >"u_$1.has"
    fi
}

run_job() { # VERB NAME ...
    "$@"
    echo $? >"$2.rc"
}

cat >jobs <<'J'
emit scopes scopes.cu hidden 0 64 deep 0 64,1 host 0 64 plain 0 64 plain2 0 64 chost 0 64 bounded 0 64 clustered 0 64 few 0 64 trailing 0 64
harness h_scopes scopes.cu
unit deep scopes.cu deep 32,1 64,2
unit host scopes.cu host 32 64
unit chost scopes.cu chost 32 64
unit trailing scopes.cu trailing 32 64
emit overloads overloads.cu add 0 64 addf 0 64 ha 0 64 hb 0 64
emit one_overload overloads.cu addf 0 64
harness h_overloads overloads.cu
unit add overloads.cu add 32 64
unit addf overloads.cu addf 32 64
unit ha overloads.cu ha 32 64
emit templates templates.cu scale 0 64 scale 1 64 h 0 64 map 0 64
harness h_templates templates.cu
unit scale templates.cu scale 32 64
emit macros macros.cu add 0 64
emit several several.cu one 0 64 two 0 64 both 0 64 again 0 64
emit globals globals.cu add 0 64 tex 0 64
harness h_globals globals.cu
unit setup globals.cu add 32 64
emit names names.cu clip 0 64 fill 0 64
harness h_names names.cu
J
export -f run_job emit harness unit
export rewrite nvcc build
declare -p strict more >strict.sh
xargs -P 2 -L 1 bash -c '. ./strict.sh; run_job "$@"' _ <jobs
while read -r _ name _; do
    is "$name compiles without a warning" "$(cat "$name.rc" "$name.log")" 0
done <jobs

launched() { # PROGRAM: what it launches
    FAKE_CAPABILITY=90 "./e_$1" 2>&1 | c++filt -p | sed 's/(anonymous namespace):://; s/^void //; s, / 0 / (nil)$,,; s, 1 1\( \|$\),\1,g'
}

is 'scopes: every launch of an entry is its winner' "$(launched scopes)" 'hidden__ks_hidden_0_64 1 / 64
a::b::v2::deep__ks_deep_0_64_1 1 / 64
a::b::v2::deep__ks_deep_0_64_1 1 / 64
a::b::v2::deep__ks_deep_0_64_1 1 / 64
a::b::v2::deep__ks_host_0_64 1 / 64
plain__ks_plain_0_64 1 / 64
plain2__ks_plain2_0_64 1 / 64
bounded__ks_bounded_0_64 1 / 64
clustered__ks_clustered_0_64 2 / 64
few__ks_few_0_64 1 / 64
trailing__ks_trailing_0_64 1 / 64
trailing__ks_trailing_0_64 1 / 64
a::b::v2::deep__ks_deep_0_64_1 1 / 64
a::b::v2::deep__ks_deep_0_64_1 1 / 64
plain2__ks_chost_0_64 1 / 64
64'
is 'overloads: the compiler chooses as it did' "$(launched overloads)" 'a::add 2 / 32
a::add__ks_add_0_64 1 / 64
a::add__ks_addf_0_64 1 / 64
a::add<float> 2 / 32
a::add<float> 2 / 32
a::add<3, float, double> 2 / 32
b::add 1 / 2
a::add__ks_ha_0_64 1 / 64
a::add__ks_hb_0_64 1 / 64
a::add__ks_ha_0_64 1 / 64
192'
is 'overloads: those without a winner are launched as ever' "$(launched one_overload)" 'a::add 2 / 32
a::add 2 / 32
a::add__ks_addf_0_64 1 / 64
a::add<float> 2 / 32
a::add<float> 2 / 32
a::add<3, float, double> 2 / 32
b::add 1 / 2
a::add 2 / 32
a::add 2 / 32
a::add 2 / 32
96'
is 'templates: each instance its own, a specialisation stays itself' "$(launched templates)" 'scale__ks_scale_0_64<float, 2, float> 1 / 64
scale<double, 2, double> 1 / 32
scale__ks_scale_1_64<double, 4, double> 1 / 64
scale<int, 2, int> 1 / 32
scale__ks_scale_0_64<float, 2, float> 1 / 64
scale<float, 4, float> 1 / 32
map__ks_map_0_64<float, &(float doubled<float>(float const&))> 1 / 64
scale__ks_h_0_64<float, 2, float> 1 / 64
scale<double, 2, double> 1 / 32
160'
is 'macros: launches inside of them too' "$(launched macros)" 'add__ks_add_0_64 1 / 64
add__ks_add_0_64 1 / 64
add__ks_add_0_64 1 / 64
add__ks_add_0_64 1 / 64
add 2 / 32
add
add__ks_add_0_64 1 / 64
add 2 / 32
add__ks_add_0_64 1 / 64
add__ks_add_0_64 1 / 64
add__ks_add_0_64 1 / 64
add__ks_add_0_64 1 / 64
add__ks_add_0_64 1 / 64
add__ks_add_0_64 1 / 64
add__ks_add_0_64 1 / 64
add 2 / 32
add 2 / 32
add 2 / 32
asked for shared memory 1 times'
is 'entries that call entries have what they were measured with' "$(launched several)" 'one__ks_one_0_64 1 / 64
two__ks_two_0_64 1 / 64
one__ks_both_0_64 1 / 64
two__ks_both_0_64 1 / 64
both
64
one__ks_again_0_64 1 / 64
two__ks_again_0_64 1 / 64
again
128'
is 'names: parameters hide the helpers of expressions' "$(launched names)" 'clip__ks_clip_0_64<float> 1 / 64
clip<double> 2 / 32
clip__ks_fill_0_64<float> 1 / 64
clip__ks_fill_0_64<float> 1 / 64'
is 'device memory is shared with the original' "$(launched globals)" 'weights[0] <- 16 bytes
add__ks_add_0_64 1 / 64
look__ks_tex_0_64 1 / 64
0'
is 'and is there once' "$("$rewrite" emit globals.cu add 0 64 | grep -c '__constant__ float weights')" 1

copies() { # UNIT: how many kernels of two variants it has
    if [ -e "u_$1.so" ]; then
        grep -c 'ksearch_call__.*__ks[12]$' "u_$1.has"
    else
        grep -c '__ks[12]' "u_$1.has"
    fi
}
for u in deep host chost trailing add addf ha scale; do
    is "$u: a unit has its two variants" "$(copies $u)" 2
done
is 'setup: variants of a kernel that needs one are called' "$(grep -c 'ksearch_\(call\|setup\)__add_0__ks[12]' u_setup.has)" 4
is 'launch() is the variant'"'"'s' "$(grep -c 'ks_b0 = (unsigned)(B__ks2$' u_setup.cu)" 1

# ---- the same kernel launched from another file
"$nvcc" "${strict[@]}" -DWITHOUT_MAIN -c t_several/several.cu -o a.o 2>&1 && "$nvcc" "${strict[@]}" -c elsewhere.cu -o b.o 2>&1 && g++ -o e_linked a.o b.o cudart.o
is 'launches of other files keep the original' "$(launched linked)" 'two 2 / 32
one__ks_both_0_64 1 / 64
two__ks_both_0_64 1 / 64'

# ---- the whole of ksnvcc
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_JOBS=2
ks() { # LABEL FILE OPTIONS...: a search in which 64 is faster; output in $said
    recording "$2.jsonl" "$1_0" n=64 '' '[32]' 10 '[64]' 8
    said=$(KSEARCH_WORKER="$build/libexec/ksearch/ksearch-worker --replay $dir/$2.jsonl" \
        "$KSEARCH_BIN/ksnvcc" nvcc -std=c++17 -arch=sm_90 "${@:3}" -c "$2" -o "$2.o" 2>&1)
    status=$?
}
explain() { # FILE OPTIONS...
    KSEARCH_MODE=cached "$KSEARCH_BIN/ksnvcc" explain "$1" -- -std=c++17 -arch=sm_90 "${@:2}" 2>&1
}

ks add branches.cu
like 'constants that both branches define: the active one' "$said" 'branches.cu: add: B=64 is 1.25x as fast'
like 'explain: the other branch' "$(explain branches.cu -DBIG)" 'tunables +B = 32 \[64\] 128'
unlike 'explain: a condition around the entry' "$(explain branches.cu -DNO_ADD)" 'add \(kernel\)'

ks add macros.cu
like 'macros: the winner' "$said" 'macros.cu: add: BLOCK=64 is 1.25x as fast|add: original: not in the recording'
like 'launches that keep the original are named: by a function' "$said" \
    "macros.cu:[0-9]+:5: warning: ksearch: this launch of 'add' keeps the original: only <<< >>> can be rewritten, not cudaLaunchKernel"
like 'through a macro of a macro' "$said" "macros.cu:[0-9]+:5: warning: .* keeps the original: a macro launches it through another macro"
like 'through a function' "$said" "macros.cu:[0-9]+:[0-9]+: warning: ksearch: 'add' is passed on here: what is launched by its address is the original"
like 'by a macro that a function gets' "$said" "macros.cu:18:22: warning: ksearch: 'add' is passed on here"
like 'in a class' "$said" "macros.cu:30:40: warning: ksearch: 'add' is passed on here"
is 'and no others' "$(grep -cE 'keeps the original|is passed on' <<<"$said")" 6

cat >instance.cu <<'C'
namespace v2 {
constexpr int B = 32;
#pragma ksearch instance(T = double) inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), block = B)
template <typename T> static __global__ void add(T *x, int n)
{
    if (blockIdx.x * B + threadIdx.x < (unsigned)n)
        x[blockIdx.x * B + threadIdx.x] += 1;
}
void run(TYPE *x) { add<<<2, B>>>(x, 64); }
}
C
ks add instance.cu -DTYPE=float
like 'an instance that nobody launches' "$said" 'warning: instance.cu: v2::add<T=double>: nothing in this file launches this instance'
ks add instance.cu -DTYPE=double
like 'one that is launched has its winner' "$said" 'instance.cu: v2::add<T=double>: B=64 is 1.25x as fast'
unlike 'and nothing is said' "$said" 'nothing in this file launches'

ks add header.cu
like 'an annotated header' "$said" 'header.cu: the annotations in annotated.cuh are not looked at'
like 'breaks nothing' "$said" 'header.cu: add: B=64 is 1.25x as fast'

printf '%s\n' '__global__ void add(float *x, double n);' >overload.cuh
printf '%s\n' '#include "overload.cuh"' 'constexpr int B = 32;' \
    '#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), block = B)' \
    '__global__ void add(float *x, int n) { x[n] = B; }' 'void run(float *x) { add<<<2, B>>>(x, 64); }' >overload.cu
ks add overload.cu
like 'an overload in a header is not seen, but by the compiler' "$said" 'the text with the winners does not compile: overload.cu.*overloaded'
is 'which then has the original' "$status$(nm -C overload.cu.o | grep -c __ks)" 00

ks add device.cu -rdc=true
like 'device code of another file' "$said" "add: original: device code uses 'scale', which is defined in another file"
is 'the build goes on' "$status" 0
ok 'as nvcc alone has it' sh -c "'$nvcc' -std=c++17 -arch=sm_90 -rdc=true -c device.cu -o plain.o && nm -C plain.o | grep -q ' U .*scale\| T add' && ! nm -C device.cu.o | grep -q __ks"

ks run foreign.cu
like 'symbols of other files' "$said" 'foreign.cu: run: B=64 is 1.25x as fast'
fake() { # OPTIONS...: the real worker on the driver that runs on the CPU
    said=$(KSEARCH_MODE=search KSEARCH_CACHE_DIR=$dir/fake KSEARCH_LOCK_DIR=$dir KSEARCH_BUDGET=20s \
        KSEARCH_WORKER="env ASAN_OPTIONS=handle_segv=0 LD_LIBRARY_PATH=$build/tests/fake $build/libexec/ksearch/ksearch-worker" \
        "$KSEARCH_BIN/ksnvcc" nvcc -std=c++17 -arch=sm_90 "$@" -c foreign.cu -o fault.o 2>&1)
    status=$?
}
if "$build/libexec/ksearch/ksearch-worker" --probe >/dev/null 2>&1; then
    skip 'foreign symbols on the fake driver' 'a GPU is here'
else
    fake
    like 'a file that needs others is loaded' "$said" 'original: the original cannot be measured: calling the entry'
    fake -DFAULT
    like 'a constructor that calls into another file' "$said" "run: original: the worker was killed by signal 11 .* over 'open'; a static constructor"
    is 'costs the build nothing' "$status" 0
fi

printf '%s\n' 'constexpr int B = 32;' '#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), block = B)' \
    '__global__ void add(float *x, int n) { x[n] = B; }' >alone.cu
like 'a kernel that its file does not launch' "$(explain alone.cu)" \
    "alone.cu:2:17: warning: ksearch: no launch of 'add' in this file can be rewritten, and launches in other files keep the original"
finish
