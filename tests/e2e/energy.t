#!/bin/bash
# objective(energy): what takes in least wins, not what is fastest, and everything that is said of it is said of microjoules (tests/fake/worker).
. "$(dirname "$0")/../tap.sh"
ks=$KSEARCH_BIN/ksnvcc
export KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=search KSEARCH_JOBS=2 KSEARCH_LOCK_DIR=$dir
unset CI KSEARCH_LOCK KSEARCH_GPU KSEARCH_MODEL KSEARCH_PLANNER
cd "$dir" || exit 1
cat >add.cu <<'C'
constexpr int BLOCK = 256;

#pragma ksearch in(a[n], b[n]) out(c[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK) objective(energy)
#pragma ksearch workload(n = 1 << 20) workload(n = 1 << 22) test(n = 1000) tune(BLOCK = 64, 128, 256)
__global__ void add(const float *a, const float *b, float *c, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        c[i] = a[i] + b[i];
}

void run_add(const float *a, const float *b, float *c, int n)
{
    add<<<(n + BLOCK - 1) / BLOCK, BLOCK>>>(a, b, c, n);
}
C
worker="$KSEARCH_BUILD/tests/fake/worker {\"base_us\":100,\"values\":{\"[64]\":0.5,\"[128]\":0.7,\"[256]\":1},\"energies\":{\"[64]\":1.2,\"[128]\":0.8,\"[256]\":1}}"
said=$(KSEARCH_WORKER=$worker "$ks" search add.cu -- -arch=sm_90 2>&1)
is 'a search ends well' $? 0
like 'what takes in least wins' "$said" 'add.cu: add: BLOCK=128 is 1\.25x as sparing \[1\.2'
like 'each workload in microjoules' "$said" 'add: n=1048576: 100\.[0-9]+ uJ|add: n=1048576: 80\.[0-9]+ uJ, was 100\.[0-9]+ uJ: 1\.25x'
shown=$("$ks" cache show "$("$ks" cache ls | sed -n '1s, .*,,p')")
like 'the record says so' "$shown" 'original uJ +winner uJ'
like 'and has no floor, which is one of time' "$shown" '100\.[0-9]+ +80\.[0-9]+ +1\.2[0-9]+ .* -$'
like 'so does its JSON' "$("$ks" cache --json show "$("$ks" cache ls | sed -n '1s, .*,,p')")" '"objective": ?"energy"'
like 'the report too' "$("$ks" report add)" 'original uJ +best uJ'
like 'explain knows it' "$(KSEARCH_GPU='NVIDIA H200' "$ks" explain add.cu -- -arch=sm_90)" 'objective +energy, cold'
like 'bench measures it' "$(KSEARCH_WORKER=$worker "$ks" bench add.cu -- -arch=sm_90 2>&1)" 'median uJ'
KSEARCH_MODE=cached KSEARCH_GPU='NVIDIA H200' "$ks" nvcc -arch=sm_90 -c add.cu -o add.o 2>said
is 'a build uses it' $? 0
like 'and says so' "$(cat said)" 'BLOCK=128 is 1\.25x as sparing'
like 'the object has it in its note' "$("$ks" explain add.o)" 'speed-up +1\.2[0-9]+ .*, in energy,'

# a real worker over a driver that runs on the CPU, where the energy counter cannot be read
said=$(KSEARCH_WORKER="env LD_LIBRARY_PATH=$KSEARCH_BUILD/tests/fake KSEARCH_FAKE_NO_ENERGY=1 $KSEARCH_BUILD/libexec/ksearch/ksearch-worker" KSEARCH_CACHE_DIR=$dir/cache2 \
    "$ks" nvcc -arch=sm_90 -c add.cu -o add.o 2>&1)
is 'without a counter the build goes on' $? 0
like 'with the original, and why' "$said" 'add: original: .*objective\(energy\) needs a GPU whose energy counter NVML can read'
finish
