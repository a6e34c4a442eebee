/* tests/unit/slots_test.c - no more holders than slots, over all processes, living ones. */
#include "tests/unit/check.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/fs.h"
#include "tests/unit/lock_dir.h"
#include "runtime/base/slots.h"

static void test_one_process(void **state)
{
    struct error err = {""};
    struct slots *s = slots_open(&err);

    (void)state;
    assert_non_null(s);
    assert_int_equal(slots_take(s, 0), -1);
    assert_int_equal(slots_take(s, 2), 0);
    assert_int_equal(slots_take(s, 2), 1);
    assert_int_equal(slots_take(s, 2), -1);
    assert_int_equal(slots_take(s, 3), 2);
    slots_give(s, 0);
    assert_int_equal(slots_take(s, 2), 0);
    slots_close(s);
}

/* a process that holds so many of four slots until it is killed, and starts a child that outlives
 * it */
static pid_t holder(int n)
{
    int ready[2];
    char byte;

    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct slots *s = slots_open(NULL);
        while (n--)
            if (slots_take(s, 4) < 0)
                _exit(1);
        if (fork() == 0) {
            execlp("sleep", "sleep", "2", NULL);
            _exit(1);
        }
        usleep(200000);
        if (write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static int free_slots(void)
{
    struct slots *s = slots_open(NULL);
    int n = 0;

    while (slots_take(s, 4) >= 0)
        n++;
    slots_close(s);
    return n;
}

static void test_processes(void **state)
{
    (void)state;
    pid_t one = holder(1), two = holder(2);
    assert_int_equal(free_slots(), 1);
    kill(two, SIGKILL);
    waitpid(two, NULL, 0);
    assert_int_equal(free_slots(), 3); /* though its child lives */
    kill(one, SIGTERM);
    waitpid(one, NULL, 0);
    assert_int_equal(free_slots(), 4);
}

static void test_cannot_be_opened(void **state)
{
    struct error err = {""};
    char path[4096], away[4200];

    (void)state;
    snprintf(path, sizeof path, "%s/ksearch-jobs-%u", dir, (unsigned)geteuid());
    snprintf(away, sizeof away, "%s.away", path);
    rename(path, away);
    assert_int_equal(symlink(away, path), 0); /* not followed: /tmp is everybody's */
    assert_null(slots_open(&err));
    assert_true(strstr(err.text, path));
    unlink(path);
    err.text[0] = '\0';
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_null(slots_open(&err));
    assert_true(strstr(err.text, "not a file of ours"));
    unlink(path);
    setenv("KSEARCH_LOCK_DIR", "/proc/nowhere", 1);
    assert_null(slots_open(&err));
    setenv("KSEARCH_LOCK_DIR", dir, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_process),
        cmocka_unit_test(test_processes),
        cmocka_unit_test(test_cannot_be_opened),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
