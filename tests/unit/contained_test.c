/* tests/unit/contained_test.c - compiling what a model wrote: that it comes out the same, and that
 * what it may not read shows up nowhere. With the toolkit's own nvcc. */
#include "tests/unit/fixture.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/build/depfile.h"
#include "driver/build/said.h"
#include "driver/build/sandbox.h"
#include "driver/build/units.h"
#include "runtime/base/fs.h"

#define CLAUSES                                                                                \
    "#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64) launch(grid = cdiv(n, B), " \
    "block = B)\n"
#define KERNEL CLAUSES "__global__ void k(float *x, int n) { x[threadIdx.x] += B; }\n"
#define SECRET "word_that_nobody_may_see"

static char *dir;

static const char *in_dir(const char *name)
{
    return arena_printf(arena, "%s/%s", dir, name);
}

static void put(const char *name, const char *text)
{
    const char *path = in_dir(name);
    char *folder = fs_dir(path);

    assert_int_equal(fs_mkdirs(folder, NULL), 0);
    assert_int_equal(fs_write(path, text, strlen(text), NULL), 0);
    free(folder);
}

static int make_dir(void **state)
{
    setup(state);
    if (!(dir = fs_tempdir("ksearch-test-", NULL)))
        return -1;
    put("p/src/near.h", "#define NEAR 1\n");
    put("p/src/.env", SECRET "\n");
    put("p/include/far.h", "#define FAR 2\n");
    put("p/include/more.h", SECRET "\n");
    put("p/forced.h", "#define FORCED 3\n");
    put("p/options", "-DOPTION=4\n");
    put("secret.h", SECRET "\n");
    put("job/harness.cu", SECRET "\n");
    return 0;
}

static int remove_dir(void **state)
{
    fs_remove(dir);
    free(dir);
    return teardown(state);
}

static void holds(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("'%s' is not in:\n%s", part, text ? text : "nothing");
}

static void lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("'%s' is in:\n%s", part, text);
}

static const char *nvcc(void)
{
    const char *home = getenv("CUDA_HOME");

    return arena_printf(arena, "%s/bin/nvcc", home && *home ? home : "/usr/local/cuda");
}

/* the target of a text that stands in p/src/t.cu */
static struct units_target target_of(const char *text)
{
    struct command *c = arena_alloc(arena, sizeof *c);
    struct error err = {""};
    struct gpu gpu;
    struct diag d;
    const char *words[] = {nvcc(),
                           "-c",
                           in_dir("p/src/t.cu"),
                           "-I",
                           in_dir("p/src/../include"),
                           "-Xcompiler",
                           "-Wall",
                           "-include",
                           in_dir("p/forced.h"),
                           "--options-file",
                           in_dir("p/options"),
                           NULL};

    put("p/src/t.cu", text);
    if (command_parse(arena, words, c, &err))
        fail_msg("%s", err.text);
    assert_true(gpu_of_arch(9, 0, &gpu));
    diag_init(&d, arena);
    struct source *src = source_wrap(arena, words[2], text, strlen(text));
    struct file *f = annotations_read(arena, src, &(struct reading){.gpu = &gpu}, &d);
    assert_int_equal(d.nerrors, 0);
    return (struct units_target){.command = c,
                                 .file = f,
                                 .spec = &f->specs[0],
                                 .major = 9,
                                 .dir = in_dir("job"),
                                 .contained = true};
}

/* the one variant of a text; freed with the units */
static struct units *build(const struct units_target *t, struct built *b)
{
    static const int64_t value = 32;
    struct units *u = units_new(t, 1, NULL);

    units_add(u, 0, &value);
    for (units_pump(u); !units_next(u, b); units_pump(u))
        units_wait(u, 60000);
    return u;
}

static bool has(const struct buf *blob, const char *word)
{
    return blob && memmem(blob->data, blob->len, word, strlen(word));
}

static bool no_layer(void)
{
    struct error err = {""};

    if (sandbox_layer(&err))
        return false;
    print_message("%s\n", err.text);
    return true;
}

static void it_comes_out_the_same(void **state)
{
    struct units_target t = target_of("#include \"near.h\"\n#include <far.h>\n"
                                      "#include <cuda_fp16.h>\n#include <type_traits>\n"
                                      "static_assert(NEAR + FAR + FORCED + OPTION == 10, \"\");\n"
                                      "constexpr int B = 32;\n" KERNEL);
    const char *reads[] = {in_dir("p/src/near.h"), in_dir("p/include/far.h"), NULL};
    const int64_t value = 64;
    struct hash inside, outside, few;
    struct error err = {""};

    (void)state;
    if (no_layer())
        skip();
    if (units_code(&t, &value, &inside, NULL, &err))
        fail_msg("%s", err.text);
    t.reads = reads;
    if (units_code(&t, &value, &few, NULL, &err))
        fail_msg("%s", err.text);
    t.contained = false;
    if (units_code(&t, &value, &outside, NULL, &err))
        fail_msg("%s", err.text);
    assert_true(hash_equal(&inside, &outside));
    assert_true(hash_equal(&few, &outside));
}

static void what_is_secret_stays_so(void **state)
{
    static const struct {
        const char *line;  /* %s: the folder */
        const char *error; /* NULL: it compiles */
    } CASES[] = {
        {"#include \"/etc/passwd\"", "passwd: No such file"},
        {"#include \"%s/secret.h\"", "secret.h: No such file"},
        {"#include \"../../secret.h\"", "secret.h: No such file"},
        {"#include \".env\"", ".env"},
        {"#include \"%s/job/harness.cu\"", "harness.cu: No such file"},
        {"#include \"../harness.cu\"", "harness.cu: No such file"},
        {"#include \"/proc/self/environ\"", "environ: No such file"},
        {"#include \"/proc/1/environ\"", "environ: No such file"},
        {"#include \"/dev/zero\"", "zero: No such file"},
        {"#include \"/dev/stdin\"", "stdin: No such file"},
        {"#if __has_include(\"/etc/shadow\") || __has_include(\"%s/secret.h\")\n#error "
         "seen\n#endif",
         NULL},
        {"asm(\".incbin \\\"%s/secret.h\\\"\");", NULL},
        {"__device__ void f() { asm(\".incbin \\\"%s/secret.h\\\";\"); }\n"
         "__global__ void g() { f(); }",
         "incbin"},
    };

    (void)state;
    if (no_layer())
        skip();
    setenv("SOME_API_KEY", SECRET, 1);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct built b;
        struct units_target t = target_of(
            arena_printf(arena, "%s\nconstexpr int B = 32;\n" KERNEL,
                         strstr(CASES[i].line, "%s")
                             ? arena_printf(arena, "%.*s%s%s",
                                            (int)(strstr(CASES[i].line, "%s") - CASES[i].line),
                                            CASES[i].line, dir, strstr(CASES[i].line, "%s") + 2)
                             : CASES[i].line));
        t.whole = true; /* g too */
        struct units *u = build(&t, &b);
        if (CASES[i].error) {
            if (!b.error || !strstr(b.said, CASES[i].error))
                fail_msg("%s: %s\n%s", CASES[i].line, b.error, b.said);
            lacks(b.said, SECRET);
            lacks(b.said, "root:");
            lacks(b.said, dir);
            lacks(b.error, dir);
        } else if (b.error) {
            fail_msg("%s: %s", CASES[i].line, b.error);
        }
        assert_false(has(b.blob, SECRET));
        units_free(u);
    }
    unsetenv("SOME_API_KEY");
}

/* the lines that the compiler shows of a file in an include folder: not when the files are named */
static void only_named_files_are_read(void **state)
{
    struct units_target t = target_of("#include <more.h>\nconstexpr int B = 32;\n" KERNEL);
    const char *reads[] = {in_dir("p/include/far.h"), NULL};
    struct built b;
    struct units *u;

    (void)state;
    if (no_layer())
        skip();
    u = build(&t, &b);
    holds(b.said, "more.h(1): error");
    units_free(u);
    t.reads = reads;
    u = build(&t, &b);
    holds(b.said, "more.h: No such file");
    lacks(b.said, SECRET);
    units_free(u);
}

/* the host compiler that is named is found inside, and has the limits of all that runs there */
static void limits_hold(void **state)
{
    struct units_target t = target_of("#error on purpose\nconstexpr int B = 32;\n" KERNEL);
    struct built b;
    struct units *u;

    (void)state;
    if (no_layer())
        skip();
    put("tools/g++", "#!/bin/sh\necho limits: $(ulimit -v) $(ulimit -t) >&2\nexec g++ \"$@\"\n");
    assert_int_equal(chmod(in_dir("tools/g++"), 0755), 0);
    setenv("NVCC_CCBIN", in_dir("tools/g++"), 1);
    u = build(&t, &b);
    holds(b.error, "on purpose");
    holds(b.said, "limits: 8388608 120\n");
    units_free(u);
    unsetenv("NVCC_CCBIN");
}

static void host_code_is_not_compiled(void **state)
{
    struct units_target t =
        target_of("#pragma ksearch inout(x[n]) workload(n = 64) tune(B = 32, 64)\n"
                  "constexpr int B = 32;\nvoid h(float *x, int n) {}\n");
    struct built b;
    struct units *u;

    (void)state;
    u = build(&t, &b);
    holds(b.error, "host code that a model wrote is not compiled");
    units_free(u);
}

/* in a process of its own: the layer is looked for once */
static int with_sandbox(const char *word, const char *path)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        struct units_target t = target_of("constexpr int B = 32;\n" KERNEL);
        struct built b;
        setenv("KSEARCH_SANDBOX", word, 1);
        if (path)
            setenv("PATH", path, 1);
        build(&t, &b);
        if (b.error)
            fprintf(stderr, "%s\n", b.error);
        _exit(!b.error ? 0 : strstr(b.error, "KSEARCH_SANDBOX") ? 10 : 20);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void nothing_without_a_layer(void **state)
{
    (void)state;
    put("bin/env", "");
    assert_int_equal(with_sandbox("", in_dir("bin")), 10);
    assert_int_equal(with_sandbox("no", NULL), 10);
    assert_false(fs_exists(in_dir("job/unit0_0/unit0_0.cubin")));
    assert_int_equal(with_sandbox("none", NULL), 0);
    assert_true(fs_exists(in_dir("job/unit0_0/unit0_0.cubin")));
}

static void files_of_a_pass(void **state)
{
    static const char text[] =
        "# 1 \"p/t.cu\"\n# 1 \"/usr/include/a.h\" 1 3\nint a;\n"
        "# 2 \"p/t.cu\" 2\n# 1 \"p/near.h\" 1\n# 1 \"/usr/include/a.h\" 1 3\n";
    const char *const *name = depfile_names(arena, text, strlen(text));

    (void)state;
    assert_string_equal(name[0], "/usr/include/a.h");
    assert_string_equal(name[1], "p/near.h");
    assert_null(name[2]);
}

static void paths_are_stripped(void **state)
{
    static const char *const folders[] = {"/home/me/my project", "/home/me", "/t/j", NULL};
    static const struct {
        const char *said, *bare;
    } CASES[] = {
        {"/home/me/my project/a b/t.cu(3): error: x", "a b/t.cu(3): error: x"},
        {"/home/me/t.cu:3:1: error", "t.cu:3:1: error"},
        {"in \"/opt/secret place/x.h\"", "in \"secret place/x.h\""},
        {"from /usr/include/c++/12/cstdio:42,", "from cstdio:42,"},
        {"(/a/b/c.h:1) '/a/b/d'", "(c.h:1) 'd'"},
        {"  int n = a/b/c; // d/e /f", "  int n = a/b/c; // d/e /f"},
        {"x = (n)/2 /3/4; /* a */ // b/c", "x = (n)/2 /3/4; /* a */ // b/c"},
        {"-I/home/me/x -I/a/b", "-Ix -Ib"},
        {"/t/j/unit0_0/unit0_0.cu: /j", "unit0_0/unit0_0.cu: /j"},
        {"//home/me/a", "/a"},
        {"/home/meat/a", "a"},
        {"", ""},
        {"/", "/"},
        {"/a/", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++)
        assert_string_equal(said_bare(arena, CASES[i].said, strlen(CASES[i].said), folders, 1000),
                            CASES[i].bare);
    assert_string_equal(said_bare(arena, "one line\ntwo\nthree lines\n", 25, folders, 24),
                        "one line\n... (and more)\n");
    assert_string_equal(said_bare(arena, "one line without an end", 23, folders, 20),
                        "... (and more)\n");
}

#define IN_DIR(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIR(nothing_without_a_layer), /* first: no layer was looked for yet */
        IN_DIR(it_comes_out_the_same),     IN_DIR(what_is_secret_stays_so),
        IN_DIR(only_named_files_are_read), IN_DIR(limits_hold),
        IN_DIR(host_code_is_not_compiled), IN_DIR(files_of_a_pass),
        IN_DIR(paths_are_stripped),
    };

    unsetenv("KSEARCH_SANDBOX");
    return cmocka_run_group_tests_name("contained", tests, NULL, NULL);
}
