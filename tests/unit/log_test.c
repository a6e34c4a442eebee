#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/check.h"
#include "runtime/base/log.h"
#include "runtime/base/status.h"

static char said[64 * 1024]; /* what the last call of hear() heard */

/* runs f with standard error going to fd's other end, and reads that end into said */
static void hear_by(int to, int from, void (*f)(void))
{
    int before = dup(STDERR_FILENO);
    struct pollfd wait = {.fd = from, .events = POLLIN};
    size_t len = 0;
    ssize_t n = 1;

    dup2(to, STDERR_FILENO);
    f();
    dup2(before, STDERR_FILENO);
    close(before);
    /* a terminal hands its text over a little later, in parts */
    while (n > 0 && len < sizeof said - 1 && poll(&wait, 1, 300) > 0)
        if ((n = read(from, said + len, sizeof said - 1 - len)) > 0)
            len += (size_t)n;
    said[len] = '\0';
    close(to);
    close(from);
}

static void hear(void (*f)(void))
{
    int fds[2];

    assert_int_equal(pipe(fds), 0);
    hear_by(fds[1], fds[0], f);
}

/* a terminal of 40 columns */
static void hear_on_terminal(void (*f)(void))
{
    struct winsize size = {.ws_row = 24, .ws_col = 40};
    int from, to;

    assert_int_equal(openpty(&from, &to, NULL, NULL, &size), 0);
    hear_by(to, from, f);
}

static void all_kinds(void)
{
    log_line("found %d", 3);
    log_warn("odd");
    log_debug("detail");
    log_progress("half done");
    log_progress_end();
}

static void lines_elsewhere(void **state)
{
    (void)state;
    hear(all_kinds);
    assert_string_equal(said, "ksnvcc: found 3\nksnvcc: warning: odd\n");
}

static void quiet_and_debug(void **state)
{
    (void)state;
    setenv("KSEARCH_QUIET", "1", 1);
    hear(all_kinds);
    assert_string_equal(said, "ksnvcc: warning: odd\n");
    setenv("KSEARCH_QUIET", "0", 1);
    setenv("KSEARCH_DEBUG", "1", 1);
    hear(all_kinds);
    assert_string_equal(said, "ksnvcc: found 3\nksnvcc: warning: odd\nksnvcc: debug: detail\n");
    unsetenv("KSEARCH_QUIET");
    unsetenv("KSEARCH_DEBUG");
}

static void progress_then_line(void)
{
    log_progress("half");
    log_line("done");
    log_line("next");
}

static void a_line_clears_progress(void **state)
{
    (void)state;
    hear_on_terminal(progress_then_line);
    assert_string_equal(said,
                        "\r\033[Kksnvcc: half\r\033[Kksnvcc: done\r\n\r\033[Kksnvcc: next\r\n");
}

static void beside(void)
{
    int status;

    log_about("a.cu");
    log_progress("half");
    log_line("on");
    for (int i = 0; i < 2; i++) {
        pid_t child = fork();
        if (child == 0) {
            log_progress_end(); /* it inherited what it would not have after an exec */
            log_about("b.cu");
            log_progress("a quarter");
            log_line("found");
            _exit(0);
        }
        waitpid(child, &status, 0);
        log_progress_end();
    }
    log_about(NULL);
}

/* the last line is the first process's until it has done; what the other says is lines */
static void one_process_has_the_last_line(void **state)
{
    (void)state;
    hear_on_terminal(beside);
    assert_string_equal(said, "\r\033[Kksnvcc: a.cu: half"
                              "\r\033[Kksnvcc: a.cu: on\r\n"
                              "\r\033[Kksnvcc: b.cu: found\r\n"
                              "\r\033[Kksnvcc: b.cu: a quarter"
                              "\r\033[Kksnvcc: b.cu: found\r\n");
}

static void three_times(void)
{
    log_about("a.cu");
    for (int i = 0; i < 3; i++) {
        log_progress("%d of 3", i);
        usleep(30000);
    }
    log_progress_end();
    log_about(NULL);
}

/* in a file, and under make -j on a terminal, it is lines, and none at once */
static void progress_as_lines(void **state)
{
    (void)state;
    setenv("KSEARCH_PROGRESS", "0.02", 1);
    hear(three_times);
    assert_string_equal(said, "ksnvcc: a.cu: 1 of 3\nksnvcc: a.cu: 2 of 3\n");
    setenv("MAKEFLAGS", "k -j16 --jobserver-auth=3,4", 1);
    hear_on_terminal(three_times);
    assert_non_null(strstr(said, "ksnvcc: a.cu: 2 of 3\r\n"));
    setenv("KSEARCH_PROGRESS", "0", 1);
    hear(three_times);
    assert_string_equal(said, "");
    unsetenv("KSEARCH_PROGRESS");
    hear(three_times);
    assert_string_equal(said, "");
    unsetenv("MAKEFLAGS");
}

static void wide_progress(void)
{
    log_progress("%s", "30 characters and then umlauts \xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc");
    log_progress_end();
}

static void progress_fits_the_terminal(void **state)
{
    (void)state;
    hear_on_terminal(wide_progress);
    /* 39 bytes at most, no half character */
    assert_string_equal(said, "\r\033[Kksnvcc: 30 characters and then umlauts \r\033[K");
}

static void long_line(void)
{
    char text[20000];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    log_line("%s", text);
    log_line("ends with its own newline\n");
}

static void a_long_line_still_ends(void **state)
{
    char *end;

    (void)state;
    hear(long_line);
    end = strchr(said, '\n');
    assert_true(end - said > 8000);
    assert_string_equal(end + 1, "ksnvcc: ends with its own newline\n");
}

static void fatal_ends(void)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0)
        fatal("no %s", "way");
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_INTERNAL);
}

static void fatal_says_why(void **state)
{
    (void)state;
    hear(fatal_ends);
    assert_string_equal(said, "ksnvcc: fatal: no way\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_elsewhere),
        cmocka_unit_test(quiet_and_debug),
        cmocka_unit_test(a_line_clears_progress),
        cmocka_unit_test(progress_fits_the_terminal),
        cmocka_unit_test(a_long_line_still_ends),
        cmocka_unit_test(fatal_says_why),
        cmocka_unit_test(one_process_has_the_last_line),
        cmocka_unit_test(progress_as_lines),
    };

    unsetenv("KSEARCH_QUIET");
    unsetenv("KSEARCH_DEBUG");
    unsetenv("KSEARCH_PROGRESS");
    unsetenv("MAKEFLAGS");
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
