#!/bin/bash
# The CMake package, installed into a folder of its own: the words that reach ksnvcc from targets and
# folders, Ninja and Makefiles, separable compilation, quiet builds, misuse. The engine is a script
# that writes down how it was called and then compiles with nvcc.
. "$(dirname "$0")/../tap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
build=${KSEARCH_BUILD:?the build folder}
nvcc=${CUDA_HOME:-/usr/local/cuda}/bin/nvcc
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CUDACXX|CMAKE_|CI$|MAKE|MFLAGS)'); do unset "$v"; done
cd "$dir" || exit 1
prefix=$dir/prefix

# what make built is installed as it is, never built again
ok 'make install' make -C "$top" --no-print-directory -o all BUILD="$build" PREFIX="$prefix" install
for f in bin/ksnvcc libexec/ksearch/ksearch-engine libexec/ksearch/ksearch-worker include/ksearch.h \
    lib/cmake/KSearch/KSearchConfigVersion.cmake; do
    ok "installed: $f" test -s "prefix/$f"
done

mkdir engine
cat >engine/ksearch-engine <<S
#!/bin/sh
[ "\$1 \$2" = 'compile --' ] || exit 99
shift 2
{
    env | grep -E '^KSEARCH_(MODE|LOCK|BUDGET|HEADERS)=' | sort | tr '\n' ' '
    echo "\$*"
} >>"$dir/log"
exec "\$@"
S
printf '#!/bin/sh\nexec "$@"\n' >launcher
chmod +x engine/ksearch-engine launcher
export KSEARCH_LIBEXEC=$dir/engine

# ---- a project
mkdir -p project/below
cat >project/noted.cu <<'C'
#pragma ksearch in(a[n]) out(b[n]) launch(grid = 1, block = n) workload(n = 32)
__global__ void k(const float *a, float *b)
{
#pragma ksearch inside
    b[threadIdx.x] = a[threadIdx.x];
}
void run(const float *a, float *b)
{
    k<<<1, 32>>>(a, b);
}
C
echo 'int main() { return 0; }' >project/main.cu
for f in tuned bare separable launched; do cp project/noted.cu project/$f.cu; done
cp project/noted.cu project/below/global.cu
cat >project/below/CMakeLists.txt <<C
ksearch_enable(MODE require LOCK here.lock)
add_library(global STATIC global.cu)
C
cat >project/CMakeLists.txt <<C
cmake_minimum_required(VERSION 3.18)
project(p LANGUAGES CUDA)
find_package(KSearch 0.1 CONFIG REQUIRED)
add_compile_options(-Xcompiler=-Wall)
add_library(bare STATIC bare.cu)
add_library(tuned STATIC tuned.cu)
add_library(tuned_alias ALIAS tuned)
ksearch_target(tuned_alias MODE cached LOCK locks/k.lock BUDGET 90s HEADERS)
add_executable(separable main.cu separable.cu)
set_target_properties(separable PROPERTIES CUDA_SEPARABLE_COMPILATION ON)
ksearch_target(separable)
add_library(launched STATIC launched.cu)
set_target_properties(launched PROPERTIES CUDA_COMPILER_LAUNCHER "$dir/launcher")
ksearch_target(launched MODE off)
ksearch_target(launched MODE search)
add_subdirectory(below)
foreach(f tuned bare)
  get_source_file_property(apart \${f}.cu SKIP_UNITY_BUILD_INCLUSION)
  message(STATUS "\${f} is kept apart: \${apart}")
endforeach()
C

logged() { # FILE: what the engine was told of this source
    grep -E -e "-c [^ ]*/$1\.cu" log
}

for generator in Ninja 'Unix Makefiles'; do
    t=$generator
    rm -rf b log
    : >log
    ok "$t: configure" cmake -S project -B b -G "$generator" -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_CUDA_COMPILER="$nvcc" -DCMAKE_CUDA_ARCHITECTURES=90
    said=$(cmake --build b -j 2 2>&1)
    is "$t: build" $? 0
    like "$t: ksearch_target's words reach the engine" "$(logged tuned)" \
        "^KSEARCH_BUDGET=90s KSEARCH_HEADERS=1 KSEARCH_LOCK=$dir/project/locks/k.lock KSEARCH_MODE=cached $nvcc "
    like "$t: a target without words" "$(logged separable)" "^$nvcc .*-rdc=true"
    like "$t: an earlier launcher stays behind ksnvcc; the last call counts" "$(logged launched)" \
        "^KSEARCH_MODE=search $dir/launcher $nvcc "
    like "$t: ksearch_enable" "$(logged global)" \
        "^KSEARCH_LOCK=$dir/project/below/here.lock KSEARCH_MODE=require $nvcc "
    is "$t: other targets are left alone" "$(logged bare)" ''
    is "$t: and files without annotations" "$(logged main)" ''
    like "$t: without the package nvcc warns of the pragmas" "$said" 'bare\.cu.*(unknown-pragmas|unrecognized)'
    unlike "$t: with it nobody does" "$(grep -v 'bare\.cu' <<<"$said")" \
        '(tuned|separable|launched|global)\.cu.*warning|20199'
    ok "$t: the separable program runs" b/separable
done
lines=$(wc -l <log)
cmake --build b >/dev/null 2>&1
is 'nothing is compiled twice' "$(wc -l <log)" "$lines"
touch project/tuned.cu
cmake --build b >/dev/null 2>&1
is 'but a touched file is' "$(wc -l <log)" $((lines + 1))

# ---- only for what shows a search
said=$(cmake -S project -B n -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CUDA_COMPILER="$nvcc" \
    -DCMAKE_CUDA_ARCHITECTURES=90 -DCMAKE_CUDA_COMPILER_WORKS=1 2>&1)
like 'the files of a target stay out of unity builds' "$said" 'tuned is kept apart: ON'
like 'those of others do as they did' "$said" 'bare is kept apart: NOTFOUND'
pool() { # TARGET
    awk -v f="/$1.cu.o:" '/^build /{ on = index($0, f) } on && /pool = /{ print $3 }' n/build.ninja
}
is 'a target that may search has the console' "$(pool separable | sort -u)" console
is 'one that cannot stays parallel' "$(pool tuned)" ''

# ---- ksnvcc as the compiler itself, and the global switch
rm -f log
ok 'CMake takes ksnvcc for the compiler' cmake -S project -B c -G Ninja \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CUDA_COMPILER="$prefix/bin/ksnvcc" \
    -DCMAKE_CUDA_ARCHITECTURES=90 -DKSEARCH_GLOBAL=ON
like 'and knows its version' "$(cat c/CMakeFiles/*/CMakeCUDACompiler.cmake)" \
    'CMAKE_CUDA_COMPILER_VERSION "1[0-9]\.[0-9]+\.[0-9]+"'
ok 'a target builds' env PATH="$(dirname "$nvcc"):$PATH" cmake --build c --target bare
like 'KSEARCH_GLOBAL reaches every target' "$(logged bare)" "/nvcc "

# ---- misuse; a project without languages configures fast
mkdir wrong
cat >wrong/CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 3.18)
project(p LANGUAGES NONE)
find_package(KSearch ${WANTED} CONFIG REQUIRED)
add_library(headers INTERFACE)
add_custom_target(custom)
if(CALL)
  cmake_language(EVAL CODE "${CALL}")
endif()
C
configure() {
    rm -rf w
    said=$(cmake -S wrong -B w -DCMAKE_PREFIX_PATH="$prefix" "$@" 2>&1)
    status=$?
    said=$(tr '\n' ' ' <<<"$said" | tr -s ' ')
}
wrong() { # NAME CALL PATTERN
    configure -DCALL="$2"
    like "$1" "$status $said" "^1 .*$3"
}
configure
is 'the package alone' "$status" 0
wrong 'no such target' 'ksearch_target(nobody)' "there is no target 'nobody'"
wrong 'an interface library' 'ksearch_target(headers)' "'headers' compiles nothing"
wrong 'a custom target' 'ksearch_target(custom)' "'custom' compiles nothing"
wrong 'a mode that there is not' 'ksearch_enable(MODE fast)' 'MODE fast is not one of search'
wrong 'a budget that is no time' 'ksearch_enable(BUDGET soon)' 'BUDGET soon is no time'
wrong 'another word' 'ksearch_enable(MOED off)' 'what is MOED;off'
wrong 'a word without its value' 'ksearch_enable(MODE)' 'MODE needs a value'
configure -DWANTED=0.2
is 'a newer version is asked for' "$status" 1
configure -DWANTED='0.1.0;EXACT'
is 'the exact version' "$status" 0
configure -DWANTED=1
is 'another series is asked for' "$status" 1

# ---- uninstall
ok 'make uninstall' make -C "$top" --no-print-directory BUILD="$build" PREFIX="$prefix" uninstall
is 'leaves nothing of ours' "$(find prefix -type f -o -name '*[kK][sS]earch*')" ''

finish
