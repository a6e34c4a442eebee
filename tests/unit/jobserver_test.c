/* tests/unit/jobserver_test.c - tokens out of make's pipe and back into it, whatever happens. */
#include "tests/unit/check.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/fs.h"
#include "runtime/base/jobserver.h"
#include "runtime/base/proc.h"

/* a pipe as make's, with these tokens in it; the ends are inherited by what we start. Their numbers
 * are none that a make which runs this test may have */
static void make_pipe(int ends[2], const char *tokens, char flags[120])
{
    int low[2];

    assert_int_equal(pipe(low), 0);
    for (int i = 0; i < 2; i++) {
        ends[i] = fcntl(low[i], F_DUPFD, 60);
        close(low[i]);
    }
    assert_int_equal(write(ends[1], tokens, strlen(tokens)), strlen(tokens));
    snprintf(flags, 120, " -j4 --jobserver-auth=%d,%d -- X=1", ends[0], ends[1]);
}

/* what lies in a pipe; it is taken out */
static const char *rest(int fd)
{
    static char text[64];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ssize_t n = poll(&p, 1, 0) == 1 ? read(fd, text, sizeof text - 1) : 0;

    text[n > 0 ? n : 0] = '\0';
    return text;
}

/* the same, once so many tokens lie there: whoever brings them back takes its time */
static const char *rest_of(int fd, size_t tokens)
{
    static char text[64];

    text[0] = '\0';
    for (int tries = 0; strlen(text) < tokens && tries < 1000; tries++) {
        strcat(text, rest(fd));
        usleep(10000);
    }
    return text;
}

static void close_ends(int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

static void test_pipe(void **state)
{
    struct error err = {""};
    char flags[120];
    int ends[2];

    (void)state;
    make_pipe(ends, "abc", flags);
    struct jobserver *j = jobserver_open(flags, &err);
    assert_non_null(j);
    assert_true(jobserver_take(j));
    assert_true(jobserver_take(j));
    assert_true(jobserver_take(j));
    assert_false(jobserver_take(j)); /* does not wait, though make's own end would */
    assert_int_equal(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
    jobserver_give(j);
    assert_true(jobserver_take(j));
    jobserver_give(j);
    jobserver_give(j);
    jobserver_close(j);
    assert_string_equal(rest(ends[0]), "cba"); /* the same bytes, all of them */
    close_ends(ends);
}

static void test_give_too_much(void **state)
{
    char flags[120];
    int ends[2];

    (void)state;
    make_pipe(ends, "+", flags);
    struct jobserver *j = jobserver_open(flags, NULL);
    assert_true(jobserver_take(j));
    jobserver_give(j);
    jobserver_give(j);
    jobserver_close(j);
    assert_string_equal(rest(ends[0]), "+");
    close_ends(ends);
}

static void test_fifo(void **state)
{
    struct error err = {""};
    char *dir = fs_tempdir("jobserver-test", &err), path[4096], flags[4200];

    (void)state;
    assert_non_null(dir);
    snprintf(path, sizeof path, "%s/fifo", dir);
    snprintf(flags, sizeof flags, "ks -j3 --jobserver-auth=fifo:%s", path);
    assert_null(jobserver_open(flags, &err)); /* not there */
    assert_true(strstr(err.text, path));
    assert_int_equal(mkfifo(path, 0600), 0);
    int make = open(path, O_RDWR);
    assert_int_equal(write(make, "xy", 2), 2);
    struct jobserver *j = jobserver_open(flags, NULL);
    assert_non_null(j);
    assert_true(jobserver_take(j));
    assert_true(jobserver_take(j));
    assert_false(jobserver_take(j));
    jobserver_close(j);
    assert_string_equal(rest(make), "yx");
    close(make);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(fs_write(path, "++", 2, &err), 0); /* a file is no pipe */
    err.text[0] = '\0';
    assert_null(jobserver_open(flags, &err));
    assert_true(strstr(err.text, "no pipe"));
    fs_remove(dir);
    free(dir);
}

static void test_flags(void **state)
{
    static const char *const none[] = {
        NULL, "", " ", "w", " -j4", "kB -- X=--jobserver-auth=0,1", "w -- --jobserver-auth=0,1"};
    static const char *const wrong[] = {"--jobserver-auth=",
                                        "--jobserver-auth=3",
                                        "--jobserver-auth=3,",
                                        "--jobserver-auth=a,b",
                                        "--jobserver-auth=3,4,5",
                                        "--jobserver-auth=-2,-2",
                                        "--jobserver-auth=3,3",
                                        "--jobserver-auth=900,901",
                                        "--jobserver-auth=sem:x",
                                        "--jobserver-fds=90,91",
                                        "--jobserver-auth=99999999999,4"};
    struct error err;

    (void)state;
    for (size_t i = 0; i < COUNT(none); i++) {
        err.text[0] = '\0';
        assert_null(jobserver_open(none[i], &err));
        assert_string_equal(err.text, "");
    }
    for (size_t i = 0; i < COUNT(wrong); i++) {
        err.text[0] = '\0';
        assert_null(jobserver_open(wrong[i], &err));
        assert_string_not_equal(err.text, "");
    }
    assert_int_equal(jobserver_width(NULL), 0);
    assert_int_equal(jobserver_width("w"), 0);
    assert_int_equal(jobserver_width(" -j"), 0);
    assert_int_equal(jobserver_width(" -j16 --jobserver-auth=3,4"), 16);
    assert_int_equal(jobserver_width(" -jx"), 0);
    assert_int_equal(jobserver_width("-j2 -j8 -- A=-j4"), 8);
}

/* the last of several counts: sub-makes add theirs behind */
static void test_last_counts(void **state)
{
    char flags[120], all[240];
    int ends[2];

    (void)state;
    make_pipe(ends, "+", flags);
    snprintf(all, sizeof all, "--jobserver-auth=900,901%s", flags);
    struct jobserver *j = jobserver_open(all, NULL);
    assert_non_null(j);
    jobserver_close(j);
    close_ends(ends);
}

/* numbers in MAKEFLAGS that are something else by now */
static void test_other_descriptors(void **state)
{
    char flags[120];
    int one[2], other[2];

    (void)state;
    make_pipe(one, "+", flags);
    make_pipe(other, "+", flags);
    snprintf(flags, sizeof flags, "--jobserver-auth=%d,%d", one[0], other[1]);
    assert_null(jobserver_open(flags, NULL)); /* ends of two pipes */
    snprintf(flags, sizeof flags, "--jobserver-auth=%d,%d", one[0], one[1]);
    fcntl(one[0], F_SETFD, FD_CLOEXEC); /* not inherited: one of ours */
    assert_null(jobserver_open(flags, NULL));
    snprintf(flags, sizeof flags, "--jobserver-auth=%d,%d", STDIN_FILENO, other[1]);
    assert_null(jobserver_open(flags, NULL));
    assert_string_equal(rest(one[0]), "+");
    assert_string_equal(rest(other[0]), "+");
    close_ends(one);
    close_ends(other);
}

/* make closes the descriptors for a recipe that does not say that it is a make: they are found in
 * the make above us, through the shell between. This process plays make by its name */
static void test_closed_descriptors(void **state)
{
    char flags[120], name[16];
    int ends[2], status;

    (void)state;
    make_pipe(ends, "pq", flags);
    prctl(PR_GET_NAME, name);
    for (int is_make = 0; is_make < 2; is_make++) {
        prctl(PR_SET_NAME, is_make ? "gmake" : "shell");
        pid_t shell = fork();
        if (shell == 0) {
            prctl(PR_SET_NAME, "sh) 1 (x"); /* a name may look like anything */
            pid_t job = fork();
            if (job == 0) {
                close_ends(ends);
                struct jobserver *j = jobserver_open(flags, NULL);
                if (!j)
                    _exit(2);
                bool two = jobserver_take(j) && jobserver_take(j) && !jobserver_take(j);
                jobserver_close(j);
                _exit(two ? 1 : 3);
            }
            waitpid(job, &status, 0);
            _exit(WEXITSTATUS(status));
        }
        assert_int_equal(waitpid(shell, &status, 0), shell);
        assert_int_equal(WEXITSTATUS(status), is_make ? 1 : 2);
    }
    prctl(PR_SET_NAME, name);
    assert_string_equal(rest(ends[0]), "qp");
    close_ends(ends);
}

/* a process that holds two tokens, and then does `end` */
static int holder(const char *flags, void (*end)(void), int sig)
{
    char byte;
    int ready[2], status;

    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        proc_init();
        signal(SIGSEGV, SIG_DFL); /* cmocka's own */
        struct jobserver *j = jobserver_open(flags, NULL);
        if (!j || !jobserver_take(j) || !jobserver_take(j) || write(ready[1], "x", 1) != 1)
            _exit(9);
        end();
        jobserver_close(j);
        proc_end_by_signal();
        _exit(0);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    /* the keeper must not keep what it inherited: this end would never be closed */
    if (sig)
        kill(pid, sig);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(read(ready[0], &byte, 1), 0);
    close(ready[0]);
    return status;
}

static void end_exit(void)
{
    _exit(3);
}

static void end_abort(void)
{
    signal(SIGABRT, SIG_DFL);
    abort();
}

static void end_wait(void)
{
    while (!proc_interrupted())
        usleep(1000);
}

static void end_not(void)
{
    for (;;)
        pause();
}

static void test_given_back_at_the_end(void **state)
{
    char flags[120];
    int ends[2], status;

    (void)state;
    make_pipe(ends, "abc", flags);
    status = holder(flags, end_exit, 0);
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_string_equal(rest_of(ends[0], 3), "cba");

    assert_int_equal(write(ends[1], "abc", 3), 3);
    status = holder(flags, end_abort, 0);
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_string_equal(rest_of(ends[0], 3), "cba");

    static const int signals[] = {SIGTERM, SIGINT};
    for (size_t i = 0; i < COUNT(signals); i++) {
        assert_int_equal(write(ends[1], "abc", 3), 3);
        status = holder(flags, end_wait, signals[i]);
        assert_int_equal(WTERMSIG(status), signals[i]);
        assert_string_equal(rest(ends[0]), "cba"); /* at once */
    }
    static const int hard[] = {SIGKILL, SIGHUP, SIGSEGV};
    for (size_t i = 0; i < COUNT(hard); i++) {
        assert_int_equal(write(ends[1], "abc", 3), 3);
        status = holder(flags, end_not, hard[i]);
        assert_int_equal(WTERMSIG(status), hard[i]);
        assert_string_equal(rest_of(ends[0], 3), "cba");
    }
    close_ends(ends);
}

/* nothing is left running when nothing is held */
static void test_no_keeper_left(void **state)
{
    char flags[120];
    int ends[2];

    (void)state;
    make_pipe(ends, "+", flags);
    struct jobserver *j = jobserver_open(flags, NULL);
    for (int i = 0; i < 3; i++) {
        assert_true(jobserver_take(j));
        assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
        jobserver_give(j);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    }
    jobserver_close(j);
    close_ends(ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_give_too_much),
        cmocka_unit_test(test_fifo),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_last_counts),
        cmocka_unit_test(test_other_descriptors),
        cmocka_unit_test(test_closed_descriptors),
        cmocka_unit_test(test_given_back_at_the_end),
        cmocka_unit_test(test_no_keeper_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
