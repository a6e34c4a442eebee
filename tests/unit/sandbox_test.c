/* tests/unit/sandbox_test.c - what a process in a sandbox sees, and what a model's text may hold.
 */
#include "tests/unit/folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/build/sandbox.h"
#include "runtime/base/proc.h"

#define SECRET "the-word-that-nobody-may-see"

static void put(const char *name, const char *text)
{
    const char *path = in_dir(name);
    char *folder = fs_dir(path);

    assert_int_equal(fs_mkdirs(folder, NULL), 0);
    assert_int_equal(fs_write(path, text, strlen(text), NULL), 0);
    free(folder);
}

static bool no_layer(void)
{
    struct error err = {""};

    if (sandbox_layer(&err))
        return false;
    print_message("%s\n", err.text);
    return true;
}

/* what a shell script writes, run inside; both outputs */
static const char *inside(struct sandbox_job job, const char *script, const char *argument)
{
    const char *const argv[] = {"sh", "-c", script, "sh", argument, NULL};
    struct error err = {""};
    struct proc_result r;
    const char *said;

    job.argv = argv;
    struct proc_spec spec = {.argv = sandbox_argv(arena, &job, &err), .timeout_ms = 60000};
    if (!spec.argv || proc_run(&spec, &r, &err))
        fail_msg("%s", err.text);
    said = arena_printf(arena, "%s%s", buf_text(&r.out), buf_text(&r.err));
    proc_result_release(&r);
    return said;
}

static void nothing_else_is_seen(void **state)
{
    static const enum sandbox_kind kinds[] = {SANDBOX_COMPILE, SANDBOX_WORKER};

    (void)state;
    if (no_layer())
        skip();
    put("secret/word", SECRET);
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct sandbox_job job = {.kind = kinds[i]};
        const char *said = inside(job, "cat $1/secret/word /etc/passwd /etc/shadow; ls / $1", dir);
        assert_null(strstr(said, SECRET));
        assert_null(strstr(said, "root:"));
        assert_null(strstr(said, "home"));
        assert_non_null(strstr(said, "usr"));
        /* not even its name */
        assert_null(strstr(said, "secret\n"));
        assert_string_equal(inside(job,
                                   "for d in / /usr /etc /var/tmp; do touch $d/ksearch; done "
                                   "2>/dev/null; ls -d /ksearch /*/ksearch 2>/dev/null",
                                   ""),
                            "");
    }
}

static void the_environment_is_empty(void **state)
{
    struct sandbox_job job = {.kind = SANDBOX_WORKER};
    const char *said;

    (void)state;
    if (no_layer())
        skip();
    setenv("SOME_API_KEY", SECRET, 1);
    setenv("CUDA_VISIBLE_DEVICES", "7", 1);
    said = inside(job, "env; echo \"$CUDA_VISIBLE_DEVICES\"; tr '\\0' '\\n' </proc/1/environ", "");
    assert_null(strstr(said, SECRET));
    assert_null(strstr(said, "HOME="));
    assert_non_null(strstr(said, "CUDA_VISIBLE_DEVICES=7"));
    /* process 1 was to be seen at all */
    assert_string_equal(inside(job, "test -r /proc/1/environ && echo yes", ""), "yes\n");
    job.kind = SANDBOX_COMPILE;
    said = inside(job, "env; cat /proc/self/environ; ls /proc /dev/zero", "");
    assert_null(strstr(said, SECRET));
    assert_null(strstr(said, "CUDA_VISIBLE_DEVICES"));
    assert_non_null(strstr(said, "PATH="));
    assert_null(strstr(said, "\n/dev/zero"));
    unsetenv("SOME_API_KEY");
    unsetenv("CUDA_VISIBLE_DEVICES");
}

static void there_is_no_network(void **state)
{
    struct sandbox_job job = {.kind = SANDBOX_WORKER};

    (void)state;
    if (no_layer())
        skip();
    /* two lines of heading, and the loopback, which is down */
    assert_string_equal(inside(job,
                               "tail -n +3 /proc/net/dev | grep -vc lo:; cat /proc/net/route "
                               "| grep -c 0",
                               ""),
                        "0\n0\n");
}

static void what_is_named_is_seen(void **state)
{
    struct sandbox_job job = {.kind = SANDBOX_COMPILE};
    const char *read[5] = {in_dir("p/src"), in_dir("p/include"), in_dir("one"),
                           in_dir("not there")};

    (void)state;
    if (no_layer())
        skip();
    put("p/src/a.cu", "a\n");
    put("p/src/deep/b.h", "b\n");
    put("p/src/.env", SECRET);
    put("p/src/.git/config", SECRET);
    put("p/include/c.h", "c\n");
    put("p/other/d.h", SECRET);
    put("one", "one\n");
    put("two", SECRET);
    put("work/old", "old\n");
    job.read = read;
    job.write[0] = in_dir("work");
    job.dir = in_dir("p");
    assert_string_equal(
        inside(job, "cat src/a.cu src/deep/b.h include/c.h $1/one $1/work/old; pwd", dir),
        arena_printf(arena, "a\nb\nc\none\nold\n%s/p\n", dir));
    assert_null(strstr(inside(job,
                              "cat src/.env src/.git/config other/d.h $1/two; ls src/.git; "
                              "find / -name d.h 2>/dev/null",
                              dir),
                       SECRET));
    assert_string_equal(inside(job, "ls src/.git", dir), "");
    inside(job, "echo new >$1/work/new; echo x >src/x; echo x >$1/work/../one", dir);
    assert_true(fs_exists(in_dir("work/new")));
    assert_false(fs_exists(in_dir("p/src/x")));
    assert_string_equal(inside(job, "cat $1/one", dir), "one\n");
}

static void names_may_lead_through_others(void **state)
{
    struct sandbox_job job = {.kind = SANDBOX_COMPILE, .dir = dir};
    const char *read[3] = {"p/src/../include", in_dir("link/deep")};

    (void)state;
    if (no_layer())
        skip();
    put("p/src/a.cu", SECRET);
    put("p/include/c.h", "c\n");
    put("real/deep/e.h", "e\n");
    assert_int_equal(symlink(in_dir("real"), in_dir("link")), 0);
    job.read = read;
    assert_string_equal(inside(job, "cat p/src/../include/c.h $1/link/deep/e.h", dir), "c\ne\n");
    assert_null(strstr(inside(job, "cat p/src/a.cu", dir), SECRET));
}

static void a_home_shows_headers_only(void **state)
{
    char *home = getenv("HOME") ? arena_dup(arena, getenv("HOME")) : NULL;
    struct sandbox_job job = {.kind = SANDBOX_COMPILE};
    const char *read[3] = {in_dir("u"), in_dir("u/lib")};

    (void)state;
    if (no_layer())
        skip();
    setenv("HOME", in_dir("u/me"), 1); /* u is what the home lies in */
    put("u/me/x", "x");
    put("u/a.cuh", "a\n");
    put("u/notes", SECRET);
    put("u/.h.h", SECRET);
    put("u/more/b.h", SECRET);
    put("u/lib/c.h", "c\n");
    put("u/lib/data", "data\n"); /* a project's folder is shown whole */
    job.read = read;
    assert_string_equal(inside(job, "cat $1/u/a.cuh $1/u/lib/c.h $1/u/lib/data", dir),
                        "a\nc\ndata\n");
    assert_null(
        strstr(inside(job, "cat $1/u/notes $1/u/.h.h $1/u/more/b.h; grep -r . $1/u", dir), SECRET));
    if (home)
        setenv("HOME", home, 1);
}

/* the end of what was started outside is the end of all inside */
static void a_deadline_ends_all(void **state)
{
    const char *const argv[] = {"sh", "-c", "flock lock sh -c 'echo in >there; sleep 1000' & wait",
                                NULL};
    struct sandbox_job job = {.kind = SANDBOX_COMPILE, .argv = argv, .write = {dir}, .dir = dir};
    struct proc_spec spec = {.timeout_ms = 1000};
    struct proc_result r;
    int fd;

    (void)state;
    if (no_layer())
        skip();
    spec.argv = sandbox_argv(arena, &job, NULL);
    assert_int_equal(proc_run(&spec, &r, NULL), 0);
    assert_true(r.timed_out);
    proc_result_release(&r);
    assert_true(fs_exists(in_dir("there")));
    fd = open(in_dir("lock"), O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    alarm(20);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    alarm(0);
    close(fd);
}

static void trees_of_programs(void **state)
{
    (void)state;
    put("gcc-9/bin/g++", "");
    put("tools/g++", "");
    assert_string_equal(sandbox_tree(arena, in_dir("gcc-9/bin/g++")), in_dir("gcc-9"));
    assert_string_equal(sandbox_tree(arena, in_dir("tools/g++")), in_dir("tools"));
    assert_null(sandbox_tree(arena, "/usr/bin/env"));
    assert_null(sandbox_tree(arena, in_dir("none")));
}

/* ---- the screen ------------------------------------------------------------------------------ */

static void findings(void **state)
{
    static const struct {
        const char *text, *found; /* "": nothing */
    } CASES[] = {
        {"__global__ void f(float *p) { asm volatile(\"mov.u32 %0, 1;\" : \"=r\"(p)); }", ""},
        {"#include <cuda_fp16.h>\n#include <cstdint>\n#include <cub/cub.cuh>\n", ""},
        {"#pragma unroll 4\n#pragma nv_diag_suppress 177\n#pragma ksearch tune(A = 1, 2)\n", ""},
        {"template <class T, int N> __global__ void f(T *p)\n{ for (;;) { asm(\"x\"); } }", ""},
        {"namespace a { struct S { __device__ void m() { asm(\"x\"); } }; }", ""},
        {"// printf #include \"x\"\n/* malloc <: */ const char c = '?';", ""},
        {"#define A(x) \\\n  (x)\n", ""},
        {"int constructor = 1, destructor = constructor;", ""},
        {"x<::a> y; a ? b : c > d;", ""},
        {"struct cudaThing { int x; };", ""},
        {"\n  #include \"/etc/passwd\"\n", "2:12: \"/etc/passwd\" is not allowed"},
        {"#include \"other.h\"\n", "1:10: \"other.h\" is not allowed"},
        {"#include \"cuda_fp16.h\"\n", "1:10: write #include <cuda_fp16.h>"},
        {"#include <../x>\n", "1:10: <../x> is not allowed"},
        {"#include <cuda_/../../x>\n", "1:10: <cuda_/../../x> is not allowed"},
        {"#include <my/x.h>\n", "1:10: <my/x.h> is not allowed"},
        {"#define H <x>\n#include H\n", "2:10: #include is for"},
        {"#include\n", "1:9: #include is for"},
        {"#inc\\\nlude <x.h>\n", "is not allowed"},
        {"#include_next <cstdint>\n", "1:2: #include_next is not allowed"},
        {"#embed \"x\"\n", "1:2: #embed is not allowed"},
        {"#line 3 \"x\"\n", "1:2: #line is not allowed"},
        {"#pragma GCC system_header\n", "1:9: this #pragma is not allowed"},
        {"void f() { _Pragma(\"GCC x\") }", "1:21: this #pragma is not allowed"},
        {"#if __has_include(<x>)\n#endif\n", "1:5: __has_include is not allowed"},
        {"asm(\"x\");", "1:1: asm is not allowed outside of functions"},
        {"namespace a { asm(\"x\"); }", "1:15: asm is not allowed outside"},
        {"extern \"C\" { __asm__(\"x\"); }", "1:14: asm is not allowed outside"},
        {"void f() {}\nasm(\"x\");", "2:1: asm is not allowed outside"},
        {"struct A { int x; };\nasm(\"x\");", "2:1: asm is not allowed outside"},
        {"void f() { asm(\".incbin \\\"x\\\"\"); }", "1:16: .incbin is not allowed"},
        {"#define X \".incbin\"\n", "1:11: .incbin is not allowed"},
        {"__managed__ int x;", "1:1: __managed__ is not allowed"},
        {"__attribute__((constructor)) void f() {}", "1:16: the attribute constructor"},
        {"[[gnu::destructor]] void f() {}", "1:8: the attribute destructor"},
        {"void f() {\n  printf(\"x\"); }", "2:3: printf is not allowed"},
        {"#define P printf\n", "1:11: printf is not allowed"},
        {"void f() { malloc(1); }", "1:12: malloc is not allowed"},
        {"void f() { cudaMalloc(0, 1); }", "1:12: cudaMalloc is not allowed"},
        {"__device__ float __cudart_x;", "1:18: __cudart_x is not allowed"},
        {"int x<:1:>;", "1:6: <: is not allowed"},
        {"void f() <% %>", "1:10: <% is not allowed"},
        {"%:include <cstdint>\n", "1:1: %: is not allowed"},
        {"?\?=include <cstdint>\n", "1:1: ?\?= is not allowed"},
        {"int pri\\\nntf;", "1:8: a backslash at the end of a line"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct buf errors;
        buf_init(&errors, 1 << 16);
        int rc = sandbox_screen(CASES[i].text, strlen(CASES[i].text), &errors);
        if (!*CASES[i].found ? rc != 0 || errors.len
                             : rc != -1 || !strstr(buf_text(&errors), CASES[i].found))
            fail_msg("%s\ngives: %s\nand not: %s", CASES[i].text, buf_text(&errors),
                     CASES[i].found);
        buf_release(&errors);
    }
}

static void findings_are_few(void **state)
{
    struct buf text, errors;
    size_t lines = 0;

    (void)state;
    buf_init(&text, 1 << 20);
    buf_init(&errors, 1 << 20);
    for (int i = 0; i < 1000; i++)
        buf_adds(&text, "{printf(malloc);\n");
    assert_int_equal(sandbox_screen(text.data, text.len, &errors), -1);
    for (size_t i = 0; i < errors.len; i++)
        lines += errors.data[i] == '\n';
    assert_int_equal(lines, 51);
    assert_non_null(strstr(errors.data, "... and 1950 more\n"));
    buf_clear(&errors);
    assert_int_equal(sandbox_screen("a\0b", 3, &errors), -1);
    assert_non_null(strstr(errors.data, "1:2: a byte 0"));
    buf_release(&text);
    buf_release(&errors);
}

#define IN_DIR(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIR(nothing_else_is_seen),
        IN_DIR(the_environment_is_empty),
        IN_DIR(there_is_no_network),
        IN_DIR(what_is_named_is_seen),
        IN_DIR(names_may_lead_through_others),
        IN_DIR(a_home_shows_headers_only),
        IN_DIR(a_deadline_ends_all),
        IN_DIR(trees_of_programs),
        cmocka_unit_test(findings),
        cmocka_unit_test(findings_are_few),
    };

    unsetenv("KSEARCH_SANDBOX");
    return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
