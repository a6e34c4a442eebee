#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/check.h"
#include "runtime/base/fs.h"
#include "runtime/base/proc.h"

/* the words of a shell script as a spec's argv */
#define SHELL(script) ((const char *const[]){"sh", "-c", (script), NULL})

static struct proc_result run(const struct proc_spec *spec)
{
    struct error err = {""};
    struct proc_result result;

    if (proc_run(spec, &result, &err) < 0)
        fail_msg("%s", err.text);
    return result;
}

static void output_and_status(void **state)
{
    struct proc_spec spec = {.argv = SHELL("echo out; echo err >&2; exit 3")};
    struct proc_result result = run(&spec);
    char text[80];

    (void)state;
    assert_string_equal(buf_text(&result.out), "out\n");
    assert_string_equal(buf_text(&result.err), "err\n");
    assert_false(proc_ok(&result));
    assert_false(result.timed_out);
    assert_string_equal(proc_describe(&result, text), "exited with 3");
    assert_true(result.seconds >= 0 && result.seconds < 10);
    proc_result_release(&result);
}

static void success_without_output(void **state)
{
    struct proc_spec spec = {.argv = (const char *const[]){"true", NULL}};
    struct proc_result result = run(&spec);

    (void)state;
    assert_true(proc_ok(&result));
    assert_string_equal(buf_text(&result.out), "");
    proc_result_release(&result);
}

static void big_output_on_both(void **state)
{
    /* more than the pipes hold, in turns: waiting for one pipe alone would never end */
    struct proc_spec spec = {.argv =
                                 SHELL("head -c 3000000 /dev/zero; head -c 1000000 /dev/zero >&2;"
                                       "head -c 2000000 /dev/zero; echo end"),
                             .timeout_ms = 60000};
    struct proc_result result = run(&spec);

    (void)state;
    assert_true(proc_ok(&result));
    assert_int_equal(result.out.len, 5000004);
    assert_int_equal(result.err.len, 1000000);
    assert_memory_equal(result.out.data + 5000000, "end\n", 4);
    proc_result_release(&result);
}

static void input_reaches_the_child(void **state)
{
    static char many[3 << 20];
    struct proc_spec spec = {.argv = SHELL("wc -c"), .input = many, .input_len = sizeof many};
    struct proc_result result = run(&spec);

    (void)state;
    assert_int_equal(atoi(buf_text(&result.out)), sizeof many);
    proc_result_release(&result);
    /* a child that does not look at it is no failure, and one without an input reads nothing */
    spec.argv = SHELL("exit 0");
    result = run(&spec);
    assert_true(proc_ok(&result));
    proc_result_release(&result);
    spec = (struct proc_spec){.argv = SHELL("cat; echo end")};
    result = run(&spec);
    assert_string_equal(buf_text(&result.out), "end\n");
    proc_result_release(&result);
}

static void too_much_output_is_cut(void **state)
{
    struct proc_spec spec = {.argv = SHELL("head -c 6000000 /dev/zero >&2; echo still alive"),
                             .timeout_ms = 60000};
    struct proc_result result = run(&spec);

    (void)state;
    assert_true(proc_ok(&result));
    assert_true(result.err.full);
    assert_int_equal(result.err.len, 4 << 20);
    assert_string_equal(buf_text(&result.out), "still alive\n");
    proc_result_release(&result);
}

static void missing_program(void **state)
{
    struct proc_spec spec = {.argv = (const char *const[]){"no-such-program-here", NULL}};
    struct error err = {""};
    struct proc_result result;

    (void)state;
    assert_int_equal(proc_run(&spec, &result, &err), -1);
    assert_string_equal(err.text, "cannot run no-such-program-here: No such file or directory");
    assert_false(proc_ok(&result));
    proc_result_release(&result);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie */
    assert_int_equal(errno, ECHILD);
}

static void missing_folder(void **state)
{
    struct proc_spec spec = {.argv = (const char *const[]){"true", NULL}, .dir = "/absent"};
    struct error err = {""};

    (void)state;
    assert_null(proc_start(&spec, &err));
    assert_string_equal(err.text, "cannot run true: No such file or directory");
}

static void signal_is_named(void **state)
{
    struct proc_spec spec = {.argv = SHELL("kill -SEGV $$")};
    struct proc_result result = run(&spec);
    char text[80];

    (void)state;
    assert_false(proc_ok(&result));
    assert_string_equal(proc_describe(&result, text),
                        "was killed by signal 11 (Segmentation fault)");
    proc_result_release(&result);
}

static void deadline_kills_the_group(void **state)
{
    /* the grandchild holds the pipe: only the death of the whole group closes it */
    struct proc_spec spec = {.argv = SHELL("echo before; sleep 100 & echo $! >&2; wait"),
                             .timeout_ms = 300};
    struct proc_result result = run(&spec);
    char text[80];
    long grandchild;

    (void)state;
    assert_true(result.timed_out);
    assert_false(proc_ok(&result));
    assert_true(result.seconds >= 0.3 && result.seconds < 20);
    assert_string_equal(buf_text(&result.out), "before\n");
    assert_string_equal(proc_describe(&result, text), "ran out of its 0.3 s");
    grandchild = strtol(buf_text(&result.err), NULL, 10);
    assert_true(grandchild > 1);
    for (int i = 0; i < 1000 && kill((pid_t)grandchild, 0) == 0; i++) {
        /* whoever adopts it may not have reaped it: dead is enough */
        char path[64], status[512] = "";
        snprintf(path, sizeof path, "/proc/%ld/stat", grandchild);
        FILE *f = fopen(path, "r");
        if (f && !fgets(status, sizeof status, f))
            status[0] = '\0';
        if (f)
            fclose(f);
        if (!f || strstr(status, ") Z ") || strstr(status, ") X "))
            break;
        usleep(10000);
        assert_int_not_equal(i, 999);
    }
    proc_result_release(&result);
}

static void what_is_left_behind_ends(void **state)
{
    /* the shell ends at once; its child in the background keeps the pipe */
    struct proc_spec spec = {.argv = SHELL("sleep 100 & echo started"), .timeout_ms = 60000};
    struct proc_result result = run(&spec);

    (void)state;
    assert_true(proc_ok(&result));
    assert_true(result.seconds < 30);
    assert_string_equal(buf_text(&result.out), "started\n");
    proc_result_release(&result);
}

static void a_daemon_does_not_hold_us(void **state)
{
    /* out of the group, and still holding the pipe */
    struct proc_spec spec = {.argv = SHELL("setsid sleep 3 & sleep 0.2; echo started"),
                             .timeout_ms = 60000};
    struct proc_result result = run(&spec);

    (void)state;
    assert_true(proc_ok(&result));
    assert_true(result.seconds < 2.5);
    assert_string_equal(buf_text(&result.out), "started\n");
    proc_result_release(&result);
}

static void environment_and_folder(void **state)
{
    static const char *const env[] = {"ONE=1", "PATH=/usr/bin:/bin", NULL};
    struct proc_spec spec = {.argv = SHELL("echo $ONE-$HOME; pwd"), .env = env, .dir = "/usr"};
    struct proc_result result = run(&spec);

    (void)state;
    assert_string_equal(buf_text(&result.out), "1-\n/usr\n");
    proc_result_release(&result);
}

static void output_to_a_file(void **state)
{
    char *dir = fs_tempdir("proc-test-", NULL), path[4096];
    struct proc_spec spec = {.argv = SHELL("echo out; echo err >&2"), .stdout_path = path};
    struct proc_result result;
    struct buf b;

    (void)state;
    snprintf(path, sizeof path, "%s/out", dir);
    result = run(&spec);
    assert_string_equal(buf_text(&result.out), "");
    assert_string_equal(buf_text(&result.err), "err\n");
    proc_result_release(&result);
    buf_init(&b, 100);
    assert_int_equal(fs_read(path, &b, NULL), 0);
    assert_string_equal(buf_text(&b), "out\n");
    buf_release(&b);
    fs_remove(dir);
    free(dir);
}

static void no_descriptor_leaks(void **state)
{
    struct proc_spec list = {.argv = SHELL("echo /proc/self/fd/*")}, wait = {.argv = SHELL("cat")};
    struct proc_result result;
    char before[4096];

    (void)state;
    result = run(&list);
    snprintf(before, sizeof before, "%s", buf_text(&result.out));
    proc_result_release(&result);
    wait.argv = SHELL("sleep 100");
    struct proc *other = proc_start(&wait, NULL); /* its pipes are open here, but not there */
    result = run(&list);
    assert_string_equal(buf_text(&result.out), before);
    proc_result_release(&result);
    proc_kill(other);
}

static void no_descriptor_is_left_open(void **state)
{
    struct proc_spec spec = {.argv = SHELL("echo x")}, absent = {.argv = SHELL("x"), .dir = "/-"};
    struct error err = {""};
    int before = open("/dev/null", O_RDONLY), after;

    (void)state;
    close(before);
    for (int i = 0; i < 20; i++) {
        struct proc_result result = run(&spec);
        proc_result_release(&result);
        assert_null(proc_start(&absent, &err));
    }
    after = open("/dev/null", O_RDONLY);
    close(after);
    assert_int_equal(before, after);
}

static void input_is_empty(void **state)
{
    struct proc_spec spec = {.argv = (const char *const[]){"cat", NULL}, .timeout_ms = 20000};
    struct proc_result result = run(&spec);

    (void)state;
    assert_true(proc_ok(&result));
    assert_int_equal(result.out.len, 0);
    proc_result_release(&result);
}

static void broken_pipes_kill_a_child(void **state)
{
    /* we ignore SIGPIPE; a child that inherited this would see errors instead */
    struct proc_spec spec = {.argv = SHELL("kill -PIPE $$; echo survived")};
    struct proc_result result = run(&spec);

    (void)state;
    assert_true(WIFSIGNALED(result.status));
    assert_int_equal(WTERMSIG(result.status), SIGPIPE);
    proc_result_release(&result);
}

static void side_by_side(void **state)
{
    enum { N = 8 };
    struct proc *procs[N];
    double start = now_seconds();
    size_t left = N;
    int sum = 0;

    (void)state;
    for (int i = 0; i < N; i++) {
        char script[64];
        snprintf(script, sizeof script, "sleep 0.5; exit %d", i);
        struct proc_spec spec = {.argv = SHELL(script), .timeout_ms = 60000};
        procs[i] = proc_start(&spec, NULL);
        assert_non_null(procs[i]);
    }
    while (left) {
        proc_wait_any(procs, left, 1000);
        for (size_t i = 0; i < left;) {
            struct proc_result result;
            if (!proc_poll(procs[i], &result)) {
                i++;
                continue;
            }
            sum += WEXITSTATUS(result.status);
            proc_result_release(&result);
            procs[i] = procs[--left];
        }
    }
    assert_int_equal(sum, N * (N - 1) / 2);
    assert_true(now_seconds() - start < 0.5 * N); /* not one after the other */
}

static void waiting_for_none_sleeps(void **state)
{
    double start = now_seconds();

    (void)state;
    proc_wait_any(NULL, 0, 50);
    assert_true(now_seconds() - start >= 0.045);
}

/* in a process of its own: proc_init changes it for good */
static int interrupted_child(int sig)
{
    struct proc_spec spec = {.argv = SHELL("sleep 100"), .timeout_ms = 60000};
    struct proc_result result;
    pid_t self = getpid();

    proc_init();
    if (fork() == 0) {
        usleep(200000);
        kill(self, sig);
        _exit(0);
    }
    if (proc_run(&spec, &result, NULL) < 0 || proc_ok(&result) || result.timed_out ||
        proc_interrupted() != sig)
        return 1;
    proc_result_release(&result);
    /* what is started now ends at once, too */
    if (proc_run(&spec, &result, NULL) < 0 || result.seconds > 20)
        return 2;
    proc_result_release(&result);
    proc_end_by_signal();
    return 3;
}

static void a_signal_ends_children_then_us(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM};

    (void)state;
    for (size_t i = 0; i < COUNT(signals); i++) {
        pid_t child = fork();
        int status = 0;

        if (child == 0)
            _exit(interrupted_child(signals[i]));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i]);
    }
}

static int ignoring_child(void)
{
    signal(SIGINT, SIG_IGN);
    proc_init();
    raise(SIGINT);
    return proc_interrupted();
}

static void an_ignored_signal_stays_ignored(void **state)
{
    pid_t child = fork();
    int status = -1;

    (void)state;
    if (child == 0)
        _exit(ignoring_child());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void children_die_with_us(void **state)
{
    char byte;
    int fds[2];
    pid_t child;

    (void)state;
    assert_int_equal(pipe(fds), 0);
    child = fork();
    if (child == 0) {
        /* the grandchild keeps fds[1] open as its standard output until it dies */
        struct proc_spec spec = {.argv = SHELL("exec sleep 100"), .inherit = true};
        dup2(fds[1], STDOUT_FILENO);
        close(fds[0]);
        close(fds[1]);
        if (!proc_start(&spec, NULL))
            _exit(1);
        kill(getpid(), SIGKILL);
    }
    close(fds[1]);
    waitpid(child, NULL, 0);
    alarm(20); /* end of the stream, or this test dies */
    assert_int_equal(read(fds[0], &byte, 1), 0);
    alarm(0);
    close(fds[0]);
}

static void limits_hold(void **state)
{
    struct proc_limits limits = {.address = 256 << 20, .cpu = 1, .file = 4096};
    struct proc_spec spec = {.argv = SHELL("ulimit -v; ulimit -t; ulimit -Ht; ulimit -f"),
                             .limits = &limits};
    struct proc_result result = run(&spec);

    (void)state;
    assert_string_equal(buf_text(&result.out), "262144\n1\n2\n8\n");
    proc_result_release(&result);
    /* an endless loop ends, long before its deadline */
    spec.argv = SHELL("while :; do :; done");
    spec.timeout_ms = 60000;
    result = run(&spec);
    assert_false(result.timed_out);
    assert_true(WIFSIGNALED(result.status));
    assert_int_equal(WTERMSIG(result.status), SIGXCPU);
    proc_result_release(&result);
}

/* `nice` alone prints the niceness that it has */
static void a_child_gives_way(void **state)
{
    struct proc_spec spec = {.argv = (const char *const[]){"nice", NULL}, .timeout_ms = 20000};
    struct proc_result ours = run(&spec), result;
    int own = atoi(buf_text(&ours.out));

    (void)state;
    spec.niceness = 3;
    result = run(&spec);
    assert_int_equal(atoi(buf_text(&result.out)), own + 3 < 19 ? own + 3 : 19);
    assert_int_equal(getpriority(PRIO_PROCESS, 0), own);
    proc_result_release(&ours);
    proc_result_release(&result);
}

static void no_limit_is_ours(void **state)
{
    struct proc_limits limits = {0};
    struct proc_spec plain = {.argv = SHELL("ulimit -a")}, none = plain;
    struct proc_result a = run(&plain), b;

    (void)state;
    none.limits = &limits;
    b = run(&none);
    assert_string_equal(buf_text(&a.out), buf_text(&b.out));
    proc_result_release(&a);
    proc_result_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_and_status),
        cmocka_unit_test(success_without_output),
        cmocka_unit_test(big_output_on_both),
        cmocka_unit_test(input_reaches_the_child),
        cmocka_unit_test(too_much_output_is_cut),
        cmocka_unit_test(missing_program),
        cmocka_unit_test(missing_folder),
        cmocka_unit_test(signal_is_named),
        cmocka_unit_test(deadline_kills_the_group),
        cmocka_unit_test(what_is_left_behind_ends),
        cmocka_unit_test(a_daemon_does_not_hold_us),
        cmocka_unit_test(environment_and_folder),
        cmocka_unit_test(output_to_a_file),
        cmocka_unit_test(no_descriptor_leaks),
        cmocka_unit_test(no_descriptor_is_left_open),
        cmocka_unit_test(input_is_empty),
        cmocka_unit_test(broken_pipes_kill_a_child),
        cmocka_unit_test(side_by_side),
        cmocka_unit_test(waiting_for_none_sleeps),
        cmocka_unit_test(a_signal_ends_children_then_us),
        cmocka_unit_test(an_ignored_signal_stays_ignored),
        cmocka_unit_test(children_die_with_us),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(a_child_gives_way),
        cmocka_unit_test(no_limit_is_ours),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
