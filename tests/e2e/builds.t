#!/bin/bash
# The builds in samples/builds, as a user would run them on a machine without a GPU: make, with ccache and sccache behind us, Meson,
# CMake with presets, and what torch writes into its build.ninja. What is not installed is skipped.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")/../.." && pwd)
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|BUDGET|JOBS|WORKER)|NVCC_|CUDACXX|CC(ACHE_.*)?$|SCCACHE|CMAKE_|CI$|MAKE|MFLAGS|NINJA)'); do unset "$v"; done
mkdir "$dir/bin"
ln -s "$KSEARCH_BIN/ksnvcc" "$dir/bin/ksnvcc"
export PATH=$dir/bin:$CUDA_HOME/bin:$PATH KSEARCH_LIBEXEC=$KSEARCH_BUILD/libexec/ksearch KSEARCH_CACHE_DIR=$dir/cache KSEARCH_MODE=cached
export KSEARCH_LOCK_DIR=$dir
mkdir "$dir/samples"
cp -r "$here"/samples/{builds,rmsnorm,sample.cuh,ksearch.lock} "$dir/samples"
cd "$dir/samples/builds" || exit 1

has_winner() { # NAME OBJECT
    like "$1" "$(ksnvcc explain "$2")" 'THREADS=[0-9]+ for rows 1\.\.16'
}

# what the program is on a machine without a GPU
runs() { # NAME PROGRAM
    "$2" >"$dir/ran" 2>&1
    local status=$?
    ok "$1" test "$status" = 77 -o "$status" = 0
}

# ---- make
said=$(make -C make 2>&1)
is 'make: it builds' $? 0
has_winner 'make: with the winner of the lockfile' make/rmsnorm.o
runs 'make: the program runs' make/rmsnorm
is 'make: then there is nothing to do' "$(make -C make -s 2>&1)" ''
touch ../ksearch.lock
like 'make: a new lockfile is a reason to compile, for the file that it is about' "$(make -C make -n)" 'rmsnorm\.o'
unlike 'make: and for no other' "$(make -C make -n)" 'main\.o '

# ---- compilers' caches behind us: they see the files that are nvcc's alone
if command -v ccache >/dev/null; then
    export CCACHE_DIR=$dir/ccache
    for i in 1 2; do
        make -C make -s clean
        make -C make -s NVCC='ksnvcc ccache nvcc' >"$dir/said" 2>&1
        is "ccache: build $i" $? 0
        has_winner "ccache: build $i has the winner" make/rmsnorm.o
    done
    stats=$(ccache --print-stats)
    is 'ccache: the other file came out of the cache' \
        "$(awk '/^(direct|preprocessed)_cache_hit/ { n += $2 } END { print n }' <<<"$stats")" 1
    is 'ccache: which holds that one alone' "$(awk '/^cache_miss/ { print $2 }' <<<"$stats")" 1
else
    skip 'ccache' 'ccache is not installed'
fi
if command -v sccache >/dev/null; then
    export SCCACHE_DIR=$dir/sccache SCCACHE_SERVER_PORT=$((20000 + $$ % 20000)) SCCACHE_IDLE_TIMEOUT=300
    trap 'sccache --stop-server >/dev/null 2>&1; chmod -R u+w "$dir" 2>/dev/null; rm -rf "$dir"' EXIT
    if timeout 60 sccache --start-server >"$dir/said" 2>&1; then
        for i in 1 2; do
            make -C make -s clean
            make -C make -s NVCC='ksnvcc sccache nvcc' >"$dir/said" 2>&1
            is "sccache: build $i" $? 0
            has_winner "sccache: build $i has the winner" make/rmsnorm.o
        done
        # later versions count the steps of nvcc one by one
        like 'sccache: the other file came out of the cache' "$(sccache --show-stats)" 'Cache hits +[1-9]'
        sccache --stop-server >/dev/null 2>&1
    else
        skip 'sccache' 'its server does not start here'
    fi
else
    skip 'sccache' 'sccache is not installed'
fi

# ---- Meson
if command -v meson >/dev/null && command -v ninja >/dev/null; then
    ok 'meson: setup' meson setup --native-file meson/ksearch.ini "$dir/meson" meson
    ok 'meson: compile' meson compile -C "$dir/meson"
    has_winner 'meson: the winner is in the object' "$(find "$dir/meson" -name '*rmsnorm.cu.o')"
    runs 'meson: the program runs' "$dir/meson/rmsnorm"
    is 'meson: then there is nothing to do' "$(ninja -C "$dir/meson" -n | tail -n 1)" 'ninja: no work to do.'
else
    skip 'meson' 'meson or ninja is not installed'
fi

# ---- CMake: presets, an object library, a unity build
(cd cmake && cmake --preset ksearch >"$dir/said" 2>&1)
is 'cmake: the preset configures' $? 0
said=$(cd cmake && cmake --build --preset ci 2>&1)
is 'cmake: and builds, where every entry must be on file' $? 0
objects=$(find cmake/build -name 'rmsnorm.cu.o' | sort)
is 'cmake: of an object library and a unity build' "$(wc -l <<<"$objects")" 2
for o in $objects; do
    has_winner "cmake: the winner is in ${o#cmake/build/CMakeFiles/}" "$o"
done
runs 'cmake: the program runs' cmake/build/rmsnorm
said=$(cmake --build cmake/build --target ptx 2>&1)
like 'cmake: PTX is the original, and is said to be' "$? $(tr '\n' ' ' <<<"$said")" '^0 .*rmsnorm\.cu: rmsnorm: the compile makes no machine code'
ok 'cmake: in full' grep -q 'entry .*rmsnorm_kernel' "$(find cmake/build/CMakeFiles/ptx.dir -name "*.ptx")"
said=$(KSEARCH_MODE=search KSEARCH_WORKER="$KSEARCH_BUILD/tests/fake/worker {\"base_us\":100,\"values\":{\"[128]\":0.5}}" \
    cmake --build cmake/build --target separable 2>&1)
is 'cmake: separable compilation' $? 0
like 'cmake: is searched by itself' "$said" 'searching on'
like 'cmake: and has its winner' "$(ksnvcc explain "$(find cmake/build/CMakeFiles/separable.dir -name 'rmsnorm.cu.o')")" 'THREADS=128'
runs 'cmake: the separable program runs' cmake/build/separable
echo '// changed' >>../rmsnorm/rmsnorm.cuh
like 'cmake: a header is known' "$(ninja -C cmake/build -n)" '\[4/4\]|\[5/5\]|\[6/6\]'
sed -i 's/y = x/y = 2 x/; s/__half2float(w\[i\])/__half2float(w[i]) * 2.f/' ../rmsnorm/rmsnorm.cu
said=$(cd cmake && cmake --build --preset ci 2>&1)
is 'cmake: a kernel that is another one is an error of the ci preset' $? 1
like 'cmake: which says so' "$said" "'rmsnorm' has no result on file"
cp "$here/samples/rmsnorm"/* ../rmsnorm

# ---- torch: what torch/utils/cpp_extension.py writes, for CUDAExtension and for load(), with PYTORCH_NVCC as it is pasted
torch_ninja() { # OBJECT CUDA_CFLAGS CUDA_POST_CFLAGS
    cat >"$dir/torch/build.ninja" <<N
ninja_required_version = 1.3
cxx = c++
nvcc = ksnvcc $CUDA_HOME/bin/nvcc

cflags = 
post_cflags = 
cuda_cflags = $2
cuda_post_cflags = $3
cuda_dlink_post_cflags = 
ldflags = -shared

rule compile
  command = \$cxx -MMD -MF \$out.d \$cflags -c \$in -o \$out \$post_cflags
  depfile = \$out.d
  deps = gcc

rule cuda_compile
  depfile = \$out.d
  deps = gcc
  command = \$nvcc --generate-dependencies-with-compile --dependency-output \$out.d \$cuda_cflags -c \$in -o \$out \$cuda_post_cflags

rule link
  command = \$cxx \$in \$ldflags -o \$out

build $1: cuda_compile $PWD/torch/scale.cu

build scale.so: link $1

default scale.so
N
}
if command -v ninja >/dev/null; then
    mkdir "$dir/torch"
    export KSEARCH_LOCK=$dir/torch/ksearch.lock
    : >"$KSEARCH_LOCK"
    includes="-I$PWD/torch -isystem $CUDA_HOME/include"
    own='-D__CUDA_NO_HALF_OPERATORS__ -D__CUDA_NO_HALF_CONVERSIONS__ -D__CUDA_NO_BFLOAT16_CONVERSIONS__ -D__CUDA_NO_HALF2_OPERATORS__ --expt-relaxed-constexpr'
    arch='-gencode=arch=compute_90,code=compute_90 -gencode=arch=compute_90,code=sm_90'
    torch_ninja scale.cuda.o "-DTORCH_EXTENSION_NAME=scale -DTORCH_API_INCLUDE_EXTENSION_H $includes $own $arch --compiler-options '-fPIC' -std=c++17"
    said=$(KSEARCH_MODE=search KSEARCH_WORKER="$KSEARCH_BUILD/tests/fake/worker {\"base_us\":100,\"values\":{\"[64]\":0.5}}" ninja -C "$dir/torch" 2>&1)
    is 'torch: by load()' $? 0
    like 'torch: it is searched' "$said" 'scale_kernel: BLOCK=64 is 2\.00x as fast'
    # setup.py says -c twice, and quotes what is quoted already
    torch_ninja scale.o "$includes -c" \
        "$own --compiler-options ''\"'\"'-fPIC'\"'\"'' -DTORCH_API_INCLUDE_EXTENSION_H '-DPYBIND11_COMPILER_TYPE=\"_gcc\"' -DTORCH_EXTENSION_NAME=scale $arch -std=c++17"
    said=$(ninja -C "$dir/torch" 2>&1)
    is 'torch: by setup.py' $? 0
    like 'torch: is the same entry' "$said $(ksnvcc explain "$dir/torch/scale.o")" 'BLOCK=64'
    like 'torch: what an object depends on' "$(ninja -C "$dir/torch" -t deps scale.o)" 'torch/scale\.cuh'
    like 'torch: with the lockfile' "$(ninja -C "$dir/torch" -t deps scale.o)" 'torch/ksearch\.lock'
    is 'torch: then there is nothing to do' "$(ninja -C "$dir/torch" -n | tail -n 1)" 'ninja: no work to do.'
else
    skip 'torch' 'ninja is not installed'
fi
finish
