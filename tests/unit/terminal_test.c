#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "tests/unit/check.h"
#include "runtime/base/buf.h"
#include "runtime/base/proc.h"
#include "runtime/base/terminal.h"

static void check_plain(const char *text, const char *wanted)
{
    struct buf out;

    buf_init(&out, 1000);
    terminal_plain(text, strlen(text), &out);
    assert_string_equal(buf_text(&out), wanted);
    buf_release(&out);
}

static void plain(void **state)
{
    (void)state;
    check_plain("", "");
    check_plain("none", "none");
    check_plain("\033[01m\033[Ka.cu:1:\033[m\033[K \033[01;35mwarning\033[0m: x\n",
                "a.cu:1: warning: x\n");
    check_plain("[\033]8;;https://gcc.gnu.org/x\033\\-Wall\033]8;;\033\\]", "[-Wall]");
    check_plain("\033]8;;x\007-Wall", "-Wall");
}

static void what_is_no_sequence_stays(void **state)
{
    static const char *const texts[] = {"\033", "\033[", "\033]8;;x\nline", "\033[01;", "a\033b[m"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_plain(texts[i], texts[i]);
    assert_int_equal(terminal_escape("\033[\0m", 4), 3);
    assert_int_equal(terminal_escape("\033\0", 2), 0);
}

/* runs `script` with a terminal of that width as our standard error */
static void on_terminal(unsigned short width, const char *script, struct proc_result *result)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct winsize size = {.ws_row = 20, .ws_col = width};
    int ours = dup(STDERR_FILENO), master = posix_openpt(O_RDWR | O_NOCTTY), child;
    struct error err = {""};

    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
        skip();
    child = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(child >= 0);
    ioctl(child, TIOCSWINSZ, &size);
    dup2(child, STDERR_FILENO);
    int rc = proc_run(&(struct proc_spec){.argv = argv, .terminal = true}, result, &err);
    dup2(ours, STDERR_FILENO);
    close(ours);
    close(child);
    close(master);
    assert_int_equal(rc, 0);
}

static void a_child_finds_one(void **state)
{
    struct proc_result result;

    (void)state;
    on_terminal(77, "test -t 2 && test ! -t 1 && stty size <&2; echo two >&2; echo lines >&2",
                &result);
    assert_string_equal(buf_text(&result.out), "20 77\n");
    assert_string_equal(buf_text(&result.err), "two\nlines\n");
    proc_result_release(&result);
}

/* more than a terminal holds at once, and nothing of the end is lost */
static void long_output(void **state)
{
    struct proc_result result;

    (void)state;
    on_terminal(80,
                "i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i + 1)); done >&2; "
                "echo end >&2",
                &result);
    assert_int_equal(result.err.len, 20000 * 11 + 4);
    assert_string_equal(buf_text(&result.err) + result.err.len - 4, "end\n");
    proc_result_release(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(what_is_no_sequence_stays),
        cmocka_unit_test(a_child_finds_one),
        cmocka_unit_test(long_output),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
