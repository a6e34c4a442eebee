# Sourced: fills the current folder with what the command lines of tests/matrix/options compile. Some names are such
# that a repository had better not hold them.

mkdir -p src inc out out.d 'sp ace' "q'uote" 'd$llar' 'd"q' 'odd(1)' folder.cu
echo '#define K 3' >u.h
cp u.h src/u.h
cp u.h 'sp ace/u.h'
cp u.h "q'uote/u.h"
cp u.h 'd$llar/u.h'
cp u.h 'd"q/u.h'
cp u.h 'odd(1)/u.h'
printf '#pragma once\n#define X 1\nstatic const char *const x_file = __FILE__;\n' >inc/x.h
printf '#include_next "x.h"\n' >src/x.h

kernel() { # NAME: a source with an annotated kernel that is launched
    cat <<C
#include "u.h"
#ifdef WANT_X
#include <x.h>
#endif
#ifdef NEXT
#include "x.h"
#endif
constexpr int BLOCK = 64;
#pragma ksearch in(a[n]) out(b[n]) launch(grid = cdiv(n, BLOCK), block = BLOCK) workload(n = 4096) tune(BLOCK = 32, 64)
__global__ void $1(const float *a, float *b, int n)
{
    int i = blockIdx.x * BLOCK + threadIdx.x;
    if (i < n)
        b[i] = K * a[i];
}
namespace {
template <int N> __global__ void other(float *b) { b[N] = N; }
}
void run_$1(const float *a, float *b, int n)
{
    $1<<<(n + BLOCK - 1) / BLOCK, BLOCK>>>(a, b, n);
    other<3><<<1, 1>>>(b);
}
C
}
kernel ka >a.cu
kernel kb >b.cu
cp a.cu src/a.cu
cp a.cu odd.kernel
cp a.cu noext
cp a.cu 'sp ace/a b.cu'
cp a.cu "q'uote/a'b.cu"
cp a.cu 'd$llar/a$b.cu'
cp a.cu 'd"q/a"b.cu'
cp a.cu 'odd(1)/a&b;c.cu'
cp a.cu 'back\slash.cu'
cp a.cu 'ünï.cu'
sed 's/$/\r/' a.cu >crlf.cu
{ printf '\xef\xbb\xbf' && cat a.cu; } >bom.cu
{ cat a.cu && printf '// the end'; } >nonl.cu
: >empty.cu
{ cat a.cu && printf '// \xe4\xf6\n'; } >latin1.cu
{ head -12 a.cu && printf '#line 100 "there.h"\n' && tail -n +13 a.cu; } >line.cu
{ echo '#pragma once' && cat a.cu; } >once.cu
{ cat a.cu && printf 'const char *after = "\0";\nint behind;\n'; } >nul.cu
{ sed 's/__global__ void ka/__global__ void \\\nka/; s/constexpr int BLOCK/const\\\nexpr int BLOCK/' a.cu; } >spliced.cu
cat a.cu - >macros.cu <<'C'
#if __has_include("x.h")
#define HAS 1
#else
#define HAS 0
#endif
const char *const what[] = {__FILE__, __BASE_FILE__, __TIMESTAMP__};
const int where[] = {__LINE__, __INCLUDE_LEVEL__, __COUNTER__, __COUNTER__, HAS};
C
cp macros.cu src/macros.cu
cat a.cu - >self.cu <<'C'
#if __INCLUDE_LEVEL__ == 0
#define BLOCK BLOCK2
#define ka ka2
#define run_ka run_ka2
#define other other2
#include __FILE__
#endif
C
cp self.cu src/self.cu
cat a.cu - >warns.cu <<'C'
#warning "look here"
__global__ void w(float *p)
{
    int unused;
    p[0] = 1;
}
C
cat a.cu - >fails.cu <<'C'
#ifdef HOST
int host = undefined_name;
#elif defined(CPP)
#error "not like this"
#elif defined(HEADER)
#include "nowhere.h"
#elif defined(PTX)
__global__ void bad(float *p) { asm("foo.bar;"); p[0] = 1; }
#elif defined(ASM)
void bad() { __asm__("foo bar"); }
#elif defined(LINK)
void nowhere();
int main() { nowhere(); }
#else
__global__ void bad(float *p) { p[0] = undefined_name; }
#endif
C
cat >main.cu <<'C'
__global__ void m(float *p) { p[0] = 1; }
int main(int argc, char **) { if (argc > 3) m<<<1, 1>>>(nullptr); return 0; }
C
echo 'int host() { return 1; }' >host.cc
printf -- '-Iinc -isystem "sp ace"\n\n-DQ="a b"\n  -DR=\\"s\\" ' >o.rsp
printf -- '--options-file o.rsp -std=c++17' >more.rsp
printf -- '-optf=more.rsp,o.rsp\n-c src/a.cu' >nest.rsp
printf -- '-optf loop.rsp' >loop.rsp
# times that are in objects (__TIMESTAMP__, -lineinfo) and the same in every copy
find . -exec touch -h -d '2021-02-03 04:05:06' {} +
