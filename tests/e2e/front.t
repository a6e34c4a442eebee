#!/bin/bash
# ksnvcc, the front: who is called, with which words, in every form of call. The compiler and the
# engine are scripts that write down how they were called.
. "$(dirname "$0")/../tap.sh"

ksnvcc=${KSEARCH_BIN:?the folder of ksnvcc}/ksnvcc
for v in $(compgen -e | grep -E '^(KSEARCH_|NVCC_|CUDA|CI$)'); do unset "$v"; done
export HOME=$dir
cd "$dir" || exit 1
mkdir tools engine src empty

recorder() { # FILE NAME STATUS
    cat >"$1" <<S
#!/bin/sh
{
    echo "$2"
    for w; do printf '<%s>\n' "\$w"; done
} >>"\$RECORD"
env | grep '^KSEARCH_' | sort >"\$RECORD.env"
exit $3
S
    chmod +x "$1"
}
recorder tools/nvcc nvcc 7
recorder tools/launcher launcher 0
sed -i 's/^exit 0/exec "$@"/' tools/launcher
recorder engine/ksearch-engine engine 9

echo 'int main() {}' >src/plain.cu
printf '#pragma ksearch in(a[n])\n' >src/noted.cu
printf 'KSEARCH(in(a[n]))\n' >src/macro.cu
: >src/nothing.cu
cp src/noted.cu src/noted.cpp
mkdir src/folder.cu

export RECORD=$dir/record KSEARCH_LIBEXEC=$dir/engine
base=/usr/bin:/bin
export PATH=$dir/tools:$base

# what was called, on one line
called() {
    [ ! -e "$RECORD" ] || tr '\n' ' ' <"$RECORD" | sed 's/ $//'
}
run() {
    rm -f "$RECORD" "$RECORD.env"
    said=$("$@" 2>&1 </dev/null)
    status=$?
}
calls() { # NAME WANTED
    is "$1" "$(called)" "$2"
}

# ---- forms of call
run "$ksnvcc" nvcc -c src/plain.cu -o 'a b.o'
calls 'ksnvcc nvcc ARGS: nvcc gets the words untouched' 'nvcc <-c> <src/plain.cu> <-o> <a b.o>'
is "nvcc's status comes back" "$status" 7
is 'nothing is said' "$said" ''
run "$ksnvcc" tools/nvcc ''
calls 'a compiler by its path, an empty word' 'nvcc <>'
run "$ksnvcc" launcher nvcc -c src/plain.cu
calls 'a launcher before the compiler' 'launcher <nvcc> <-c> <src/plain.cu> nvcc <-c> <src/plain.cu>'
run "$ksnvcc" -c src/plain.cu
calls 'in place: nvcc from PATH' 'nvcc <-c> <src/plain.cu>'
run "$ksnvcc" src/plain.cu -c
calls 'in place: an input first' 'nvcc <src/plain.cu> <-c>'
run "$ksnvcc" nvcc --version
calls 'nvcc --version is nvcc alone' 'nvcc <--version>'
is 'and nothing is added to it' "$said" ''
run "$ksnvcc" --version
like '--version names ksnvcc' "$said" '^ksnvcc [0-9]+\.[0-9]+\.[0-9]+$'
calls '--version is asked of nvcc as well' 'nvcc <--version>'
is 'its status too' "$status" 7

printf 'echo "a script: $0 $*"\n' >tools/script && chmod +x tools/script
run "$ksnvcc" script -c 'a b.cu'
is 'a compiler that is a script without "#!"' "$status $said" "0 a script: $dir/tools/script -c a b.cu"

ln -s "$ksnvcc" link-nvcc
mkdir links && ln -s "$ksnvcc" links/nvcc
run links/nvcc --help
calls 'a link named nvcc: every word is for nvcc' 'nvcc <--help>'
PATH=$dir/links:$dir/tools:$base run nvcc explain x
calls 'such a link first in PATH: the next nvcc is the compiler' 'nvcc <explain> <x>'
PATH=$dir/links:$dir/tools:$base run "$ksnvcc" nvcc -c src/plain.cu
calls 'ksnvcc nvcc with such a link first in PATH' 'nvcc <-c> <src/plain.cu>'
PATH=$dir/links:$dir/tools:$base run "$ksnvcc" launcher nvcc -c
calls 'the launcher gets the real nvcc' "launcher <$dir/tools/nvcc> <-c> nvcc <-c>"
run "$ksnvcc" "$ksnvcc" nvcc -c
calls 'ksnvcc ksnvcc nvcc: once is enough' 'nvcc <-c>'
run "$ksnvcc" launcher "$ksnvcc" nvcc -c
calls 'behind a launcher as well' 'launcher <nvcc> <-c> nvcc <-c>'

# ---- where nvcc is
mkdir -p other/bin
recorder other/bin/nvcc other 0
recorder other/mine mine 0
KSEARCH_NVCC=$dir/other/mine CUDA_HOME=$dir/other run "$ksnvcc" -c x.cu
calls 'KSEARCH_NVCC comes first' 'mine <-c> <x.cu>'
CUDACXX=$dir/other/bin/nvcc run "$ksnvcc" -c x.cu
calls 'CUDACXX' 'other <-c> <x.cu>'
CUDACXX=clang++ run "$ksnvcc" -c x.cu
calls 'CUDACXX that is no nvcc is passed over' 'nvcc <-c> <x.cu>'
CUDACXX=$ksnvcc CUDA_HOME=$dir/other run "$ksnvcc" -c x.cu
calls 'CUDACXX that is ksnvcc is passed over; CUDA_HOME' 'other <-c> <x.cu>'
CUDA_PATH=$dir/other run "$ksnvcc" -c x.cu
calls 'CUDA_PATH' 'other <-c> <x.cu>'
CUDA_HOME=$dir/empty run "$ksnvcc" -c x.cu
calls 'a CUDA_HOME without nvcc is passed over' 'nvcc <-c> <x.cu>'
PATH=$dir/empty:$base CUDA_HOME=$dir/empty run "$ksnvcc" -c x.cu
is 'no nvcc anywhere: its own status' "$status" 104
like 'and what was tried' "$said" "KSEARCH_NVCC is not set.*CUDA_HOME: $dir/empty/bin/nvcc is no program.*PATH has no nvcc"
PATH=$dir/empty:$base run "$ksnvcc" nvcc -c x.cu
is 'a named nvcc that is missing' "$status $said" \
    "104 ksnvcc: error: cannot find the compiler 'nvcc' in PATH, nor is it a command (ksnvcc --help lists them)"
run "$ksnvcc" launcher nvccc -c x.cu
is 'a missing compiler behind a launcher is the launcher'\''s business' "$(called)" 'launcher <nvccc> <-c> <x.cu>'
run "$ksnvcc" doctr
is 'a mistyped command' "$status" 104

# ---- what is looked at
run "$ksnvcc" nvcc -c src/noted.cu -o x.o
calls 'an annotated input goes to the engine' 'engine <compile> <--> <nvcc> <-c> <src/noted.cu> <-o> <x.o>'
is "the engine's status comes back" "$status" 9
run "$ksnvcc" -c src/noted.cu
calls 'in place: the engine gets the nvcc that was found' "engine <compile> <--> <$dir/tools/nvcc> <-c> <src/noted.cu>"
run links/nvcc -c src/noted.cu
calls 'through the link as well' "engine <compile> <--> <$dir/tools/nvcc> <-c> <src/noted.cu>"
run "$ksnvcc" launcher nvcc -c src/macro.cu
calls 'KSEARCH(...); launchers are kept' 'engine <compile> <--> <launcher> <nvcc> <-c> <src/macro.cu>'
annotated() { # NAME ARGS...: goes to the engine
    local name=$1
    shift
    run "$ksnvcc" nvcc "$@"
    like "$name" "$(called)" '^engine '
}
plain() { # NAME ARGS...: goes to nvcc, without a word
    local name=$1
    shift
    run "$ksnvcc" nvcc "$@"
    like "$name" "$(called)$said" '^nvcc [^k]*$'
}
annotated 'the second of two inputs' -c src/plain.cu src/noted.cu
plain 'another language' -c src/noted.cpp
annotated '-x cu and another name' -x cu -c src/noted.cpp
annotated '-x cu behind the input' -c src/noted.cpp -x cu
annotated '-x=cu' -x=cu -c src/noted.cpp
annotated '--x cu' --x cu -c src/noted.cpp
plain '-x c++' -x c++ -c src/noted.cpp
cp src/noted.cu out.o
plain 'with -x cu the output is not looked at' -x cu -c src/plain.cu -o out.o
plain 'a folder named .cu' -c src/folder.cu
plain 'an empty file' -c src/nothing.cu
plain 'a missing file' -c src/missing.cu
mkfifo src/pipe.cu
plain 'a pipe is not read' -c src/pipe.cu
cp src/noted.cu src/closed.cu && chmod 0 src/closed.cu
if [ -r src/closed.cu ]; then
    skip 'an unreadable file' 'this user may read everything'
else
    plain 'an unreadable file' -c src/closed.cu
fi
head -c 40000000 /dev/zero | tr '\0' x >src/huge.cu
plain 'a file of 40 MB' -c src/huge.cu
printf 'ksearch' >>src/huge.cu
annotated 'and with the word at its very end' -c src/huge.cu
boundary=$((256 * 1024))
for at in -7 -6 -3 -1 0 1; do # around the end of the first chunk that is read
    { head -c $((boundary + at)) /dev/zero | tr '\0' k && printf 'KSEARCH and more'; } >src/edge.cu
    annotated "the word at $boundary $at" -c src/edge.cu
done
printf 'ksearc' >src/short.cu
plain 'half a word at the end of a file' -c src/short.cu

printf -- '-c "src/noted.cu"\n-O3' >options
annotated 'an input in an option file' --options-file options
annotated '-optf=' -optf=options
printf -- '-optf options' >outer
annotated 'an option file in an option file' -optf empty,outer
printf -- '-c src/pl\\ain.cu\n' >options
plain 'an option file without annotated inputs' --options-file options
printf -- '-optf loop' >loop
plain 'an option file that names itself' -optf loop
plain 'a missing option file' -optf missing
printf -- '-x cu' >language
annotated '-x cu from an option file' -optf language -c src/noted.cpp
NVCC_APPEND_FLAGS='-x cu' annotated '-x cu from NVCC_APPEND_FLAGS' -c src/noted.cpp
NVCC_PREPEND_FLAGS="'src/noted.cu' -O3" annotated 'an input from NVCC_PREPEND_FLAGS' -c
NVCC_PREPEND_FLAGS='-DX="a' plain 'an open quote' -c src/plain.cu

# ---- modes and words of our own
KSEARCH_MODE=off run "$ksnvcc" nvcc -c src/noted.cu
calls 'KSEARCH_MODE=off: nothing is looked at' 'nvcc <-c> <src/noted.cu>'
run "$ksnvcc" --ks-mode=off nvcc -c src/noted.cu
calls '--ks-mode=off as well' 'nvcc <-c> <src/noted.cu>'
run "$ksnvcc" --ks-mode=cached --ks-lock=a/b.lock --ks-budget=90s nvcc -c src/noted.cu
calls 'the --ks words are taken off' 'engine <compile> <--> <nvcc> <-c> <src/noted.cu>'
is 'and reach the engine by the environment' "$(grep -Ev 'LIBEXEC|DEPTH' "$RECORD.env" | tr '\n' ' ')" \
    'KSEARCH_BUDGET=90s KSEARCH_LOCK=a/b.lock KSEARCH_MODE=cached '
KSEARCH_MODE=off run "$ksnvcc" --ks-mode=search nvcc -c src/noted.cu
calls 'off in the environment stays off' 'nvcc <-c> <src/noted.cu>'
KSEARCH_MODE=search run "$ksnvcc" --ks-mode=cached nvcc -c src/noted.cu
like 'else the word wins' "$(cat "$RECORD.env")" '^KSEARCH_MODE=cached$'
run "$ksnvcc" --ks-mode=quick nvcc -c src/plain.cu
is 'an unknown mode' "$status $said" \
    "100 ksnvcc: error: unknown mode 'quick': it is search, cached, require or off"
run "$ksnvcc" --ks-moed=off nvcc -c src/plain.cu
like 'an unknown word of ours' "$status $said" "^100 .*unknown option '--ks-moed=off'.*--ks-mode=MODE"
run "$ksnvcc" nvcc -DX=1 --ks-mode=off
calls 'behind the compiler they are not ours' 'nvcc <-DX=1> <--ks-mode=off>'

# ---- commands
run "$ksnvcc" explain a.cu --json
calls 'a command goes to the engine' 'engine <command> <explain> <a.cu> <--json>'
recorder tools/cache cache 0
run "$ksnvcc" cache ls
calls 'also when a program has its name' 'engine <command> <cache> <ls>'
run "$ksnvcc" cache nvcc -c src/plain.cu
calls 'but not when a compiler follows' 'cache <nvcc> <-c> <src/plain.cu>'
run "$ksnvcc" tools/cache ls
calls 'nor as a path' 'cache <ls>'
run "$ksnvcc" help explain
calls 'help COMMAND' 'engine <command> <help> <explain>'
run "$ksnvcc" --version --json
calls '--version --json' 'engine <command> <version> <--json>'
run "$ksnvcc" --help
is '--help is ours and works' "$status $(called)" '0 '
like 'and says how to get the compiler'\''s' "$said" 'ksnvcc nvcc --help'
run "$ksnvcc"
is 'no word at all is a usage error' "$status" 100

# ---- nothing of ours may break a build
KSEARCH_LIBEXEC=$dir/empty run "$ksnvcc" nvcc -c src/noted.cu
calls 'without an engine nvcc compiles' 'nvcc <-c> <src/noted.cu>'
is 'with one warning' "$said" \
    "ksnvcc: warning: cannot run $dir/empty/ksearch-engine: No such file or directory; compiling with plain nvcc"
mkdir broken && echo junk >broken/ksearch-engine
KSEARCH_LIBEXEC=$dir/broken run "$ksnvcc" nvcc -c src/noted.cu
calls 'with one that cannot be executed as well' 'nvcc <-c> <src/noted.cu>'
KSEARCH_LIBEXEC=$dir/empty run "$ksnvcc" doctor
is 'a command needs it' "$status" 110
mkdir -p prefix/bin prefix/libexec/ksearch
cp "$ksnvcc" prefix/bin/ && cp engine/ksearch-engine prefix/libexec/ksearch/
KSEARCH_LIBEXEC='' run prefix/bin/ksnvcc nvcc -c src/noted.cu
calls 'the engine is found beside the program' 'engine <compile> <--> <nvcc> <-c> <src/noted.cu>'

# ---- a large source that another process cuts short and lengthens, again and again
cp src/plain.cu src/cut.cu
perl -e 'for (;;) { for $n (0, 300000, 2000000) { truncate $ARGV[0], $n } }' src/cut.cu &
restless=$!
for ((i = 0; i < 200; i++)); do
    run "$ksnvcc" nvcc -c src/cut.cu
    echo "$status $(called)"
done >calls
kill $restless
wait $restless 2>/dev/null
is 'a source that shrinks while it is looked at' "$(sort calls | uniq -c | tr -s ' ')" ' 200 7 nvcc <-c> <src/cut.cu>'

# ---- calling itself
mkdir loop.d
printf '#!/bin/sh\nexec "%s" -c "$@"\n' "$ksnvcc" >loop.d/nvcc && chmod +x loop.d/nvcc
KSEARCH_NVCC=$dir/loop.d/nvcc run "$ksnvcc" -c x.cu
is 'a compiler that calls ksnvcc again' "$status" 103
like 'is named' "$said" "$dir/loop.d/nvcc leads back to ksnvcc.*KSEARCH_NVCC"
KSEARCH_DEPTH=nonsense run "$ksnvcc" nvcc -c src/plain.cu
calls 'a counter that is no number' 'nvcc <-c> <src/plain.cu>'
cp "$ksnvcc" copy && mkdir copies && cp "$ksnvcc" copies/nvcc
PATH=$dir/copies:$dir/links:$dir/tools:$base run copies/nvcc -c src/plain.cu
is 'two copies that find each other end too' "$status" 103

finish
