#!/bin/bash
# The first example of README.md, and its recipes for GitHub Actions and GitLab, run as they stand there: in a copy of a sample, without
# a GPU, with ksnvcc installed by their own line. What fetches things (the checkout, apt-get) is done before.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")/../.." && pwd)
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER|CACHE_DIR|LIBEXEC|REPRODUCIBLE)|NVCC_|CUDACXX|CMAKE_|NINJA|MAKE|MFLAGS)'); do unset "$v"; done
sed -n '/^```c++$/,/^```$/ { /^```/ { x; s/^/x/; /xx/q; x; d }; p }' "$here/README.md" >"$dir/vadd.cu"
said=$(KSEARCH_CACHE_DIR=$dir/none "$KSEARCH_BIN/ksnvcc" explain "$dir/vadd.cu" -- -arch=sm_90 2>&1)
like 'the first example is understood' "$said" 'BLOCK = 64 128 \[256\] 512 1024'
unlike 'and nothing is wrong with it' "$said" 'warning|error'

python=$(for p in python3 /usr/bin/python3; do "$p" -c 'import yaml' 2>/dev/null && echo "$p" && break; done)
if [ -z "$python" ] || ! command -v ninja >/dev/null; then
    skip 'the recipes' 'no python3-yaml or no ninja here'
    finish
fi

# github.sh: a line for each step, which begins where the job does. gitlab.sh: the lines of one script
"$python" - "$here/README.md" "$dir" <<'P'
import json, re, sys, yaml
blocks = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", open(sys.argv[1]).read(), re.S)]
github, gitlab = blocks
steps = github["jobs"]["build"]["steps"]
def write(name, lines):
    with open(f"{sys.argv[2]}/{name}.sh", "w") as f:
        f.write("\n".join(lines) + "\n")
write("github", [step["run"].strip() for step in steps if "run" in step])
write("gitlab", gitlab["build"]["script"])
assert steps[0]["uses"].startswith("actions/checkout@")
assert github["jobs"]["build"]["container"] == gitlab["build"]["image"]
with open(f"{sys.argv[2]}/lock", "w") as f:
    lock = json.load(open(sys.argv[1].replace("README.md", "samples/ksearch.lock")))
    lock["records"] = [r for r in lock["records"] if r["file"] == "transpose.cu"]
    json.dump(lock, f)
P
is 'both are read' "$?" 0
mkdir -p "$dir"/{bin,home,project/third_party}
printf '#!/bin/sh\necho "$@" >>"%s/apt"\n' "$dir" >"$dir/bin/apt-get"
# what is built is installed as it is, below $dir
printf '#!/bin/sh\nexec "%s" -o all BUILD="%s" DESTDIR="%s" "$@"\n' "$(command -v make)" "$KSEARCH_BUILD" "$dir" >"$dir/bin/make"
chmod +x "$dir"/bin/*
cp -r "$here"/samples/{transpose,sample.cuh} "$dir/project"
sed 's/foreach(name .*/foreach(name transpose)/' "$here/samples/CMakeLists.txt" >"$dir/project/CMakeLists.txt"
mv "$dir/lock" "$dir/project/ksearch.lock"
ln -s "$here" "$dir/project/third_party/ksnvcc"
cd "$dir/project" || exit 1
run() { # LINE
    env -u KSEARCH_BIN -u KSEARCH_BUILD PATH="$dir/bin:$dir/usr/local/bin:$CUDA_HOME/bin:$PATH" HOME="$dir/home" CI=true \
        timeout 300 "$@" >said 2>&1 </dev/null
    local status=$?
    tap_line "$status" "$name" "$(tail -20 said)"
}

while IFS= read -r line; do
    name="GitHub: ${line:0:60}"
    run sh -e -c "$line"
    case $line in
        *'lock check'*) like 'every record is found' "$(cat said)" '^ok .*transpose' ;;
        *'cmake --build'*) like 'the build says that the winner is in it' "$(cat said)" 'transpose.*TILE=.*\(lockfile\)' ;;
    esac
done <../github.sh
like 'a program came out' "$(ls build/transpose 2>&1)" '^build/transpose$'
like 'with the winner' "$("$dir/usr/local/bin/ksnvcc" explain build/CMakeFiles/transpose.dir/transpose/transpose.cu.o)" 'winner +TILE='
like "CMake and ninja are fetched" "$(cat ../apt)" 'install .*cmake ninja-build'
# in GitLab the lines are those of one shell, and a build that is there already takes no time
name='GitLab: the same lines, in one shell'
run sh -e ../gitlab.sh
like 'with the same result' "$(cat said)" 'ninja: no work to do'
is 'the recipes say the same' "$(sed 's/^(\(.*\))$/\1/; s/ *#.*//; s/ \+/ /g' ../gitlab.sh)" "$(sed 's/ *#.*//; s/ \+/ /g' ../github.sh)"
finish
