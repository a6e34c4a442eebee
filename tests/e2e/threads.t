#!/bin/bash
# -t N: what nvcc runs side by side is run so where its plan is run by us, for objects with a winner and for those that are to be the
# same everywhere. A host compiler tells: its passes wait for one another, so they come to an end only together.
. "$(dirname "$0")/../tap.sh"
samples=$(cd "$(dirname "$0")/../../samples" && pwd)
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|JOBS|WORKER|REPRODUCIBLE)|NVCC_.*|CI|MAKE.*|MFLAGS|SOURCE_DATE_EPOCH)$'); do unset "$v"; done
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_OBJECTS=0 KSEARCH_MODE=cached
cd "$dir" || exit 1
mkdir cc passes
# MEET=N: passes wait until N run at once, and how many do is kept. The passes that keys are made of have other names
cat >cc/g++ <<'C'
#!/bin/bash
for word; do [ "$last" = -o ] && out=$word; last=$word; done
if [ -n "$MEET" ] && [[ " $* " == *' -E '* ]] && [[ $out == *.cpp[14].ii ]]; then
    : >"$PASSES/$$"
    for ((i = 0; i < 1000; i++)); do
        n=$(ls "$PASSES" | wc -l)
        [ "$n" -ge "$MEET" ] && : >"$PASSES.met"
        [ -e "$PASSES.met" ] && break
        sleep 0.01
    done
    echo "$n" >>"$PASSES.most"
    g++ "$@"
    status=$?
    rm -f "$PASSES/$$"
    exit $status
fi
exec g++ "$@"
C
chmod +x cc/g++
export PASSES=$dir/passes
cp "$samples"/{transpose/transpose,vadd/vadd}.cu* "$samples/ksearch.lock" .
two=(-std=c++17 -gencode arch=compute_90,code=sm_90 -gencode 'arch=compute_80,code=[sm_80,compute_80]' -ccbin "$dir/cc/g++")

compile() { # OUTPUT ARGS...: what was said is in $said
    local out=$1
    shift
    rm -f passes.met passes.most
    said=$("$KSEARCH_BIN/ksnvcc" "$nvcc" "${two[@]}" -c "$@" -o "$out" 2>&1)
}

compile one.o transpose.cu
MEET=2 compile two.o -t 2 transpose.cu
like 'a winner is in it' "$said" 'TILE=.*\(lockfile\)'
is 'with -t 2 two passes meet, and never three' "$(sort -un passes.most | tail -1)" 2
ok 'the object is the same' cmp <(objdump -s -j .nv_fatbin one.o | tail -n +3) <(objdump -s -j .nv_fatbin two.o | tail -n +3)

export KSEARCH_REPRODUCIBLE=1
compile one.o vadd.cu
like 'without a winner' "$said" 'vadd: original'
MEET=3 compile three.o --threads=4 vadd.cu
is 'without a winner they meet, too' "$(sort -un passes.most | tail -1)" 3
ok 'and the bytes are those of one after the other' cmp one.o three.o
MEET=1 compile three.o vadd.cu
is 'without -t it is one after the other' "$(sort -un passes.most)" 1

# ---- make's jobserver

printf 'three.o:\n\t+@"$(KSEARCH_BIN)/ksnvcc" "%s" %s -t 4 --jobserver -c vadd.cu -o three.o 2>&1\n' \
    "$nvcc" "$(printf "'%s' " "${two[@]}")" >Makefile
rm -f passes.met passes.most three.o
MEET=2 make -s -j2 three.o >make.log
is "with --jobserver as many as make allows" "$(sort -un passes.most | tail -1)" 2
ok 'with the same bytes' cmp one.o three.o

# ---- failures look like nvcc's

printf '#if __CUDA_ARCH__ == 900\n#error no\n#endif\n__global__ void k(int *p) { *p = 1; }\n' >wrong.cu
want=$("$nvcc" "${two[@]}" -t 3 -c wrong.cu -o w.o 2>&1; echo $?)
compile w.o -t 3 wrong.cu
is 'an error in one pass' "$said
$?" "$want"
is 'nothing is left behind' "$(ls -d -- *.ks w.o 2>/dev/null)" ''

# ---- the halves of one compile: how a search's first compile is made

engine=$KSEARCH_BIN/../libexec/ksearch/ksearch-engine
abreast() { # ARGS...: what was said is in $said, and the status
    rm -f passes.met passes.most
    said=$(KSEARCH_DEBUG=1 "$engine" abreast "$nvcc" "$@" 2>&1)
    status=$?
}
shared=(-std=c++17 -arch=sm_90 -w -shared -cudart static -Xcompiler -fPIC -ccbin "$dir/cc/g++")
"$nvcc" "${shared[@]}" vadd.cu -o plain.so
MEET=2 abreast "${shared[@]}" vadd.cu -o abreast.so
is 'halves of a compile: it ends well, and nvcc did not have to' "$status$said" 0
is 'their passes meet' "$(sort -un passes.most | tail -1)" 2
for f in plain abreast; do objcopy -O binary --only-section=.nv_fatbin $f.so $f.fatbin; done
# nvcc puts an empty image before it, of a device link that had nothing to link
ok "the machine code is the same" sh -c 'test -s abreast.fatbin && tail -c "$(stat -c %s abreast.fatbin)" plain.fatbin | cmp - abreast.fatbin'
is 'and what is exported' "$(nm -D --defined-only abreast.so | cut -d' ' -f2-)" "$(nm -D --defined-only plain.so | cut -d' ' -f2-)"
"$nvcc" "${shared[@]}" -rdc=true vadd.cu -o plain.so
MEET=2 abreast "${shared[@]}" -rdc=true vadd.cu -o abreast.so
is 'what is linked on the device: it ends well' "$status$said" 0
for f in plain abreast; do objcopy -O binary --only-section=.nv_fatbin $f.so $f.fatbin; done
ok 'it is linked' sh -c 'test -s plain.fatbin && cmp plain.fatbin abreast.fatbin'
want=$("$nvcc" "${shared[@]}" wrong.cu -o w.so 2>&1; echo $?)
abreast "${shared[@]}" wrong.cu -o w.so
is 'what is wrong is said by nvcc' "$(grep -v '^ksnvcc: debug' <<<"$said")
$status" "$want"
abreast --version
is 'what compiles nothing is its own' "$(grep -v '^ksnvcc: debug' <<<"$said")" "$("$nvcc" --version)"
finish
