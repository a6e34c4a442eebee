#!/bin/bash
# The lockfile's own commands: does it fit the sources, and what has changed where it does not; what nobody needs is taken out; two
# become one, by hand and in a real merge of git.
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
samples=$(cd "$(dirname "$0")/../../samples" && pwd)
ksnvcc=${KSEARCH_BIN:?the folder of ksnvcc}/ksnvcc
nvcc=${CUDA_HOME:?the toolkit}/bin/nvcc
for v in $(compgen -e | grep -E '^(KSEARCH_(MODE|LOCK|GPU|WORKER|REPRODUCIBLE)|NVCC_.*|CUDACXX|CI|GIT_.*)$'); do unset "$v"; done
export KSEARCH_CACHE_DIR=$dir/cache HOME=$dir KSEARCH_NVCC=$nvcc
mkdir "$dir/project" && cd "$dir/project" || exit 1
cp "$samples"/{transpose/transpose,vadd/vadd}.cu* "$samples/ksearch.lock" .
cp ksearch.lock "$dir/all.lock"
flags=(-arch=sm_90 -std=c++17)

run() {
    said=$("$@" 2>&1 </dev/null)
    status=$?
}
json_ok() { # NAME: what was said is one JSON text
    printf '%s' "$said" >"$dir/said.json"
    ok "$1" perl -MJSON::PP -0777 -e 'decode_json(<>)' "$dir/said.json"
}
check() { # FLAGS...: of transpose.cu
    run "$ksnvcc" lock check transpose.cu -- "$@"
}

# ---- check, reason by reason

run "$ksnvcc" lock check transpose.cu vadd.cu -- "${flags[@]}"
is 'all is well: status' "$status" 0
like 'a winner is found' "$said" '^ok +transpose\.cu: layout::transpose on NVIDIA H200$'
like 'so is that nothing was gained' "$said" '^ok +vadd\.cu: vadd on NVIDIA H200$'
like 'the sum' "$said" '^2 ok, 0 stale, 0 missing, 0 orphan, 0 skipped: .*/ksearch\.lock$'

stale() { # NAME PATTERN: what transpose.cu is with the edit made before; and undoes it
    check "${flags[@]}"
    is "$1: status" "$status" 1
    like "$1" "$said" "^stale +transpose\.cu: layout::transpose on NVIDIA H200: $2$"
    cp "$samples"/transpose/transpose.cu* .
    cp "$dir/all.lock" ksearch.lock
}
sed -i 's/__syncthreads();/__syncthreads(); __syncthreads();/' transpose.cu
stale 'code' "the region's code changed"
sed -i 's/TILE = 16, 32, 64/TILE = 16, 32/' transpose.cu
stale 'the annotation' 'the annotation changed.*'
sed -i 's/^constexpr int TILE = 32/constexpr int TILE = 16/' transpose.cu
stale 'a constant' 'the declarations that the region depends on changed'
sed -i 's/13\.0\.88/12.9.1/; s/"key": "3aae8d/"key": "000000/; s/"toolkit": "f26fda/"toolkit": "000000/' ksearch.lock
stale 'the toolkit' 'the CUDA toolkit changed \(it was 12\.9\.1, and is [0-9.]+\)'
check "${flags[@]}" -maxrregcount=20
like 'an option' "$said" "^stale .*: the compiler's options changed$"
check -arch=sm_80 -std=c++17
is 'another GPU: status' "$status" 1
like 'another GPU' "$said" '^stale .*: the compile makes no code for this GPU \(it was sm_90, and is sm_80\)$'
run "$ksnvcc" lock check --json transpose.cu -- -arch=sm_80 -std=c++17
json_ok 'as JSON'
is 'as JSON: status' "$status" 1
like 'as JSON: the part' "$said" '"part": "GPU"'
like 'as JSON: what it was' "$said" '"old": "sm_90"'
like 'as JSON: how many' "$said" '"stale": 1'
perl -MJSON::PP -0777 -i -pe 'my $l = decode_json($_); my ($r) = grep { $_->{file} eq "transpose.cu" } @{$l->{records}};
    push @{$l->{records}}, { %$r, gpu => "NVIDIA A100/8.0/108/42GB", cc => "8.0" }; $_ = JSON::PP->new->canonical->encode($l)' ksearch.lock
check "${flags[@]}"
is 'records of two GPUs: status' "$status" 0
like 'records of two GPUs: the one that is meant' "$said" '^ok +transpose\.cu: layout::transpose on NVIDIA H200$'
like 'records of two GPUs: the other' "$said" '^skipped +transpose\.cu: layout::transpose on NVIDIA A100: the compile makes no code for this GPU, and has another record'
sed -i 's#NVIDIA A100/8\.0/108/42GB#NVIDIA H100/9.0/132/85GB#; s/"cc":"8\.0"/"cc":"9.0"/' ksearch.lock
check "${flags[@]}"
is 'records of two GPUs for one architecture: status' "$status" 0
like 'records of two GPUs for one architecture: which is meant?' "$said" \
    '^ok +transpose\.cu: layout::transpose on NVIDIA H100: a build without a GPU needs KSEARCH_GPU to tell this card from NVIDIA H200$'
KSEARCH_GPU='NVIDIA H200' check "${flags[@]}"
like 'records of two GPUs for one architecture: it is said' "$said" '^ok +transpose\.cu: layout::transpose on NVIDIA H100$'
cp "$dir/all.lock" ksearch.lock

# ---- what a record keeps of the code that it is of, and what has changed there

mkdir "$dir/made" && cd "$dir/made" || exit 1
. "$here/recording.sh"
cp "$here"/compile/{scale.cu,factor.h} .
sed -i '1,2s/#include "factor.h"/&\n#include "more.h"/; s/= FACTOR \*/= FACTOR * twice(LIMIT) */' scale.cu
printf 'constexpr float LIMIT = 0.5f;\n__device__ inline float twice(float x) { return 2 * x; }\n__device__ inline float thrice(float x) { return 3 * x; }\n' >more.h
: >ksearch.lock
recording "$dir/made/fast.jsonl" scale_0 n=1048576 'n=1;n=1000' '[128]' 10 '[64]' 12 '[256]' 8
# also in CI, where a build would not look at the GPU
CI=true KSEARCH_WORKER="$KSEARCH_BUILD/libexec/ksearch/ksearch-worker --replay $dir/made/fast.jsonl" \
    "$ksnvcc" search scale.cu -- -arch=sm_90 2>"$dir/made/log"
cp -r "$dir/made" "$dir/kept"
run "$ksnvcc" lock check scale.cu -- -arch=sm_90
like 'a record of a search' "$said" '^ok +scale\.cu: scale on NVIDIA H200$'
made() { # NAME PATTERN FLAGS...: what scale.cu is with the edit made before; and undoes it
    run "$ksnvcc" lock check scale.cu -- -arch=sm_90 "${@:3}"
    like "$1" "$said" "^stale +scale\.cu: scale on NVIDIA H200: $2$"
    cp "$dir"/kept/*.{cu,h} .
}
sed -i 's/BLOCK = 128/BLOCK = 256/' scale.cu
made 'a constant of the source' 'the constant BLOCK changed \(it was 128, and is 256\)'
sed -i 's/0\.5f/0.25f/' more.h
made 'a constant of a header' 'the constant LIMIT changed \(it was 0\.5f, and is 0\.25f\)'
sed -i 's/2 \* x/x + x/' more.h
made 'a function of a header' 'what it uses from more\.h changed'
sed -i 's/2\.0f/4.0f/' factor.h
made 'a macro' "a macro in its code, or what only the GPU's pass sees, changed"
sed -i 's/= FACTOR/= 1 + FACTOR/' scale.cu
made 'the code alone' "the region's code changed"
made 'options' "the compiler's options changed \\(it was without, and is .*-maxrregcount=20\\)" -maxrregcount=20
sed -i 's/3 \* x/4 * x/' more.h
run "$ksnvcc" lock check scale.cu -- -arch=sm_90
is 'what it does not use' "$status" 0
cd "$dir/project" || exit 1

# ---- what has no record, and what needs none

sed 's/layout/other/g; s/namespace layout/namespace other/' transpose.cu >other.cu
run "$ksnvcc" lock check other.cu -- "${flags[@]}"
is 'a new entry: status' "$status" 1
like 'a new entry' "$said" '^missing +other\.cu: other::transpose: no record: a search writes one$'
like 'and what follows' "$said" '^builds get the original for what is stale or missing'
printf 'constexpr int B = 64;\n#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = 1, block = B)\n__global__ void k(float *x, int n) { x[B] = n; }\n' >nolaunch.cu
run "$ksnvcc" lock check nolaunch.cu -- "${flags[@]}"
is 'an entry that no winner helps: status' "$status" 0
like 'an entry that no winner helps' "$said" '^skipped +nolaunch\.cu: k: no winner could be used: .*no launch'
rm nolaunch.cu other.cu

# ---- a project's compiles

mkdir build
cat >build/compile_commands.json <<J
[{"directory": "$PWD/build", "command": "$nvcc -DX=\"a b\" --generate-code=arch=compute_90,code=[compute_90,sm_90] -std=c++17 -x cu -c ../transpose.cu -o t.o", "file": "$PWD/transpose.cu"},
 {"directory": "$PWD/build", "arguments": ["$nvcc", "-arch=sm_90", "-std=c++17", "-c", "../vadd.cu", "-o", "v.o"], "file": "$PWD/vadd.cu"},
 {"directory": "$PWD/build", "command": "c++ -c ../main.cc", "file": "$PWD/main.cc"}]
J
run "$ksnvcc" lock check
is 'all compiles: status' "$status" 1
is 'all compiles: two are fine' "$(grep -c ^ok <<<"$said")" 2
is 'all compiles: nobody has the rest' "$(grep -c '^orphan .*: there is no [a-z_]*\.cu below' <<<"$said")" 5
like 'all compiles: what to do' "$said" '^ksnvcc lock prune takes orphans out$'
touch gemm.cu
run "$ksnvcc" lock check -p build
is 'a file that nobody compiles here is no orphan' "$(grep -c '^skipped  *gemm\.cu: .*: no compile of gemm\.cu was looked at' <<<"$said")" 2
rm gemm.cu
(cd build && "$ksnvcc" lock check ../ksearch.lock -p compile_commands.json vadd.cu) >"$dir/out"
is 'from another folder, one file' "$?:$(cat "$dir/out" | head -1)" '0:ok       vadd.cu: vadd on NVIDIA H200'
run "$ksnvcc" lock check -- "$nvcc" -arch=sm_90 -std=c++17 -c vadd.cu
like 'one compile in full' "$said" '^ok +vadd\.cu: vadd'

# ---- what cannot be checked

mv build/compile_commands.json "$dir/kept.json"
run "$ksnvcc" lock check
is 'no compiles: status' "$status" 2
like 'no compiles: what to do' "$said" 'how are the sources compiled\? .*-p .*CMAKE_EXPORT_COMPILE_COMMANDS'
run "$ksnvcc" lock check none.cu -- "${flags[@]}"
is 'no such file' "$status:$said" '2:ksnvcc: error: there is no file none.cu'
run "$ksnvcc" lock check none.lock
like 'no such lockfile' "$said" 'there is no file none\.lock'
printf '#pragma ksearch nonsense(a)\n__global__ void k(float *a) {}\n' >bad.cu
run "$ksnvcc" lock check bad.cu -- "${flags[@]}"
is 'a malformed annotation: status' "$status" 2
like 'a malformed annotation: where' "$said" '^bad\.cu:1:17: error: ksearch: '
unlike 'a malformed annotation: no record is called an orphan for it' "$said" 'orphan +bad'
run "$ksnvcc" lock prune bad.cu -- "${flags[@]}"
like 'nothing is pruned then' "$said" 'nothing is taken out: a compile cannot be read'
rm bad.cu
run "$ksnvcc" lock
is 'no verb' "$status" 100
run "$ksnvcc" lock check --all
like 'an option that there is not' "$said" 'there is no option --all; ksnvcc lock --help says how'
run "$ksnvcc" lock check -o x
is 'an option of merge' "$status" 100
mv "$dir/kept.json" build/compile_commands.json

# ---- prune

run "$ksnvcc" lock prune --json
json_ok 'prune, as JSON'
is 'prune: what went' "$(grep -c '"status": "orphan"' <<<"$said")" 5
run "$ksnvcc" lock show
is 'prune: what stayed' "$(grep -c '^  entry ' <<<"$said")" 2
run "$ksnvcc" lock check
is 'prune: all is well then' "$status" 0
sed -i 's/transpose(/transposed(/' transpose.cu
run "$ksnvcc" lock prune
like 'prune: an entry that is gone from its file' "$said" '^orphan +transpose\.cu: layout::transpose on NVIDIA H200: transpose\.cu has no such entry$'
mtime=$(stat -c %Y.%i ksearch.lock)
run "$ksnvcc" lock prune
is 'prune: nothing to do' "$status:$said" "0:0 records taken out of $PWD/ksearch.lock"
is 'prune: the file is left alone then' "$(stat -c %Y.%i ksearch.lock)" "$mtime"
rm vadd.cu
run "$ksnvcc" lock prune
like 'prune: a source that is gone, though a list still names it' "$said" '^orphan +vadd\.cu: .*there is no vadd\.cu below'

# ---- merge

cd "$dir" || exit 1
only() { # LOCKFILE ENTRY...: those records of all.lock
    local out=$1
    shift
    perl -MJSON::PP -0777 -e 'my $l = decode_json(<STDIN>); my %w = map { $_ => 1 } @ARGV;
        $l->{records} = [grep { $w{$_->{entry}} } @{$l->{records}}]; print JSON::PP->new->canonical->encode($l)' \
        "$@" <all.lock >"$out"
    "$ksnvcc" lock merge "$out" "$out" -o "$out" # in our own layout
}
only a.lock vadd rmsnorm
only b.lock rmsnorm layout::transpose
only three.lock vadd rmsnorm layout::transpose
run "$ksnvcc" lock merge a.lock b.lock -o ab.lock
is 'the records of both: status and words' "$status:$said" '0:'
ok 'the records of both' cmp ab.lock three.lock
"$ksnvcc" lock merge b.lock a.lock >ba.lock
ok 'in any order, to standard output' cmp ba.lock three.lock
run "$ksnvcc" lock merge --json a.lock b.lock -o ab.lock
json_ok 'as JSON'
like 'as JSON: from where' "$said" '"from": "both"'

prefers() { # NAME LOCKFILE WINNER EDIT: of rmsnorm's record and the edited one, the second is kept or not
    only r.lock rmsnorm
    perl -MJSON::PP -0777 -e 'my $l = decode_json(<STDIN>); for my $r (@{$l->{records}}) { '"$4"' } print JSON::PP->new->canonical->encode($l)' \
        <r.lock >e.lock
    "$ksnvcc" lock merge e.lock e.lock -o e.lock
    "$ksnvcc" lock merge r.lock e.lock -o re.lock 2>re.said
    "$ksnvcc" lock merge e.lock r.lock -o er.lock 2>er.said
    ok "$1" cmp re.lock "$3.lock"
    ok "$1: in the other order, too" cmp er.lock "$3.lock"
    like "$1: that is said" "$(cat re.said)" "rmsnorm\.cu: rmsnorm: kept the $2 side's: "
}
prefers 'the same code: what is proven to be faster' second e '$r->{low} += 0.5; $r->{high} += 0.5; $r->{ratio} += 0.5'
prefers 'the same code: not what is newer' first r '$r->{low} -= 0.05; $r->{created} = "2036-01-01T00:00:00Z"'
prefers 'the same code: a win before none, however new' first r '$r->{winners} = []; $r->{created} = "2036-01-01T00:00:00Z"'
prefers 'the same code, the same gain: the newer' second e '$r->{created} = "2036-01-01T00:00:00Z"'
prefers 'other code: the newer, however slow' second e '$r->{key} = "0" x 64; $r->{low} = 1; $r->{created} = "2036-01-01T00:00:00Z"'
like 'other code: to be checked' "$(cat re.said)" 'the code differs too: run ksnvcc lock check'

cp three.lock base.lock
only gone.lock vadd rmsnorm
sed 's/"driver": [0-9]*/"driver": 99999/' three.lock >changed.lock
run "$ksnvcc" lock merge --base base.lock gone.lock base.lock -o out.lock
ok 'with a base: what one side removed stays out' cmp out.lock gone.lock
run "$ksnvcc" lock merge --base base.lock changed.lock base.lock -o out.lock
ok 'with a base: what one side changed stays changed' cmp out.lock changed.lock
run "$ksnvcc" lock merge a.lock none.lock
is 'a side that is not there' "$status:$said" '105:ksnvcc: error: there is no file none.lock'
run "$ksnvcc" lock merge a.lock
like 'one side, and no conflict' "$said" 'give a second lockfile to merge with: there is no conflict in a\.lock'
run "$ksnvcc" lock merge a.lock b.lock base.lock
is 'three sides' "$status" 100

# ---- a merge of git

if ! command -v git >/dev/null; then
    skip 'a merge of git' 'there is no git'
    finish
fi
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.c GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.c
mkdir repo && cd repo && git init -q -b main . || exit 1
cp "$samples"/vadd/vadd.cu* .
only ksearch.lock vadd 2>/dev/null || (cd .. && only repo/ksearch.lock vadd)
git add . && git commit -qm one
branch() { # NAME LOCKFILE
    git checkout -q -b "$1" main && cp "$2" ksearch.lock && git commit -qam "$1"
}
(cd .. && only x.lock vadd rmsnorm && only y.lock vadd softmax_rows && sed 's/"seconds": [0-9.]*/"seconds": 1.5/; s/"created": "2026/"created": "2027/' y.lock >z.lock && sed 's/"created": "2026/"created": "2028/' x.lock >w.lock)
branch left ../w.lock
branch right ../z.lock
git checkout -q left
git merge -q right >merge.log 2>&1
is 'without the driver there is a conflict' "$(grep -c '^<<<<<<<' ksearch.lock | sed 's/[1-9]/some/')" some
run "$ksnvcc" nvcc -arch=sm_90 -std=c++17 -c vadd.cu -o vadd.o
is 'which a build refuses: status' "$status" 105
like 'with where it is, and what to do' "$said" '^ksnvcc: error: .*/ksearch\.lock:[0-9]+: a merge conflict is not resolved: `ksnvcc lock merge .*/ksearch\.lock` does that'
run "$ksnvcc" lock show
is 'and so do the commands' "$status" 105
run "$ksnvcc" lock merge ksearch.lock
is 'it is resolved in place' "$status" 0
is 'with the records of both' "$("$ksnvcc" lock show | grep -c '^  entry ')" 3
git merge --abort 2>/dev/null || git reset -q --hard
git config merge.ksearch.driver "$ksnvcc lock merge --base %O %A %B -o %A"
echo 'ksearch.lock merge=ksearch' >.git/info/attributes
git merge -q right -m both >merge.log 2>&1
is 'with the driver there is none' "$?:$(git status --porcelain --untracked-files=no)" '0:'
is 'and the records of both' "$("$ksnvcc" lock show | grep -c '^  entry ')" 3
printf '<<<<<<< ours\n{}\n' >ksearch.lock
run "$ksnvcc" lock merge ksearch.lock
like 'a conflict that is cut off' "$said" 'ksearch\.lock:3: the merge conflict has no end'
printf '=======\n{}\n' >ksearch.lock
run "$ksnvcc" lock merge ksearch.lock
like 'a marker where none belongs' "$said" 'ksearch\.lock:1: this marker of a merge conflict is out of place'
finish
