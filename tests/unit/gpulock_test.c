/* tests/unit/gpulock_test.c - one holder at a time, and nobody waits for the dead. */
#include "tests/unit/check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/fs.h"
#include "tests/unit/lock_dir.h"
#include "runtime/base/proc.h"
#include "runtime/base/gpulock.h"

static int count(void *arg, double seconds)
{
    assert_true(seconds > 0.9);
    return ++*(int *)arg >= 2;
}

/* a child that holds the lock until it is killed */
static pid_t holder(void)
{
    int ready[2];
    char byte;
    pid_t pid;

    assert_int_equal(pipe(ready), 0);
    pid = fork();
    if (pid == 0) {
        int fd = gpulock_take("GPU-x", NULL, NULL, NULL);

        if (fd < 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static void a_second_waits_and_is_told(void **state)
{
    pid_t pid = holder();
    struct error err = {{0}};
    double begun = now_seconds();
    int calls = 0, fd;

    (void)state;
    assert_int_equal(gpulock_take("GPU-x", count, &calls, &err), -1);
    assert_int_equal(calls, 2);
    assert_true(now_seconds() - begun > 1.9);
    /* another GPU has another lock */
    fd = gpulock_take("GPU-y", NULL, NULL, NULL);
    assert_true(fd >= 0);
    gpulock_release(fd);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    fd = gpulock_take("GPU-x", NULL, NULL, &err);
    assert_true(fd >= 0);
    gpulock_release(fd);
    fd = gpulock_take("GPU-x", NULL, NULL, &err);
    assert_true(fd >= 0);
    gpulock_release(fd);
}

/* one that measures all the time lets others in between */
static void a_waiter_has_its_turn(void **state)
{
    volatile int *rounds =
        mmap(NULL, sizeof *rounds, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork();
    int before, fd;

    (void)state;
    if (pid == 0)
        for (;;) {
            fd = gpulock_take("GPU-t", NULL, NULL, NULL);
            usleep(30000);
            ++*rounds;
            gpulock_release(fd);
        }
    while (*rounds == 0)
        usleep(1000);
    for (int i = 0; i < 5; i++) {
        before = *rounds;
        fd = gpulock_take("GPU-t", NULL, NULL, NULL);
        assert_true(fd >= 0);
        assert_in_range(*rounds - before, 0, 3);
        gpulock_release(fd);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void everybody_may_lock(void **state)
{
    mode_t old = umask(077);
    int fd = gpulock_take("GPU-z", NULL, NULL, NULL);
    char path[4096];
    struct stat st;

    (void)state;
    umask(old);
    assert_true(fd >= 0);
    snprintf(path, sizeof path, "%s/ksearch-gpu-GPU-z.lock", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0666);
    gpulock_release(fd);
}

static void links_are_not_followed(void **state)
{
    struct error err = {{0}};
    char path[4096], target[4096];

    (void)state;
    snprintf(path, sizeof path, "%s/ksearch-gpu-GPU-l.lock", dir);
    snprintf(target, sizeof target, "%s/elsewhere", dir);
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(gpulock_take("GPU-l", NULL, NULL, &err), -1);
    assert_true(err.text[0]);
    assert_false(fs_exists(target));
}

static void a_missing_folder_is_an_error(void **state)
{
    struct error err = {{0}};
    char path[4096];

    (void)state;
    snprintf(path, sizeof path, "%s/none", dir);
    setenv("KSEARCH_LOCK_DIR", path, 1);
    assert_int_equal(gpulock_take("GPU-x", NULL, NULL, &err), -1);
    assert_non_null(strstr(err.text, path));
    setenv("KSEARCH_LOCK_DIR", dir, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_waits_and_is_told),   cmocka_unit_test(a_waiter_has_its_turn),
        cmocka_unit_test(everybody_may_lock),           cmocka_unit_test(links_are_not_followed),
        cmocka_unit_test(a_missing_folder_is_an_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
