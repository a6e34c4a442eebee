/* tests/unit/bench_contained_test.c - a bench whose workers are contained, over the driver of
 * tests/fake. */
#include "tests/unit/folder.h"

#include <stddef.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/build/sandbox.h"
#include "driver/search/bench.h"

enum { RIGHT = 0, WRONG = 1, FAULT = 4, HANG = 5, SPY = 11 };

static const char *fake;

static const char *built_path(const char *name)
{
    const char *build = getenv("KSEARCH_BUILD");

    return arena_printf(arena, "%s/%s", build && *build ? build : "build", name);
}

static int start(void **state)
{
    char *worker, *folder;

    if (make_dir(state))
        return -1;
    worker = realpath(built_path("libexec/ksearch/ksearch-worker"), NULL);
    folder = realpath(built_path("tests/fake"), NULL);
    if (!worker || !folder)
        return -1;
    fake = arena_dup(arena, folder);
    setenv("KSEARCH_WORKER", arena_printf(arena, "nice -n 0 %s", worker), 1);
    setenv("KSEARCH_LOCK_DIR", dir, 1);
    setenv("LD_LIBRARY_PATH", fake, 1);
    setenv("SPY", "1", 1);
    free(worker);
    free(folder);
    return 0;
}

static bool no_layer(void)
{
    struct error err = {""};

    if (sandbox_layer(&err))
        return false;
    print_message("%s\n", err.text);
    return true;
}

static const struct spec *spec_of(const char *in)
{
    const char *text = arena_printf(
        arena,
        "#pragma ksearch in(%s) out(c[n]) workload(n = 64) launch(grid = cdiv(n, B), block = B) "
        "tune(B = 32, 64)\nconstexpr int B = 32;\n"
        "__global__ void vadd(const float *a, const float *b, float *c, int n) {}\n",
        in);
    struct diag d;
    struct gpu gpu;
    struct buf b;

    assert_true(gpu_of_arch(9, 0, &gpu));
    diag_init(&d, arena);
    struct file *f = annotations_read(arena, source_wrap(arena, in_dir("t.cu"), text, strlen(text)),
                                      &(struct reading){.gpu = &gpu}, &d);
    buf_init(&b, BUF_LIMIT);
    diag_text(&d, &b);
    if (!f || d.nerrors)
        fail_msg("%s", buf_text(&b));
    buf_release(&b);
    return &f->specs[0];
}

static void open_target(struct bench *b, const struct spec *spec)
{
    struct error err = {""};
    struct buf harness;

    buf_init(&harness, BUF_LIMIT);
    assert_int_equal(fs_read(arena_printf(arena, "%s/vadd_harness.so", fake), &harness, NULL), 0);
    if (bench_open(b, spec, 0, &harness, 1, &err) != BENCH_OK)
        fail_msg("%s", err.text);
    buf_release(&harness);
}

static enum bench_result check(struct bench *b, int which, struct error *err)
{
    static const int64_t value = 32;
    static const size_t point = 0;
    struct buf blob;

    buf_init(&blob, BUF_LIMIT);
    assert_int_equal(fs_read(arena_printf(arena, "%s/vadd_%d.cubin", fake, which), &blob, NULL), 0);
    size_t module = bench_add_module(b, false, &blob);
    buf_release(&blob);
    *err = (struct error){""};
    return bench_check(b, bench_add_variant(b, module, "vadd", &value), &point, 1, 1, err);
}

/* something to reach, in the network namespace of this process */
static int listener(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0ksearch-spy"};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    (void)!bind(fd, (struct sockaddr *)&name, offsetof(struct sockaddr_un, sun_path) + 12);
    (void)!listen(fd, 64);
    return fd;
}

static void a_spy_sees_nothing(void **state)
{
    struct error err = {""};
    int fd = listener();

    (void)state;
    if (no_layer())
        skip();
    for (int contained = 0; contained < 2; contained++) {
        struct bench *b = bench_start(contained, &err);
        if (!b || bench_await(b, &err))
            fail_msg("%s", err.text);
        open_target(b, spec_of("a[n], b[n]"));
        if (check(b, RIGHT, &err) != BENCH_OK)
            fail_msg("%s", err.text);
        assert_int_equal(check(b, WRONG, &err), BENCH_FAILED);
        /* it is the variant that computes wrong values when it sees anything */
        if (check(b, SPY, &err) != (contained ? BENCH_OK : BENCH_FAILED))
            fail_msg("%s: %s", contained ? "inside" : "outside", err.text);
        /* another worker after a fault is contained too */
        assert_int_equal(check(b, FAULT, &err), BENCH_FAILED);
        assert_int_equal(check(b, SPY, &err), contained ? BENCH_OK : BENCH_FAILED);
        bench_free(b);
    }
    close(fd);
}

static void put_array(const char *name, float first)
{
    static const char header[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (64,), }";
    char file[128 + 64 * sizeof first];
    float x[64] = {0};

    memset(file, ' ', sizeof file);
    memcpy(file, "\x93NUMPY\x01\0\x76\0", 10);
    memcpy(file + 10, header, sizeof header - 1);
    file[127] = '\n';
    for (int i = 0; i < 64; i++)
        x[i] = first + (float)i;
    memcpy(file + 128, x, sizeof x);
    assert_int_equal(fs_write(in_dir(name), file, sizeof file, NULL), 0);
}

static void arrays_of_files_are_read(void **state)
{
    struct error err = {""};
    struct bench *b;

    (void)state;
    if (no_layer())
        skip();
    put_array("x.npy", 1);
    put_array("y.npy", 2);
    b = bench_start(true, &err);
    if (!b || bench_await(b, &err))
        fail_msg("%s", err.text);
    open_target(b, spec_of("a[n] = file(\"x.npy\"), b[n]"));
    assert_int_equal(check(b, RIGHT, &err), BENCH_OK);
    open_target(b, spec_of("a[n] = file(\"y.npy\"), b[n] = file(\"x.npy\")"));
    assert_int_equal(check(b, RIGHT, &err), BENCH_OK);
    assert_int_equal(check(b, WRONG, &err), BENCH_FAILED);
    bench_free(b);
}

/* is the lock in the folder there, and held? */
static bool is_held(void)
{
    bool held = false;
    glob_t found;

    if (glob(in_dir("ksearch-gpu-*.lock"), 0, NULL, &found) == 0) {
        int fd = open(found.gl_pathv[0], O_RDWR | O_CLOEXEC);
        held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;
        close(fd);
    }
    globfree(&found);
    return held;
}

/* what a contained worker holds while it measures is the lock of the workers outside */
static void the_lock_is_shared(void **state)
{
    struct error err = {""};
    bool held = false;
    pid_t pid;

    (void)state;
    if (no_layer())
        skip();
    pid = fork();
    if (pid == 0) {
        struct bench *b = bench_start(true, &err);
        if (!b || bench_await(b, &err))
            _exit(1);
        open_target(b, spec_of("a[n], b[n]"));
        check(b, HANG, &err);
        _exit(0);
    }
    for (int i = 0; i < 1000 && !held; i++) {
        held = is_held();
        usleep(10000);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_true(held);
}

#define IN_DIR(name) cmocka_unit_test_setup_teardown(name, start, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIR(a_spy_sees_nothing),
        IN_DIR(arrays_of_files_are_read),
        IN_DIR(the_lock_is_shared),
    };

    signal(SIGPIPE, SIG_IGN);
    unsetenv("KSEARCH_SANDBOX");
    return cmocka_run_group_tests_name("bench", tests, NULL, NULL);
}
