/* The journal when its writers are killed, or do not wait for the disk: what was acknowledged is
 * there. */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "tests/unit/journal_fixture.h"

struct told { /* in memory of both: what was acknowledged */
    volatile size_t facts, steps;
    volatile pid_t child; /* which holds the database; once it is open */
};

/* the process that holds the database for us */
static pid_t child_of_ours(void)
{
    char path[64];
    int pid = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    f = fopen(path, "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%d", &pid), 1);
    fclose(f);
    return pid;
}

static void write_for_ever(struct told *told, bool has_child)
{
    struct journal *j;

    setpgid(0, 0);
    j = journal_open(run, JOURNAL_WRITE, NULL, NULL);
    if (!j || j->damaged || journal_steps(j) < told->steps)
        _exit(1);
    told->child = has_child ? child_of_ours() : getpid();
    for (size_t i = journal_steps(j);; i++) {
        if (put(j, i, NULL) < 0 || (i % 2 && journal_sync(j, NULL) < 0))
            _exit(2);
        told->facts = i % 2 ? i + 1 : told->facts;
        if (journal_step(j, (double)i / 8, fact_name(i), NULL) < 0)
            _exit(3);
        told->facts = told->steps = i + 1;
    }
}

/* the writer, with its child, or its child and then the writer; one time in eight while it opens */
static void kill_one(struct told *told, uint64_t random, bool has_child)
{
    useconds_t after = (useconds_t)((random >> 33) % 2500);
    pid_t pid;
    int status;

    told->child = 0;
    pid = fork();
    if (pid == 0)
        write_for_ever(told, has_child);
    setpgid(pid, pid);
    for (int ms = 0; random % 8 && !told->child && ms < 2000; ms++)
        usleep(1000);
    usleep(after);
    if (random / 8 % 3 == 0 && has_child && told->child) {
        kill(told->child, SIGKILL);
        usleep(after);
    }
    kill(random / 8 % 3 == 1 ? -pid : pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL); /* it never gave up */
}

#ifdef __SANITIZE_ADDRESS__
enum { KILLS = 40 }; /* a fork takes long there */
#else
enum { KILLS = 300 };
#endif

static void kill_many(int rounds, bool has_child)
{
    struct told *told =
        mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t random = 7;
    size_t written = 0;

    for (int round = 0; round < rounds; round++) {
        struct journal *j;
        random = random * 6364136223846793005u + 1442695040888963407u;
        kill_one(told, random >> 8, has_child);
        j = open_or_fail(JOURNAL_WRITE);
        assert_int_equal(j->damaged, 0);
        assert_true(journal_steps(j) >= told->steps);
        check_steps(j);
        for (size_t i = journal_steps(j); i < told->facts; i++)
            assert_true(has(j, i));
        journal_close(j);
        if (round % 6 == 5) { /* begin again: the time goes into reading it otherwise */
            written += told->steps;
            told->facts = told->steps = 0;
            fs_remove(run);
        }
    }
    assert_true(written > 0); /* else nothing was tested; how many, the machine decides */
    munmap(told, sizeof *told);
}

static void killed_writers_lose_nothing(void **state)
{
    (void)state;
    kill_many(KILLS, true);
}

static void post_for_ever(struct told *told)
{
    struct journal *j = journal_open(run, JOURNAL_WRITE, NULL, NULL);

    for (size_t i = 0; j; i++) {
        if (put(j, i, NULL) < 0 || journal_post(j, (double)i / 8, fact_name(i), NULL) < 0)
            break;
        told->steps = i + 1;
    }
    _exit(1);
}

/* the child that has the rows goes on without the one who posted them */
static void what_was_posted_is_kept_without_the_writer(void **state)
{
    struct told *told =
        mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    (void)state;
    for (int round = 0; round < 20; round++) {
        struct journal *j = NULL;
        size_t steps = 0;
        pid_t pid;

        told->steps = 0;
        pid = fork();
        if (pid == 0)
            post_for_ever(told);
        while (told->steps < 3)
            usleep(100);
        usleep((useconds_t)(round * 700));
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        j = open_or_fail(JOURNAL_WRITE); /* who goes on begins behind it */
        steps = journal_steps(j);
        assert_int_equal(j->damaged, 0);
        check_steps(j);
        journal_close(j);
        assert_true(steps >= told->steps);
        fs_remove(run);
    }
    munmap(told, sizeof *told);
}

static pid_t only_child_of(pid_t pid)
{
    char path[64];
    int child = 0;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *f = fopen(path, "r");
    if (f && fscanf(f, "%d", &child) != 1)
        child = 0;
    if (f)
        fclose(f);
    return child;
}

static void who_goes_on_waits_for_what_was_posted(void **state)
{
    struct told *told =
        mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork(), child, other;

    (void)state;
    if (pid == 0)
        post_for_ever(told);
    while (told->steps < 3)
        usleep(100);
    child = only_child_of(pid);
    if (child)
        kill(child, SIGSTOP);
    usleep(50000); /* what it was handed last it has not written */
    size_t steps = told->steps;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    if (!child)
        skip(); /* the kernel does not tell */
    other = fork();
    if (other == 0) {
        usleep(200000);
        kill(child, SIGCONT);
        _exit(0);
    }
    struct journal *j = open_or_fail(JOURNAL_WRITE);
    assert_true(journal_steps(j) >= steps);
    check_steps(j);
    journal_close(j);
    waitpid(other, NULL, 0);
    munmap(told, sizeof *told);
}

static void what_is_posted_is_told_to_all_that_follows(void **state)
{
    struct journal *j = open_or_fail(JOURNAL_WRITE), *reader;

    (void)state;
    for (size_t i = 0; i < 40; i++) {
        assert_int_equal(put(j, i, NULL), 0);
        assert_int_equal(i % 3 ? journal_post(j, (double)i / 8, fact_name(i), NULL)
                               : journal_step(j, (double)i / 8, fact_name(i), NULL),
                         0);
    }
    assert_int_equal(journal_sync(j, NULL), 0);
    reader = open_or_fail(JOURNAL_READ);
    assert_int_equal(journal_steps(reader), 40);
    check_steps(reader);
    journal_close(reader);
    journal_close(j);
}

static void killed_writers_of_a_log_lose_nothing(void **state)
{
    (void)state;
    kill_many(KILLS / 2, false);
}

static void another_child_goes_on(void **state)
{
    struct journal *j = open_or_fail(JOURNAL_WRITE);
    static const int signals[] = {SIGKILL, SIGSEGV, SIGBUS};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        put_and_step(j, 2 * i);
        pid_t child = child_of_ours();
        kill(child, SIGINT); /* from a terminal: not meant for it */
        put_and_step(j, 2 * i + 1);
        assert_int_equal(child_of_ours(), child);
        kill(child, signals[i]);
    }
    put_and_step(j, 6);
    check_steps(j);
    journal_close(j);
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(journal_steps(j), 7);
    check_steps(j);
    journal_close(j);
}

/* a pipe of the parent's must end when the parent closes it, whoever was forked meanwhile */
static void the_child_keeps_nothing_open(void **state)
{
    struct journal *j;
    int fds[2];
    char byte;

    (void)state;
    assert_int_equal(pipe(fds), 0);
    j = open_or_fail(JOURNAL_WRITE);
    close(fds[1]);
    alarm(10);
    assert_int_equal(read(fds[0], &byte, 1), 0);
    alarm(0);
    close(fds[0]);
    journal_close(j);
}

int main(void)
{
    hush();

    const struct CMUnitTest tests[] = {
        BASE(killed_writers_lose_nothing),
        BASE(what_was_posted_is_kept_without_the_writer),
        BASE(who_goes_on_waits_for_what_was_posted),
        BOTH(what_is_posted_is_told_to_all_that_follows),
        LOG(killed_writers_of_a_log_lose_nothing),
        BASE(another_child_goes_on),
        BASE(the_child_keeps_nothing_open),
    };

    return cmocka_run_group_tests_name("journal: killed", tests, NULL, NULL);
}
