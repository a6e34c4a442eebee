/* tests/unit/jobs_test.c - how many compilers a process is given: alone, beside others, under make.
 */
#include "tests/unit/check.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/build/jobs.h"
#include "runtime/base/fs.h"
#include "tests/unit/lock_dir.h"
#include "runtime/base/proc.h"

static int set_up_jobs(void **state)
{
    unsetenv("MAKEFLAGS");
    unsetenv("KSEARCH_JOBS");
    return set_up(state);
}

/* Processes that do as they are told over a pipe: 't' takes, 'g' gives; the answer is how it went.
 * What jobs.c knows is of a process, so each check is made in ones of its own */
struct other {
    pid_t pid;
    int ask, answer;
};

static struct other other_start(const char *jobs, const char *makeflags)
{
    int ask[2], answer[2];
    char c;

    assert_int_equal(pipe(ask), 0);
    assert_int_equal(pipe(answer), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(ask[1]);
        if (jobs)
            setenv("KSEARCH_JOBS", jobs, 1);
        if (makeflags)
            setenv("MAKEFLAGS", makeflags, 1);
        while (read(ask[0], &c, 1) == 1) {
            bool took = c == 't' && jobs_take();
            if (c == 'g')
                jobs_give();
            if (write(answer[1], took ? "y" : "n", 1) != 1)
                break;
        }
        _exit(0);
    }
    close(ask[0]);
    close(answer[1]);
    return (struct other){pid, ask[1], answer[0]};
}

static bool take(const struct other *o)
{
    char c = 0;
    assert_int_equal(write(o->ask, "t", 1), 1);
    assert_int_equal(read(o->answer, &c, 1), 1);
    return c == 'y';
}

static void give(const struct other *o)
{
    char c;
    assert_int_equal(write(o->ask, "g", 1), 1);
    assert_int_equal(read(o->answer, &c, 1), 1);
}

static void other_end(const struct other *o, int sig)
{
    kill(o->pid, sig);
    assert_int_equal(waitpid(o->pid, NULL, 0), o->pid);
    close(o->ask);
    close(o->answer);
}

static void test_alone(void **state)
{
    (void)state;
    struct other a = other_start("3", NULL);
    assert_true(take(&a));
    assert_true(take(&a));
    assert_true(take(&a));
    assert_false(take(&a));
    give(&a);
    assert_true(take(&a));
    assert_false(take(&a));
    other_end(&a, SIGKILL);
}

/* whoever comes may run one; nobody runs two before all have one; the dead hold nothing */
static void test_beside_others(void **state)
{
    (void)state;
    struct other a = other_start("3", NULL), b = other_start("3", NULL), c = other_start("3", NULL),
                 d = other_start("3", NULL);
    assert_true(take(&a) && take(&a) && take(&a));
    assert_true(take(&b));  /* its first */
    assert_false(take(&b)); /* and no second one: all three slots are a's */
    assert_true(take(&c));
    give(&a); /* b's first gets that slot as soon as b asks again */
    assert_false(take(&b));
    assert_false(take(&a));
    give(&a);
    assert_false(take(&c));
    assert_false(take(&a)); /* now each has one */
    assert_true(take(&d));  /* what the build started may run */
    assert_false(take(&d));
    other_end(&b, SIGKILL);
    other_end(&c, SIGTERM);
    assert_true(take(&d)); /* its first and its second */
    assert_false(take(&d));
    give(&d);
    give(&d);
    assert_true(take(&a) && take(&a));
    assert_false(take(&a));
    other_end(&a, SIGKILL);
    other_end(&d, SIGKILL);
}

static void test_jobserver(void **state)
{
    int ends[2];
    char flags[100], text[8] = "";

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "ab", 2), 2);
    snprintf(flags, sizeof flags, " -j3 --jobserver-auth=%d,%d", ends[0], ends[1]);
    struct other a = other_start("64", flags), b = other_start("64", flags);
    assert_true(take(&a)); /* make's own slot for it */
    assert_true(take(&b));
    assert_true(take(&a) && take(&b));
    assert_false(take(&a) || take(&b));
    give(&b);
    assert_true(take(&a));
    give(&a);
    give(&a);
    give(&a); /* it holds nothing between two compiles */
    give(&b);
    struct pollfd p = {.fd = ends[0], .events = POLLIN};
    assert_int_equal(poll(&p, 1, 0), 1);
    assert_int_equal(read(ends[0], text, sizeof text - 1), 2);
    other_end(&a, SIGKILL);
    other_end(&b, SIGKILL);
    close(ends[0]);
    close(ends[1]);
}

/* the jobserver is out of reach: its width is known, and is that of the slots */
static void test_width_of_make(void **state)
{
    (void)state;
    struct other a = other_start(NULL, " -j3 --jobserver-auth=900,901"),
                 b = other_start("2", " -j3 --jobserver-auth=900,901");
    assert_true(take(&a) && take(&a) && take(&a));
    assert_false(take(&a));
    give(&a);
    give(&a);
    give(&a);
    assert_true(take(&b) && take(&b)); /* what the user said counts */
    assert_false(take(&b));
    other_end(&a, SIGKILL);
    other_end(&b, SIGKILL);
}

/* with all slots taken it waits, and goes on when a compiler of its own has ended, given back or
 * not */
static void test_wait(void **state)
{
    (void)state;
    struct other a = other_start("2", NULL);
    assert_true(take(&a) && take(&a));
    pid_t pid = fork();
    if (pid == 0) {
        static const char *const argv[] = {"sleep", "0.3", NULL};
        double begun = now_seconds();
        struct proc_spec spec = {.argv = argv};
        setenv("KSEARCH_JOBS", "2", 1);
        struct proc *p = jobs_take() ? proc_start(&spec, NULL) : NULL;
        if (!p || jobs_take())
            _exit(1);
        jobs_wait();
        _exit(now_seconds() - begun > 0.2 ? 0 : 2);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    other_end(&a, SIGKILL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alone),     cmocka_unit_test(test_beside_others),
        cmocka_unit_test(test_jobserver), cmocka_unit_test(test_width_of_make),
        cmocka_unit_test(test_wait),
    };
    return cmocka_run_group_tests(tests, set_up_jobs, tear_down);
}
