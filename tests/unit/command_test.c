/* What nvcc's command lines mean: a table of words and their meaning in short.
 *
 *   "PHASE inputs >output dep<depfile:target archs flags", or "!words of the reason"
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "driver/build/command.h"
#include "driver/build/words.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

static void summarise(const struct command *c, struct buf *b)
{
    static const char *const phases[] = {"link", "c",     "dc",     "dw",
                                         "ptx",  "cubin", "fatbin", "other"};

    buf_adds(b, phases[c->phase]);
    for (size_t i = 0; i < c->ninputs; i++)
        buf_addf(b, " %s", c->inputs[i]);
    if (c->output)
        buf_addf(b, " >%s", c->output);
    if (c->depfile)
        buf_addf(b, " dep<%s:%s%s%s", c->depfile, c->deptarget ? c->deptarget : "",
                 c->depsystem ? "" : " user", c->depphony ? " phony" : "");
    for (size_t i = 0; i < c->narchs; i++) {
        const struct target_arch *t = &c->archs[i];
        buf_addf(b, " %d%d", t->major, t->minor);
        if (t->suffix)
            buf_addc(b, t->suffix);
        buf_addf(b, "%s%s", t->sass ? "s" : "", t->ptx ? "p" : "");
    }
    buf_addf(b, "%s%s%s%s", c->native ? " native" : "", c->relocatable ? " rdc" : "",
             c->keeps ? " keeps" : "", c->times ? " times" : "");
}

struct row {
    const char *words; /* cut at blanks outside of single quotes */
    const char *want;
};

static const char *const *cut(struct arena *a, const char *text)
{
    char *word = arena_alloc(a, strlen(text) + 1);
    struct words w = {0};
    bool quoted = false;
    size_t n = 0;

    for (; *text; text++) {
        if (*text == '\'')
            quoted = !quoted;
        else if (*text != ' ' || quoted)
            word[n++] = *text;
        else if (n)
            words_add(a, &w, arena_copy(a, word, n)), n = 0;
    }
    if (n)
        words_add(a, &w, arena_copy(a, word, n));
    return words_end(a, &w);
}

static void check_row(const struct row *row)
{
    struct arena *a = arena_new();
    struct error err = {""};
    struct command c;
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    if (command_parse(a, cut(a, row->words), &c, &err) == 0)
        summarise(&c, &b);
    else
        buf_addf(&b, "!%s", err.text);
    if (row->want[0] == '!' ? b.len < 2 || b.data[0] != '!' || !strstr(b.data, row->want + 1)
                            : strcmp(buf_text(&b), row->want) != 0) {
        print_error("%s\n  got:    %s\n  wanted: %s\n", row->words, buf_text(&b), row->want);
        fail();
    }
    buf_release(&b);
    arena_free(a);
}

static const struct row phases[] = {
    {"nvcc a.cu", "link a.cu 75sp"},
    {"nvcc -c a.cu", "c a.cu 75sp"},
    {"nvcc --compile a.cu -c", "c a.cu 75sp"},
    {"nvcc -dc a.cu", "dc a.cu 75sp rdc"},
    {"nvcc --device-c a.cu", "dc a.cu 75sp rdc"},
    {"nvcc -dw a.cu", "dw a.cu 75sp"},
    {"nvcc --device-w a.cu", "dw a.cu 75sp"},
    {"nvcc -ptx a.cu", "ptx a.cu 75sp"},
    {"nvcc --ptx a.cu", "ptx a.cu 75sp"},
    {"nvcc -cubin a.cu", "cubin a.cu 75sp"},
    {"nvcc -fatbin a.cu", "fatbin a.cu 75sp"},
    {"nvcc -link a.cu", "link a.cu 75sp"},
    {"nvcc -lib a.cu", "other a.cu 75sp"},
    {"nvcc -E a.cu", "!nothing is compiled"},
    {"nvcc --preprocess a.cu", "!nothing is compiled"},
    {"nvcc -M a.cu", "!nothing is compiled"},
    {"nvcc -MM a.cu", "!nothing is compiled"},
    {"nvcc --version", "!nothing is compiled"},
    {"nvcc -V", "!nothing is compiled"},
    {"nvcc --help", "!nothing is compiled"},
    {"nvcc -h", "!nothing is compiled"},
    {"nvcc --dryrun -c a.cu", "!nothing is compiled"},
    {"nvcc -dryrun -c a.cu", "!nothing is compiled"},
    {"nvcc -run a.cu", "!nothing is compiled"},
    {"nvcc --run a.out", "!nothing is compiled"},
    {"nvcc -dlink a.o", "!nothing is compiled"},
    {"nvcc --clean-targets -c a.cu", "!nothing is compiled"},
    {"nvcc -code-ls", "!nothing is compiled"},
    {"nvcc --list-gpu-arch", "!nothing is compiled"},
    {"nvcc -optix-ir a.cu", "!nothing is compiled"},
    {"nvcc -ltoir a.cu -dlto", "!nothing is compiled"},
    {"nvcc -cuda a.cu", "!nothing is compiled"},
    {"nvcc --ks-budget=9s -c a.cu", "!ksnvcc's own stand first, before nvcc"},
    {"nvcc", "!no .cu file"},
    {"nvcc -c", "!no .cu file"},
};

static const struct row inputs[] = {
    {"nvcc -c dir/a.cu b.cu", "c dir/a.cu b.cu 75sp"},
    {"nvcc -c a.cpp", "!no .cu file"},
    {"nvcc a.o b.a c.so -o prog", "!no .cu file"},
    {"nvcc a.cu b.o libc.so.1 d.cpp -o prog", "link a.cu >prog 75sp"},
    {"nvcc -x cu -c a.cpp", "c a.cpp 75sp"},
    {"nvcc -x=cu -c a.cc b.cu", "c a.cc b.cu 75sp"},
    {"nvcc -c a.cpp --x cu", "c a.cpp 75sp"},
    {"nvcc -x c++ -c a.cu", "!no .cu file"},
    {"nvcc -xcu -c a.cu", "!'-xcu' is no option"},
    {"nvcc @file -c a.cu", "!'@file' is no input"},
    {"nvcc -c a.cuh", "!'a.cuh' is no input"},
    {"nvcc -c bar a.cu", "!'bar' is no input"},
    {"nvcc -c a.CU", "!'a.CU' is no input"},
    {"nvcc -c '/tmp/a b.cu'", "c /tmp/a b.cu 75sp"},
    {"nvcc -c -", "!'-' is no input"},
    {"ccache nvcc -c a.cu", "c a.cu 75sp"},
    {"sccache /opt/cuda/bin/nvcc -c a.cu", "c a.cu 75sp"},
    {"/usr/bin/nvcc-13.0 -c a.cu", "c a.cu 75sp"},
    {"mycompiler -c a.cu", "c a.cu 75sp"},
    {"-c a.cu", "!no compiler"},
};

static const struct row outputs[] = {
    {"nvcc -c a.cu -o b.o", "c a.cu >b.o 75sp"},
    {"nvcc -c a.cu -o=b.o", "c a.cu >b.o 75sp"},
    {"nvcc -c a.cu --output-file b.o", "c a.cu >b.o 75sp"},
    {"nvcc -c a.cu --output-file=b.o", "c a.cu >b.o 75sp"},
    {"nvcc -c a.cu -ob.o", "!'-ob.o' is no option"},
    {"nvcc -c a.cu -o", "!-o has no value"},
    {"nvcc -c a.cu -o x.o -o y.o", "c a.cu >y.o 75sp"},
    {"nvcc -c a.cu -o a.o -MD", "c a.cu >a.o dep<a.d: 75sp"},
    {"nvcc -c a.cu -o d/a.cu.o -MMD", "c a.cu >d/a.cu.o dep<d/a.cu.d: user 75sp"},
    {"nvcc -c a.cu -MMD -MD", "c a.cu dep<a.d: user 75sp"},
    {"nvcc -c a.cu -o d.x/y -MD", "c a.cu >d.x/y dep<d.x/y.d: 75sp"},
    {"nvcc -c s/a.cu -MD", "c s/a.cu dep<a.d: 75sp"},
    {"nvcc -c s/a.b.cu -MD -odir q", "c s/a.b.cu dep<q/a.b.d: 75sp"},
    {"nvcc -ptx s/a.cu -MD", "ptx s/a.cu dep<a.d: 75sp"},
    {"nvcc -c a.cu -MD -MF x.dep -MT t.o", "c a.cu dep<x.dep:t.o 75sp"},
    {"nvcc -c a.cu -MD -MF=x.dep -MT=t.o -MP", "c a.cu dep<x.dep:t.o phony 75sp"},
    {"nvcc -c a.cu -MF x.dep", "c a.cu 75sp"},
    {"nvcc -c a.cu -MFx.dep -MD", "!'-MFx.dep' is no option"},
    {"nvcc -c a.cu -MQ x -MD", "!'-MQ' is no option"},
    {"nvcc -c a.cu --generate-dependencies-with-compile --dependency-output a.o.d",
     "c a.cu dep<a.o.d: 75sp"},
    {"nvcc -c a.cu --generate-nonsystem-dependencies-with-compile "
     "--dependency-target-name=t --generate-dependency-targets -o a.o",
     "c a.cu >a.o dep<a.d:t user phony 75sp"},
    {"nvcc -c a.cu --keep", "c a.cu 75sp keeps"},
    {"nvcc -c a.cu -save-temps -keep-dir k", "c a.cu 75sp keeps"},
    {"nvcc -c a.cu -keep-dir k", "c a.cu 75sp"},
    {"nvcc -c a.cu -time t.csv", "c a.cu 75sp times"},
    {"nvcc -c a.cu -fdevice-time-trace=-", "c a.cu 75sp times"},
    {"nvcc -c a.cu -objtemp", "c a.cu 75sp"},
};

static const struct row archs[] = {
    {"nvcc -c a.cu -arch=sm_90", "c a.cu 90sp"},
    {"nvcc -c a.cu -arch sm_90", "c a.cu 90sp"},
    {"nvcc -c a.cu --gpu-architecture=sm_90a", "c a.cu 90asp"},
    {"nvcc -c a.cu -arch=sm_100f", "c a.cu 100fsp"},
    {"nvcc -c a.cu -arch=compute_90", "c a.cu 90p"},
    {"nvcc -c a.cu -arch=compute_80 -code=sm_80,sm_86,compute_80", "c a.cu 80sp 86s"},
    {"nvcc -c a.cu -arch=compute_80 -code sm_80", "c a.cu 80s"},
    {"nvcc -c a.cu -code=sm_90", "!-code is given"},
    {"nvcc -c a.cu -arch=sm_80 -arch=sm_90", "c a.cu 90sp"},
    {"nvcc -c a.cu -gencode arch=compute_80,code=sm_80", "c a.cu 80s"},
    {"nvcc -c a.cu -gencode=arch=compute_80,code=sm_80", "c a.cu 80s"},
    {"nvcc -c a.cu --generate-code=arch=compute_90,code=[compute_90,sm_90]", "c a.cu 90sp"},
    {"nvcc -c a.cu -gencode 'arch=compute_80,code=\"sm_80,compute_80\"'", "c a.cu 80sp"},
    {"nvcc -c a.cu -gencode arch=compute_80,code=sm_80 "
     "-gencode arch=compute_90a,code=[sm_90a] -gencode arch=compute_120,code=compute_120",
     "c a.cu 80s 90as 120p"},
    {"nvcc -c a.cu -gencode code=sm_80,arch=compute_80", "c a.cu 80s"},
    {"nvcc -c a.cu -arch=sm_90 -gencode arch=compute_80,code=sm_80", "c a.cu 80s 90sp"},
    {"nvcc -c a.cu -arch=native", "c a.cu native"},
    {"nvcc -c a.cu -arch=native -gencode arch=compute_80,code=sm_80", "c a.cu 80s native"},
    {"nvcc -c a.cu -arch=all-major", "c a.cu 75s 80s 90s 100s 110s 120sp"},
    {"nvcc -c a.cu -arch=all", "c a.cu 75s 80s 86s 87s 88s 89s 90s 100s 103s 110s 120sp 121s"},
    {"nvcc -c a.cu -arch=hopper", "!'hopper' is no architecture"},
    {"nvcc -c a.cu -arch=sm_9x", "!'sm_9x' is no architecture"},
    {"nvcc -c a.cu -arch=sm_90b", "!'sm_90b' is no architecture"},
    {"nvcc -c a.cu -arch=sm_", "!'sm_' is no architecture"},
    {"nvcc -c a.cu -gencode sm_90", "!-gencode wants"},
    {"nvcc -c a.cu -arch=lto_90", "!link-time"},
    {"nvcc -c a.cu -dlto -arch=sm_90", "!link-time"},
    {"nvcc -c a.cu --lto", "!link-time"},
    {"nvcc -c a.cu --gencode arch=compute_90,code=sm_90", "!'--gencode' is no option"},
    {"nvcc -c a.cu --arch=sm_90", "!'--arch=sm_90' is no option"},
    {"nvcc -c a.cu -rdc=true", "c a.cu 75sp rdc"},
    {"nvcc -c a.cu -rdc true -rdc=false", "c a.cu 75sp"},
    {"nvcc -c a.cu --relocatable-device-code=true", "c a.cu 75sp rdc"},
    {"nvcc -c a.cu --rdc=true", "!'--rdc=true' is no option"},
    {"nvcc -c a.cu -rdc", "!-rdc has no value"},
    {"nvcc -c a.cu -ewp", "c a.cu 75sp rdc"},
};

static const struct row flags[] = {
    {"nvcc -c a.cu -Iinc -I inc -I=inc --include-path=inc,two", "c a.cu 75sp"},
    {"nvcc -c a.cu -DX -DX=1 -D X=a.cu -D=X --define-macro X", "c a.cu 75sp"},
    {"nvcc -c a.cu '-DSTR=\"he llo\"' -UX", "c a.cu 75sp"},
    {"nvcc -c a.cu -isystem=/x -isystem b.cu -include c.cu", "c a.cu 75sp"},
    {"nvcc -c a.cu -isystem/x", "!'-isystem/x' is no option"},
    {"nvcc a.cu -lcublas -L/x -L x -l y", "link a.cu 75sp"},
    {"nvcc -c a.cu -O3 -O 3 -O=2 --optimize 1", "c a.cu 75sp"},
    {"nvcc -c a.cu -Ofast", "!'-Ofast' is no option"},
    {"nvcc -c a.cu -O", "!-O has no value"},
    {"nvcc -c a.cu -g -G -lineinfo -pg -w", "c a.cu 75sp"},
    {"nvcc -c a.cu -generate-line-info", "!is no option"},
    {"nvcc -c a.cu --lineinfo", "!is no option"},
    {"nvcc -c a.cu -t4 -t 4 -t=4 --threads 0 -split-compile=2", "c a.cu 75sp"},
    {"nvcc -c a.cu --threads4", "!is no option"},
    {"nvcc -c a.cu -std=c++17 -std c++20 --std=c++20", "c a.cu 75sp"},
    {"nvcc -c a.cu -m64 -m 64 --machine=64 --m64", "c a.cu 75sp"},
    {"nvcc -c a.cu -maxrregcount=32 --maxrregcount 32", "c a.cu 75sp"},
    {"nvcc -c a.cu -maxrregcount32", "!is no option"},
    {"nvcc -c a.cu -use_fast_math --use_fast_math -ftz=true -prec-div false", "c a.cu 75sp"},
    {"nvcc -c a.cu -use-fast-math", "!is no option"},
    {"nvcc -c a.cu -Xcompiler -fPIC -Xcompiler=-Wall,-O2 --compiler-options '-fPIC'",
     "c a.cu 75sp"},
    {"nvcc -c a.cu -Xptxas -v,-O3 -Xptxas=-v --ptxas-options=-v", "c a.cu 75sp"},
    {"nvcc -c a.cu -Xcudafe --diag_suppress=1 -Xcicc -O3 -Xnvlink -x -Xlinker a.cu", "c a.cu 75sp"},
    {"nvcc -c a.cu -Werror all-warnings -Werror=reorder", "c a.cu 75sp"},
    {"nvcc -c a.cu -Werror", "!-Werror has no value"},
    {"nvcc -c a.cu -Wall", "!'-Wall' is no option"},
    {"nvcc -c a.cu -fPIC", "!'-fPIC' is no option"},
    {"nvcc -forward-unknown-to-host-compiler -fPIC -Wall -march=native -c a.cu", "c a.cu 75sp"},
    {"nvcc -fPIC -c a.cu --forward-unknown-to-host-compiler", "c a.cu 75sp"},
    {"nvcc -forward-unknown-opts -fPIC -c a.cu", "c a.cu 75sp"},
    {"nvcc -forward-unknown-to-host-compiler -foo bar -c a.cu", "!'bar' is no input"},
    {"nvcc -c a.cu -diag-suppress 1407 --diag-suppress=20199 -diag-error 1", "c a.cu 75sp"},
    {"nvcc -c a.cu --expt-relaxed-constexpr -extended-lambda -expt-extended-lambda", "c a.cu 75sp"},
    {"nvcc -c a.cu --default-stream=per-thread -default-stream legacy", "c a.cu 75sp"},
    {"nvcc -c a.cu -ccbin g++-12 -allow-unsupported-compiler", "c a.cu 75sp"},
    {"nvcc -shared a.cu -o liba.so -cudart shared", "link a.cu >liba.so 75sp"},
    {"nvcc -c a.cu -time", "!-time has no value"},
    {"nvcc -c a.cu -fmad", "!-fmad has no value"},
    {"nvcc -c a.cu -G=x", "!is no option"},
    {"nvcc -c a.cu --simt-only", "!'--simt-only' is no option"},
    {"nvcc -c a.cu -e kernel -res-usage --jobserver", "c a.cu 75sp"},
    {"nvcc -c a.cu -no-align-double", "!is no option"},
    {"nvcc -c a.cu --no-align-double", "c a.cu 75sp"},
};

static const struct row builds[] = {
    /* CMake with Ninja, whole and separable, and a PTX library */
    {"ksnvcc /usr/local/cuda/bin/nvcc -forward-unknown-to-host-compiler '-DSTR=\"he llo\"' "
     "-I/src/inc -isystem=/third -O3 -DNDEBUG "
     "--generate-code=arch=compute_90,code=[compute_90,sm_90] -Xcompiler=-Wall -std=c++17 -MD "
     "-MT CMakeFiles/t.dir/a.cu.o -MF CMakeFiles/t.dir/a.cu.o.d -x cu -c /src/a.cu "
     "-o CMakeFiles/t.dir/a.cu.o",
     "c /src/a.cu >CMakeFiles/t.dir/a.cu.o dep<CMakeFiles/t.dir/a.cu.o.d:CMakeFiles/t.dir/a.cu.o "
     "90sp"},
    {"nvcc -forward-unknown-to-host-compiler -x cu -rdc=true -c /src/a.cu -o a.cu.o",
     "c /src/a.cu >a.cu.o 75sp rdc"},
    {"nvcc -forward-unknown-to-host-compiler -x cu -ptx /src/a.cu -o a.ptx",
     "ptx /src/a.cu >a.ptx 75sp"},
    {"nvcc -forward-unknown-to-host-compiler -arch=all -Xcompiler=-v -x cu -c x.cu -o x.o",
     "c x.cu >x.o 75s 80s 86s 87s 88s 89s 90s 100s 103s 110s 120sp 121s"},
    {"nvcc -forward-unknown-to-host-compiler -fPIC -Xcompiler=-fPIC -shared a.cu.o -o l.so",
     "!no .cu file"},
    /* torch's cpp_extension, which says -c twice */
    {"nvcc --generate-dependencies-with-compile --dependency-output k.cuda.o.d -DTORCH_X=k "
     "-isystem /opt/torch/include -D__CUDA_NO_HALF_OPERATORS__ --expt-relaxed-constexpr "
     "-gencode=arch=compute_90,code=compute_90 -gencode=arch=compute_90,code=sm_90 "
     "--compiler-options '-fPIC' -std=c++17 -c -c /src/k.cu -o k.cuda.o",
     "c /src/k.cu >k.cuda.o dep<k.cuda.o.d: 90sp"},
    /* Meson */
    {"nvcc -Xcompiler=-fPIC -I. -g -G -std=c++17 -MD -MQ x.o -MF x.o.d -o x.o -c ../a.cu",
     "!'-MQ' is no option"},
    {"nvcc -Xcompiler=-fPIC -I. -O0 -g -G -MD -MT x.o -MF x.o.d -o x.o -c ../a.cu",
     "c ../a.cu >x.o dep<x.o.d:x.o 75sp"},
    {"nvcc /tmp/s.cu -o /tmp/s.exe -w -cudart static", "link /tmp/s.cu >/tmp/s.exe 75sp"},
};

static void check_rows(void **state)
{
    static const struct {
        const struct row *row;
        size_t n;
    } tables[] = {
#define TABLE(t) {t, sizeof t / sizeof *t}
        TABLE(phases), TABLE(inputs), TABLE(outputs), TABLE(archs), TABLE(flags), TABLE(builds),
    };

    (void)state;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        for (size_t i = 0; i < tables[t].n; i++)
            check_row(&tables[t].row[i]);
    }
}

/* ---- where words come from ------------------------------------------------------------------- */

static void test_environment(void **state)
{
    static const struct row row[] = {
        {"nvcc -c a.cu -o a.o", "c a.cu >a.o 90sp rdc"},
        {"nvcc -c a.cu -arch=sm_80", "c a.cu 90sp rdc"},
        {"nvcc -c a.cu -rdc=false", "c a.cu 90sp"},
    };

    (void)state;
    setenv("NVCC_PREPEND_FLAGS", " -rdc=true  '-DX' -DY=\"a b\" ", 1);
    setenv("NVCC_APPEND_FLAGS", "-arch=sm_90", 1);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (i == 0)
            setenv("NVCC_PREPEND_FLAGS", "-rdc=true -DY=\"a b\"", 1);
        check_row(&row[i]);
    }
    setenv("NVCC_APPEND_FLAGS", "-DX=\"a", 1);
    check_row(&(struct row){"nvcc -c a.cu", "!nothing closes"});
    setenv("NVCC_APPEND_FLAGS", "--version", 1);
    check_row(&(struct row){"nvcc -c a.cu", "!nothing is compiled"});
    unsetenv("NVCC_PREPEND_FLAGS");
    unsetenv("NVCC_APPEND_FLAGS");
}

static void write_text(const char *path, const char *text)
{
    assert_int_equal(fs_write(path, text, strlen(text), NULL), 0);
}

static void test_options_files(void **state)
{
    char *dir = fs_tempdir("command", NULL), *before = getcwd(NULL, 0);

    (void)state;
    assert_non_null(dir);
    assert_int_equal(chdir(dir), 0);
    write_text("a.rsp", "-arch=sm_90\n  \"-DA=x y.cu\" -DB=\\\"q\\\"\n--options-file b.rsp,c.rsp");
    write_text("b.rsp", "-MD");
    write_text("c.rsp", "in.cu");
    write_text("loop.rsp", "-optf loop.rsp");
    write_text("open.rsp", "-DX=\"a");
    check_row(&(struct row){"nvcc -c -optf a.rsp", "c in.cu dep<in.d: 90sp"});
    check_row(&(struct row){"nvcc --options-file=b.rsp,b.rsp -c a.cu", "c a.cu dep<a.d: 75sp"});
    check_row(&(struct row){"nvcc -optf none.rsp -c a.cu", "!none.rsp"});
    check_row(&(struct row){"nvcc -optf loop.rsp -c a.cu", "!never end"});
    check_row(&(struct row){"nvcc -optf open.rsp -c a.cu", "!nothing closes"});
    assert_int_equal(chdir(before), 0);
    fs_remove(dir);
    free(dir);
    free(before);
}

/* ---- commands made of them ------------------------------------------------------------------- */

static void check_made(const char *words, enum variant_kind kind, const char *want)
{
    struct arena *a = arena_new();
    struct error err = {""};
    struct command c;
    struct buf b;
    const char *const *argv;

    buf_init(&b, BUF_LIMIT);
    assert_int_equal(command_parse(a, cut(a, words), &c, &err), 0);
    argv = command_variant(a, &c, kind, 9, 0, 'a', "src dir", "u.cu", "u.out");
    for (; *argv; argv++)
        buf_addf(&b, "%s%s", b.len ? " " : "", *argv);
    assert_string_equal(buf_text(&b), want);
    buf_release(&b);
    arena_free(a);
}

#define QUOTE "-Xcompiler -iquote,\"src dir\""
#define END "-gencode arch=compute_90a,code=sm_90a -w -x cu u.cu -o u.out"

static void test_variant(void **state)
{
    (void)state;
    check_made("ccache nvcc -O3 -DX=1 -I inc -Xcompiler -Wall -arch=sm_80 -c a.cu -o a.o -MD -MF d "
               "-t 4 --keep -lineinfo -Werror all-warnings -lfoo -e k -shared",
               VARIANT_CUBIN,
               "nvcc " QUOTE " -O3 -DX=1 -I inc -Xcompiler -Wall -lineinfo -cubin " END);
    check_made("nvcc -forward-unknown-to-host-compiler -fPIC a.cu -lfoo -L x -cudart shared -o p",
               VARIANT_SHARED,
               "nvcc " QUOTE " -forward-unknown-to-host-compiler -fPIC -lfoo -L x -shared -cudart "
               "static -Xcompiler -fPIC " END);
    check_made("nvcc -dc a.cu -gencode arch=compute_80,code=sm_80 -use_fast_math", VARIANT_CUBIN,
               "nvcc " QUOTE " -use_fast_math -rdc=true -dlink -cubin " END);
    check_made("nvcc -rdc=true -c a.cu", VARIANT_UNLINKED, "nvcc " QUOTE " -rdc=true -cubin " END);
    check_made("nvcc -c a.cu", VARIANT_UNLINKED, "nvcc " QUOTE " -cubin " END);
    check_made("nvcc -rdc=true -c a.cu", VARIANT_SHARED,
               "nvcc " QUOTE " -shared -cudart static -Xcompiler -fPIC -rdc=true " END);
    check_made("nvcc -rdc=false -c a.cu", VARIANT_CUBIN, "nvcc " QUOTE " -cubin " END);
}

static void test_variant_environment(void **state)
{
    (void)state;
    setenv("NVCC_APPEND_FLAGS", "-DX=1", 1);
    check_made("nvcc -c a.cu", VARIANT_CUBIN, "nvcc " QUOTE " -cubin " END);
    setenv("NVCC_APPEND_FLAGS", "-DX=1 -arch=sm_80", 1);
    setenv("NVCC_PREPEND_FLAGS", "-DY=\"a b\"", 1);
    check_made("nvcc -DZ -c a.cu", VARIANT_CUBIN,
               "env -u NVCC_PREPEND_FLAGS -u NVCC_APPEND_FLAGS nvcc " QUOTE
               " -DY=\"a b\" -DZ -DX=1 -cubin " END);
    unsetenv("NVCC_PREPEND_FLAGS");
    unsetenv("NVCC_APPEND_FLAGS");
}

static void test_variant_files(void **state)
{
    char *dir = fs_tempdir("command", NULL), *before = getcwd(NULL, 0);

    (void)state;
    assert_non_null(dir);
    assert_int_equal(chdir(dir), 0);
    write_text("flags.rsp", "-Iinc -DX");
    write_text("mixed.rsp", "-DY -o a.o --options-file flags.rsp");
    check_made("nvcc -optf flags.rsp -c a.cu", VARIANT_CUBIN,
               "nvcc " QUOTE " -optf flags.rsp -cubin " END);
    check_made("nvcc -optf mixed.rsp -c a.cu -DZ", VARIANT_CUBIN,
               "nvcc " QUOTE " -DY --options-file flags.rsp -DZ -cubin " END);
    assert_int_equal(chdir(before), 0);
    fs_remove(dir);
    free(dir);
    free(before);
}

static void test_default_output(void **state)
{
    struct arena *a = arena_new();
    struct command c;

    (void)state;
    assert_int_equal(command_parse(a, cut(a, "nvcc -cubin d/a.b.cu -odir q"), &c, NULL), 0);
    assert_string_equal(command_default_output(a, &c, c.phase), "q/a.b.cubin");
    assert_string_equal(command_default_output(a, &c, PHASE_C), "q/a.b.o");
    assert_string_equal(command_default_output(a, &c, PHASE_LINK), "a.out");
    arena_free(a);
}

/* ---- which nvcc ------------------------------------------------------------------------------ */

static char *toolkit_of(struct arena *a, const char *nvcc, const char *memo, struct error *err)
{
    struct command c = {.nvcc = nvcc};

    return command_toolkit(a, &c, memo, err);
}

static void test_toolkit(void **state)
{
    char *dir = fs_tempdir("toolkit", NULL);
    struct arena *a = arena_new();
    char *nvcc = arena_printf(a, "%s/nvcc", dir), *memo = arena_printf(a, "%s/memo", dir);
    struct error err = {""};

    (void)state;
    write_text(nvcc, "#!/bin/sh\necho x >>\"$0.count\"\n"
                     "echo 'Cuda compilation tools, release 13.0, V13.0.88'\n");
    assert_int_equal(chmod(nvcc, 0755), 0);
    for (int i = 0; i < 3; i++)
        assert_string_equal(toolkit_of(a, nvcc, memo, &err), "13.0.88");
    struct buf b;
    buf_init(&b, 100);
    assert_int_equal(fs_read(arena_printf(a, "%s.count", nvcc), &b, NULL), 0);
    assert_string_equal(b.data, "x\n"); /* asked once */
    buf_release(&b);

    write_text(nvcc, "#!/bin/sh\necho 'something release 1, V2.3'\n"); /* another size and time */
    assert_string_equal(toolkit_of(a, nvcc, memo, &err), "2.3");
    write_text(nvcc, "#!/bin/sh\necho who knows\n");
    assert_null(toolkit_of(a, nvcc, memo, &err));
    assert_non_null(strstr(err.text, "does not say"));
    err.text[0] = 0;
    write_text(nvcc, "#!/bin/sh\nexit 3\n");
    assert_null(toolkit_of(a, nvcc, NULL, &err));
    assert_non_null(strstr(err.text, "exited with 3"));
    fs_remove(dir);
    free(dir);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_rows),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_options_files),
        cmocka_unit_test(test_variant),
        cmocka_unit_test(test_variant_environment),
        cmocka_unit_test(test_variant_files),
        cmocka_unit_test(test_default_output),
        cmocka_unit_test(test_toolkit),
    };

    unsetenv("NVCC_PREPEND_FLAGS");
    unsetenv("NVCC_APPEND_FLAGS");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
