/* The journal of a search: what is put comes back, whatever happened in between. Most tests run
 * over both backends. */
#include <dirent.h>
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/check.h"
#include "tests/unit/folder.h"
#include "cache/journal_impl.h"
#include "runtime/base/buf.h"
#include "runtime/base/proc.h"

static char *run;

static int set_up_on_disk(void **state)
{
    int rc = make_dir(state);

    setenv("KSEARCH_CACHE_FILES", "0", 1);
    run = journal_path(dir, "one");
    return rc;
}

/* SIGKILL is no loss of power: what reached the kernel stays, so memory will do, and is faster */
static int set_up(void **state)
{
    char *before = getenv("TMPDIR") ? strdup(getenv("TMPDIR")) : NULL;
    int rc;

    if (access("/dev/shm", W_OK | X_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 1);
    rc = set_up_on_disk(state);
    if (before)
        setenv("TMPDIR", before, 1);
    else
        unsetenv("TMPDIR");
    free(before);
    return rc;
}

static int set_up_log(void **state)
{
    int rc = set_up(state);

    setenv("KSEARCH_CACHE_FILES", "1", 1);
    return rc;
}

static int tear_down(void **state)
{
    free(run);
    return remove_dir(state);
}

static struct journal *open_or_fail(enum journal_mode mode)
{
    struct error err = {""};
    struct journal *j = journal_open(run, mode, NULL, &err);

    assert_string_equal(err.text, "");
    assert_non_null(j);
    return j;
}

/* the fact of number i, of a size that depends on it: some are packed, some take many pages */
static json_t *make_fact(size_t i)
{
    size_t n = i % 11 == 0 ? 20000 : i % 3 == 0 ? 2000 : 10;
    json_t *us = json_array(), *fact;
    uint64_t x = i + 1;

    for (size_t k = 0; k < n / 10; k++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        json_array_append_new(us, json_real((double)(x >> 40) / 1000));
    }
    fact = json_pack("{s:I, s:s, s:o}", "n", (json_int_t)i, "why", "caf\xc3\xa9", "us", us);
    assert_non_null(fact);
    return fact;
}

static const char *fact_name(size_t i)
{
    return arena_printf(arena, "trial/%06zu", i);
}

static int put(struct journal *j, size_t i, struct error *err)
{
    return journal_put(j, fact_name(i), make_fact(i), err);
}

static void put_and_step(struct journal *j, size_t i)
{
    struct error err = {""};

    put(j, i, &err);
    journal_step(j, (double)i / 8, fact_name(i), &err);
    assert_string_equal(err.text, "");
}

static void fill(size_t n)
{
    struct journal *j = open_or_fail(JOURNAL_WRITE);

    for (size_t i = 0; i < n; i++)
        put_and_step(j, i);
    journal_close(j);
}

static bool has(const struct journal *j, size_t i)
{
    const json_t *fact = journal_fact(j, fact_name(i));
    json_t *wanted;

    if (!fact)
        return false;
    wanted = make_fact(i);
    assert_true(json_equal(fact, wanted));
    json_decref(wanted);
    return true;
}

/* its steps are 0, 1, 2... as put_and_step made them */
static void check_steps(const struct journal *j)
{
    for (size_t i = 0; i < journal_steps(j); i++) {
        struct journal_step step = journal_step_at(j, i);
        assert_string_equal(step.name, fact_name(i));
        assert_true(step.seconds == (double)i / 8);
        assert_true(has(j, i));
    }
}

/* ---- as it should be ------------------------------------------------------------------------ */

static void facts_and_steps_come_back(void **state)
{
    struct journal *j;

    (void)state;
    fill(40);
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(journal_steps(j), 40);
    check_steps(j);
    assert_null(journal_fact(j, "trial/none"));
    journal_close(j);
    j = open_or_fail(JOURNAL_WRITE);
    for (size_t i = 40; i < 50; i++)
        put_and_step(j, i);
    assert_int_equal(journal_steps(j), 50);
    check_steps(j);
    journal_close(j);
    j = open_or_fail(JOURNAL_WRITE);
    assert_int_equal(journal_steps(j), 50);
    check_steps(j);
    assert_int_equal(j->damaged, 0);
    journal_close(j);
}

static void a_name_keeps_its_first_fact(void **state)
{
    struct journal *j = open_or_fail(JOURNAL_WRITE);

    (void)state;
    assert_int_equal(journal_put(j, "a", json_integer(1), NULL), 0);
    assert_int_equal(journal_put(j, "a", json_integer(2), NULL), 0);
    assert_int_equal(json_integer_value(journal_fact(j, "a")), 1);
    journal_close(j);
    j = open_or_fail(JOURNAL_WRITE);
    assert_int_equal(journal_put(j, "a", json_integer(3), NULL), 0);
    assert_int_equal(json_integer_value(journal_fact(j, "a")), 1);
    journal_close(j);
}

static void a_view_takes_the_place_of_the_last(void **state)
{
    struct journal *j = open_or_fail(JOURNAL_WRITE);

    (void)state;
    for (int i = 0; i < 5; i++) {
        put_and_step(j, (size_t)i);
        assert_int_equal(journal_replace(j, "view", json_integer(i), NULL), 0);
        assert_int_equal(json_integer_value(journal_fact(j, "view")), i);
        if (i % 2)
            assert_int_equal(journal_sync(j, NULL), 0);
    }
    assert_int_equal(journal_replace(j, "view", NULL, NULL), -1);
    assert_int_equal(json_integer_value(journal_fact(j, "view")), 4);
    journal_close(j);
    j = open_or_fail(JOURNAL_WRITE);
    assert_int_equal(json_integer_value(journal_fact(j, "view")), 4);
    assert_int_equal(journal_steps(j), 5);
    check_steps(j);
    assert_int_equal(journal_replace(j, "view", json_integer(7), NULL), 0);
    journal_close(j);
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(json_integer_value(journal_fact(j, "view")), 7);
    journal_close(j);
}

static void any_json_is_kept_as_it_is(void **state)
{
    static const char *const texts[] = {"null",
                                        "-0.0",
                                        "5.0",
                                        "5",
                                        "9007199254740993",
                                        "\"\\u0000 \\\" \\n\"",
                                        "[1,2]",
                                        "{\"b\":1,\"a\":{}}",
                                        "0.1",
                                        "1e300",
                                        "true",
                                        "\"\""};
    struct journal *j = open_or_fail(JOURNAL_WRITE);
    char *back;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        json_t *value = json_loads(texts[i], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        assert_int_equal(journal_put(j, fact_name(i), value, NULL), 0);
    }
    journal_close(j);
    j = open_or_fail(JOURNAL_READ);
    for (size_t i = 0; i < COUNT(texts); i++) {
        json_t *value = json_loads(texts[i], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        char *wanted = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        back = json_dumps(journal_fact(j, fact_name(i)), JSON_ENCODE_ANY | JSON_COMPACT);
        assert_string_equal(back, wanted);
        free(back);
        free(wanted);
        json_decref(value);
    }
    journal_close(j);
}

static void what_makes_no_sense_is_refused(void **state)
{
    char longest[JOURNAL_NAME_MAX + 2];
    struct journal *j = open_or_fail(JOURNAL_WRITE);
    struct error err = {""};

    (void)state;
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(journal_put(j, longest, json_true(), &err), -1);
    assert_non_null(strstr(err.text, "1 to 400 bytes"));
    assert_int_equal(journal_put(j, longest + 1, json_true(), NULL), 0);
    assert_int_equal(journal_put(j, "", json_true(), NULL), -1);
    assert_int_equal(journal_put(j, "a\nb", json_true(), NULL), -1);
    assert_int_equal(journal_put(j, "\xff", json_true(), NULL), -1);
    err.text[0] = '\0';
    assert_int_equal(journal_put(j, "a", NULL, &err), -1);
    assert_non_null(strstr(err.text, "a cannot be kept"));
    assert_null(journal_fact(j, "a"));
    err.text[0] = '\0';
    assert_int_equal(journal_step(j, 0, "a", &err), -1);
    assert_non_null(strstr(err.text, "there is no fact a"));
    journal_close(j);
}

static void steps_end_with_one_that_failed(void **state)
{
    struct journal *j = open_or_fail(JOURNAL_WRITE);

    (void)state;
    put_and_step(j, 0);
    assert_int_equal(journal_step(j, 1, "none", NULL), -1);
    assert_int_equal(put(j, 1, NULL), 0);
    assert_int_equal(journal_step(j, 1, fact_name(1), NULL), -1);
    journal_close(j);
    j = open_or_fail(JOURNAL_WRITE);
    assert_int_equal(journal_steps(j), 1);
    assert_true(has(j, 1));
    put_and_step(j, 1);
    journal_close(j);
}

static void a_reader_does_not_write(void **state)
{
    struct error err = {""};
    struct journal *j;

    (void)state;
    assert_null(journal_open(run, JOURNAL_READ, NULL, &err));
    assert_non_null(strstr(err.text, "there is no journal in"));
    assert_false(fs_exists(run));
    fill(3);
    j = open_or_fail(JOURNAL_READ);
    err.text[0] = '\0';
    assert_int_equal(put(j, 3, &err), -1);
    assert_non_null(strstr(err.text, "for reading only"));
    assert_int_equal(journal_step(j, 3, fact_name(2), NULL), -1);
    journal_close(j);
}

static void readers_work_beside_the_one_writer(void **state)
{
    struct journal *j = open_or_fail(JOURNAL_WRITE), *reader;
    struct error err = {""};
    bool busy = false;

    (void)state;
    assert_true(journal_is_held(run));
    for (size_t i = 0; i < 30; i++) {
        put_and_step(j, i);
        if (i % 5 == 0) {
            reader = open_or_fail(JOURNAL_READ);
            assert_int_equal(journal_steps(reader), i + 1);
            check_steps(reader);
            journal_close(reader);
        }
    }
    assert_null(journal_open(run, JOURNAL_WRITE, &busy, &err));
    assert_true(busy);
    assert_non_null(strstr(err.text, "another process"));
    journal_close(j);
    assert_false(journal_is_held(run));
    journal_close(open_or_fail(JOURNAL_WRITE));
}

struct walk {
    size_t n;
    char *last;
};

static void note_name(void *arg, const char *name, const json_t *fact)
{
    struct walk *w = arg;

    assert_non_null(fact);
    assert_true(!w->last || strcmp(w->last, name) < 0);
    w->last = arena_dup(arena, name);
    w->n++;
}

static void each_walks_a_prefix_in_order(void **state)
{
    struct journal *j = open_or_fail(JOURNAL_WRITE);
    struct walk trials = {0}, all = {0};

    (void)state;
    for (size_t i = 50; i-- > 0;)
        assert_int_equal(put(j, i, NULL), 0);
    assert_int_equal(journal_put(j, "trial", json_true(), NULL), 0);
    assert_int_equal(journal_put(j, "trialz", json_true(), NULL), 0);
    journal_each(j, "trial/", note_name, &trials);
    journal_each(j, "", note_name, &all);
    assert_int_equal(trials.n, 50);
    assert_int_equal(all.n, 52);
    journal_close(j);
}

static void a_small_map_grows(void **state)
{
    struct journal *j = journal_open_sized(run, JOURNAL_WRITE, 1 << 16, NULL, NULL), *reader;

    (void)state;
    assert_non_null(j);
    for (size_t i = 0; i < 60; i++)
        put_and_step(j, i);
    reader = open_or_fail(JOURNAL_READ);
    assert_int_equal(journal_steps(reader), 60);
    journal_close(reader);
    journal_close(j);
}

static void runs_are_listed_newest_first(void **state)
{
    const struct timespec times[] = {{1000, 0}, {3000, 0}, {2000, 0}};
    static const char *const names[] = {"old", "new", "middle"};
    char **runs = journal_runs(dir);

    (void)state;
    assert_null(runs[0]);
    free(runs);
    for (size_t i = 0; i < 3; i++) {
        struct timespec set[2] = {times[i], times[i]};
        char *path = journal_path(dir, names[i]);
        journal_close(journal_open(path, JOURNAL_WRITE, NULL, NULL));
        utimensat(AT_FDCWD, arena_printf(arena, "%s/data.mdb", path), set, 0);
        utimensat(AT_FDCWD, arena_printf(arena, "%s/journal.log", path), set, 0);
        free(path);
    }
    mkdir(in_dir("runs/empty"), 0777);
    runs = journal_runs(dir);
    assert_string_equal(runs[0], "new");
    assert_string_equal(runs[1], "middle");
    assert_string_equal(runs[2], "old");
    assert_null(runs[3]);
    for (size_t i = 0; i < 3; i++)
        free(runs[i]);
    free(runs);
}

/* ---- killed --------------------------------------------------------------------------------- */

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

/* ---- what is written together ------------------------------------------------------------- */

static struct {
    struct journal_backend backend;
    int writes;
    size_t rows; /* bytes, of the last write */
    bool fails;
} counted;

static int count_write(struct journal *j, const struct buf *rows, struct error *err)
{
    counted.writes++;
    counted.rows = rows->len;
    return counted.fails ? error_set(err, "the disk is full") : journal_lmdb.write(j, rows, err);
}

static struct journal *open_counted(void)
{
    struct journal *j = open_or_fail(JOURNAL_WRITE);

    counted.backend = journal_lmdb;
    counted.backend.write = count_write;
    counted.writes = 0;
    counted.fails = false;
    j->backend = &counted.backend;
    return j;
}

static void facts_are_written_with_their_step(void **state)
{
    struct journal *j = open_counted();

    (void)state;
    for (size_t i = 0; i < 10; i++)
        put_and_step(j, i);
    assert_int_equal(counted.writes, 10);
    put(j, 10, NULL);
    put(j, 11, NULL);
    put(j, 10, NULL);
    put_and_step(j, 12);
    assert_int_equal(counted.writes, 11);
    assert_int_equal(journal_sync(j, NULL), 0);
    assert_int_equal(journal_step(j, 13, fact_name(11), NULL), 0);
    assert_int_equal(counted.writes, 12);
    put(j, 13, NULL);
    assert_int_equal(journal_sync(j, NULL), 0);
    assert_int_equal(counted.writes, 13);
    journal_close(j);
    assert_int_equal(counted.writes, 13);
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(journal_steps(j), 12);
    for (size_t i = 0; i < 14; i++)
        assert_true(has(j, i));
    journal_close(j);
}

static void facts_wait_for_room(void **state)
{
    struct journal *j = open_counted(), *reader;
    struct error err = {""};

    (void)state;
    put_and_step(j, 0);
    counted.fails = true;
    put(j, 1, NULL);
    assert_int_equal(journal_sync(j, &err), -1);
    assert_string_equal(err.text, "the disk is full");
    put(j, 2, NULL);
    assert_int_equal(journal_step(j, 2, fact_name(2), NULL), -1);
    reader = open_or_fail(JOURNAL_READ);
    assert_false(has(reader, 1) || has(reader, 2));
    journal_close(reader);
    counted.fails = false;
    put(j, 3, NULL);
    assert_int_equal(journal_sync(j, NULL), 0);
    reader = open_or_fail(JOURNAL_READ);
    assert_true(has(reader, 1) && has(reader, 2) && has(reader, 3));
    assert_int_equal(journal_steps(reader), 1); /* the step that failed did not come with them */
    journal_close(reader);
    journal_close(j);
}

/* much is not kept in memory for ever, and little is written by closing */
static void facts_are_written_without_a_step(void **state)
{
    struct journal *j = open_counted();
    char *text = arena_alloc(arena, 1 << 20);
    uint64_t random = 1;

    (void)state;
    for (size_t i = 0; i + 1 < 1 << 20; i++) { /* letters that do not pack well */
        random = random * 6364136223846793005u + 1442695040888963407u;
        text[i] = (char)('!' + random / ((uint64_t)1 << 33) % 90);
    }
    for (size_t i = 0; i < 10; i++)
        journal_put(j, arena_printf(arena, "large/%zu", i),
                    json_pack("[s, I]", text, (json_int_t)i), NULL);
    assert_true(counted.writes >= 1 && counted.writes <= 3);
    assert_true(counted.rows < 6 << 20);
    put(j, 1, NULL);
    journal_close(j);
    j = open_or_fail(JOURNAL_READ);
    for (size_t i = 0; i < 10; i++)
        assert_non_null(journal_fact(j, arena_printf(arena, "large/%zu", i)));
    assert_true(has(j, 1));
    journal_close(j);
}

/* ---- full ----------------------------------------------------------------------------------- */

static void write_until_full(void)
{
    const struct rlimit limit = {150000, 150000};
    struct error err = {""};
    struct journal *j;
    size_t i, first;

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0) /* before its child is there, which has it then */
        _exit(2);
    j = journal_open(run, JOURNAL_WRITE, NULL, NULL);
    i = first = journal_steps(j);
    for (; i < 500 && put(j, i, &err) == 0; i++)
        if (journal_step(j, (double)i / 8, fact_name(i), &err) < 0)
            break;
    if (i == first || i == 500 || !err.text[0])
        _exit(3);
    if (put(j, 1000, NULL) == 0) /* the space of a small one may be there still */
        put(j, 1011, NULL);
    journal_close(j);
    _exit(i < 256 ? (int)i : 4);
}

static void a_full_disk_loses_nothing(void **state)
{
    struct journal *j;
    pid_t pid;
    int status;

    (void)state;
    fill(3);
    pid = fork();
    if (pid == 0)
        write_until_full();
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) > 4);
    j = open_or_fail(JOURNAL_WRITE);
    assert_int_equal(j->damaged, 0);
    assert_int_equal(journal_steps(j), WEXITSTATUS(status));
    check_steps(j);
    for (size_t i = journal_steps(j); i < 300; i++) /* there is room again */
        put_and_step(j, i);
    journal_close(j);
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(journal_steps(j), 300);
    check_steps(j);
    journal_close(j);
}

/* ---- damaged -------------------------------------------------------------------------------- */

enum { ENTRIES = 60 };

static const char *data_file(void)
{
    const char *path = in_dir("runs/one/data.mdb");

    return fs_exists(path) ? path : in_dir("runs/one/journal.log");
}

static void write_bytes(const char *path, const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    close(fd);
}

/* a journal of damaged bytes may have lost things, but what it shows is right, and a search goes on
 * with it: what is written then is there afterwards */
static void use_damaged(void)
{
    struct journal *j = journal_open(run, JOURNAL_READ, NULL, NULL);
    struct error err = {""};
    size_t first;

    if (j) {
        check_steps(j);
        journal_close(j);
    }
    j = journal_open(run, JOURNAL_WRITE, NULL, &err);
    if (!j) {
        assert_true(err.text[0] != '\0');
        return;
    }
    check_steps(j);
    first = journal_steps(j);
    for (size_t i = first; i < first + 3; i++)
        put_and_step(j, i);
    journal_close(j);
    j = open_or_fail(JOURNAL_WRITE);
    assert_int_equal(journal_steps(j), first + 3);
    check_steps(j);
    journal_close(j);
}

static void damaged_bytes_cost_what_they_hit(void **state)
{
    struct buf good, bad;
    uint64_t random = 5;

    (void)state;
    fill(ENTRIES);
    buf_init(&good, BUF_LIMIT);
    assert_int_equal(fs_read(data_file(), &good, NULL), 0);
    for (int round = 0; round < 60; round++) {
        buf_init(&bad, BUF_LIMIT);
        buf_add(&bad, good.data, good.len);
        for (int n = 1 + round / 3; n > 0; n--) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            size_t at = (random >> 20) % good.len;
            if (round % 3 == 1) /* in a page's head */
                at = at / 4096 * 4096 + (random >> 60) * 4;
            if (at < good.len)
                bad.data[at] ^= (char)(1 << (random >> 17) % 8);
        }
        write_bytes(data_file(), bad.data, bad.len);
        use_damaged();
        buf_release(&bad);
    }
    buf_release(&good);
}

static void a_truncated_file_costs_its_end(void **state)
{
    struct buf good;

    (void)state;
    fill(ENTRIES);
    buf_init(&good, BUF_LIMIT);
    assert_int_equal(fs_read(data_file(), &good, NULL), 0);
    for (size_t n = 0; n < good.len; n += n < 9000 ? 1511 : good.len / 23) {
        write_bytes(data_file(), good.data, n);
        use_damaged();
    }
    buf_release(&good);
}

/* changes the text of the fact of that number where it lies */
static void damage_fact(const char *text)
{
    struct buf b;
    char *at;

    buf_init(&b, BUF_LIMIT);
    assert_int_equal(fs_read(data_file(), &b, NULL), 0);
    at = memmem(b.data, b.len, text, strlen(text));
    assert_non_null(at);
    for (; at; at = memmem(at, (size_t)(b.data + b.len - at), text, strlen(text)))
        *at ^= 1;
    write_bytes(data_file(), b.data, b.len);
    buf_release(&b);
}

static void steps_end_at_a_damaged_fact(void **state)
{
    struct journal *j;

    (void)state;
    fill(20);
    damage_fact("{\"n\":7,");
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(j->damaged, 1);
    assert_non_null(strstr(j->damage.text, "trial/000007: its checksum differs"));
    assert_int_equal(journal_steps(j), 7);
    journal_close(j);
    j = open_or_fail(JOURNAL_WRITE);
    assert_int_equal(journal_steps(j), 7);
    assert_false(has(j, 7));
    for (size_t i = 8; i < 20; i++)
        assert_true(has(j, i)); /* of use still: they are found by their names */
    assert_int_equal(put(j, 7, NULL), 0);
    journal_close(j);
    j = open_or_fail(JOURNAL_WRITE); /* and the steps behind it do not come back with it */
    assert_int_equal(journal_steps(j), 7);
    put_and_step(j, 7);
    journal_close(j);
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(journal_steps(j), 8);
    check_steps(j);
    journal_close(j);
}

/* the first bytes of a row are hit: the next one is found nevertheless */
static void a_log_goes_on_behind_damage(void **state)
{
    struct journal *j;
    struct buf b;
    char *at;

    (void)state;
    fill(10);
    buf_init(&b, BUF_LIMIT);
    assert_int_equal(fs_read(data_file(), &b, NULL), 0);
    at = memmem(b.data, b.len, "trial/000004", 12);
    at[-1] ^= 1;
    write_bytes(data_file(), b.data, b.len);
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(j->damaged, 1);
    assert_string_equal(j->damage.text, "bytes that are no entry");
    assert_int_equal(journal_steps(j), 4);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(has(j, i), i != 4);
    journal_close(j);
    buf_release(&b);
}

/* what a killed writer leaves: nobody was told of it, and it is no damage */
static void a_torn_end_of_a_log_is_cut_off(void **state)
{
    struct stat whole, cut;
    struct journal *j;
    struct buf b;

    (void)state;
    fill(10);
    buf_init(&b, BUF_LIMIT);
    assert_int_equal(fs_read(data_file(), &b, NULL), 0);
    stat(data_file(), &whole);
    buf_add(&b, b.data + 18, 40); /* of the first row, behind the line of the format */
    write_bytes(data_file(), b.data, b.len);
    j = open_or_fail(JOURNAL_WRITE);
    stat(data_file(), &cut);
    assert_int_equal(cut.st_size, whole.st_size);
    assert_int_equal(j->damaged, 0);
    put_and_step(j, 10);
    journal_close(j);
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(j->damaged, 0);
    assert_int_equal(journal_steps(j), 11);
    journal_close(j);
    buf_release(&b);
}

static void a_later_schema_is_left_alone(void **state)
{
    static const char text[] = "ksearch journal 2\nwhatever\n";
    struct error err = {""};
    struct buf b;

    (void)state;
    fs_mkdirs(run, NULL);
    write_bytes(in_dir("runs/one/journal.log"), text, strlen(text));
    for (int mode = JOURNAL_WRITE; mode <= JOURNAL_READ; mode++) {
        err.text[0] = '\0';
        assert_null(journal_open(run, (enum journal_mode)mode, NULL, &err));
        assert_non_null(strstr(err.text, "it is of a later version (schema 2, this is 1)"));
    }
    buf_init(&b, BUF_LIMIT);
    assert_int_equal(fs_read(in_dir("runs/one/journal.log"), &b, NULL), 0);
    assert_string_equal(b.data, text);
    buf_release(&b);
}

static void set_schema(const char *text)
{
    MDB_val key = {6, (void *)(uintptr_t) "schema"},
            value = {strlen(text), (void *)(uintptr_t)text};
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi meta;

    assert_int_equal(mdb_env_create(&env), 0);
    mdb_env_set_maxdbs(env, 3);
    assert_int_equal(mdb_env_open(env, run, 0, 0666), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, "meta", 0, &meta), 0);
    assert_int_equal(mdb_put(txn, meta, &key, &value, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

static void a_database_of_a_later_version_is_left_alone(void **state)
{
    struct error err = {""};
    struct journal *j;

    (void)state;
    fill(3);
    set_schema("2");
    for (int mode = JOURNAL_WRITE; mode <= JOURNAL_READ; mode++) {
        err.text[0] = '\0';
        assert_null(journal_open(run, (enum journal_mode)mode, NULL, &err));
        assert_non_null(strstr(err.text, "it is of a later version (schema 2, this is 1)"));
    }
    set_schema("1");
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(journal_steps(j), 3);
    journal_close(j);
}

/* the database goes bad under the child that holds it: what was put is not lost */
static void a_database_that_goes_bad_is_begun_anew(void **state)
{
    struct journal *j = open_or_fail(JOURNAL_WRITE);
    size_t i = 0;

    (void)state;
    for (; i < 30; i++)
        put_and_step(j, i);
    assert_int_equal(truncate(data_file(), 4096 * 3), 0);
    for (; i < 60; i++)
        put_and_step(j, i);
    check_steps(j);
    journal_close(j);
    assert_true(fs_exists(in_dir("runs/one/damaged.mdb")));
    j = open_or_fail(JOURNAL_WRITE);
    assert_int_equal(journal_steps(j), 60);
    check_steps(j);
    journal_close(j);
}

static void a_database_is_no_place_for_some_file_systems(void **state)
{
    struct error err = {""};
    struct journal *j;

    (void)state;
    fill(2);
    setenv("KSEARCH_CACHE_FILES", "1", 1);
    assert_null(journal_open(run, JOURNAL_WRITE, NULL, &err));
    assert_non_null(strstr(err.text, "no place for one"));
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(journal_steps(j), 2);
    journal_close(j);
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
    struct error err = {""};

    (void)state;
    assert_null(journal_open("/proc/nowhere/run", JOURNAL_WRITE, NULL, &err));
    assert_non_null(strstr(err.text, "/proc/nowhere"));
}

/* ---- recordings ----------------------------------------------------------------------------- */

static void same_file(const char *a, const char *b)
{
    struct buf x, y;

    buf_init(&x, BUF_LIMIT);
    buf_init(&y, BUF_LIMIT);
    assert_int_equal(fs_read(a, &x, NULL), 0);
    assert_int_equal(fs_read(b, &y, NULL), 0);
    assert_int_equal(x.len, y.len);
    assert_memory_equal(x.data, y.data, x.len);
    buf_release(&x);
    buf_release(&y);
}

static void a_recording_is_the_journal_again(void **state)
{
    const char *one = in_dir("one.rec"), *two = in_dir("two.rec");
    struct error err = {""};
    struct journal *j, *back;

    (void)state;
    fill(30);
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(journal_export(j, one, false, &err), 0);
    back = journal_import(one, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(journal_steps(back), 30);
    check_steps(back);
    assert_int_equal(journal_export(back, two, false, &err), 0);
    same_file(one, two);
    assert_int_equal(put(back, 30, &err), 0); /* in memory */
    assert_int_equal(journal_step(back, 30, fact_name(30), &err), 0);
    assert_true(has(back, 30));
    journal_close(back);
    journal_close(j);
}

static void a_compact_one_keeps_six_digits(void **state)
{
    const char *one = in_dir("one.rec"), *two = in_dir("two.rec");
    struct journal *j = open_or_fail(JOURNAL_WRITE), *back;

    (void)state;
    journal_put(j, "a", json_pack("[f, f, I]", 12.3456789, 1e-9 / 3, (json_int_t)123456789), NULL);
    journal_step(j, 1.23456789, "a", NULL);
    assert_int_equal(journal_export(j, one, true, NULL), 0);
    back = journal_import(one, NULL);
    assert_true(json_real_value(json_array_get(journal_fact(back, "a"), 0)) == 12.3457);
    assert_true(json_real_value(json_array_get(journal_fact(back, "a"), 1)) == 3.33333e-10);
    assert_int_equal(json_integer_value(json_array_get(journal_fact(back, "a"), 2)), 123456789);
    assert_true(journal_step_at(back, 0).seconds == 1.23457);
    assert_int_equal(journal_export(back, two, true, NULL), 0);
    same_file(one, two);
    journal_close(back);
    journal_close(j);
}

#define FIRST(facts, steps) "{\"ksearch_recording\":1,\"facts\":" #facts ",\"steps\":" #steps "}\n"

static void a_wrong_recording_is_located(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "f:1: this is no recording of a search: it is empty"},
        {"{}\n", "f:1: a line must have 3 members, this has 0"},
        {"{\"a\":1,\"b\":2,\"c\":3}\n", "f:1: this is no recording of a search: it must begin"},
        {"{\"ksearch_recording\":2,\"b\":2,\"c\":3}\n",
         "f:1: this recording is of a later version"},
        {"{\"ksearch_recording\":1,\"facts\":-1,\"steps\":0}\n",
         "f:1: \"facts\" must say how many"},
        {FIRST(1, 0) "{\"fact\":\"a\",\"is\":1", "f:2: the recording is cut short in this line"},
        {FIRST(1, 0) "{\"fact\":\"a\",\"is\":}\n", "f:2: this is no JSON: "},
        {FIRST(1, 0) "[1,2]\n", "f:2: a line must have 2 members"},
        {FIRST(1, 0) "{\"fact\":7,\"is\":1}\n", "f:2: \"fact\" must be a name"},
        {FIRST(1, 0) "{\"fact\":\"\",\"is\":1}\n", "f:2: a fact's name must be 1 to 400 bytes"},
        {FIRST(1, 0) "{\"fact\":\"a\\u0000\",\"is\":1}\n", "f:2: \"fact\" must be a name"},
        {FIRST(1, 0) "{\"fact\":\"a\",\"was\":1}\n", "f:2: the fact a has no \"is\""},
        {FIRST(2, 0) "{\"fact\":\"a\",\"is\":1}\n{\"fact\":\"a\",\"is\":1}\n",
         "f:3: the fact a is there twice"},
        {FIRST(1, 1) "{\"fact\":\"a\",\"is\":1}\n{\"step\":\"b\",\"at\":1}\n",
         "f:3: \"step\" must be the name of a fact above"},
        {FIRST(1, 1) "{\"fact\":\"a\",\"is\":1}\n{\"step\":\"a\",\"at\":-1}\n",
         "f:3: \"at\" must be seconds"},
        {FIRST(2, 0) "{\"fact\":\"a\",\"is\":1}\n",
         "f:3: the recording ends with 1 facts and 0 steps; its first line says 2 and 0"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error err = {""};
        assert_null(journal_import_bytes("f", cases[i].text, strlen(cases[i].text), &err));
        if (strncmp(err.text, cases[i].why, strlen(cases[i].why)) != 0)
            assert_string_equal(err.text, cases[i].why);
    }
}

static void a_damaged_recording_is_refused(void **state)
{
    const char *file = in_dir("one.rec");
    struct error err = {""};
    struct journal *j;
    struct buf b;

    (void)state;
    fill(5);
    j = open_or_fail(JOURNAL_READ);
    assert_int_equal(journal_export(j, file, true, NULL), 0);
    journal_close(j);
    buf_init(&b, BUF_LIMIT);
    assert_int_equal(fs_read(file, &b, NULL), 0);
    for (size_t n = 4; n < b.len; n += 97) {
        assert_null(journal_import_bytes("f", b.data, n, &err));
        assert_non_null(strstr(err.text, "f cannot be unpacked: "));
    }
    for (size_t at = 6; at < b.len; at += 97) {
        b.data[at] ^= 4;
        assert_null(journal_import_bytes("f", b.data, b.len, NULL));
        b.data[at] ^= 4;
    }
    j = journal_import_bytes("f", b.data, b.len, NULL);
    assert_non_null(j);
    journal_close(j);
    buf_release(&b);
}

#define BASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define LOG(test) cmocka_unit_test_setup_teardown(test, set_up_log, tear_down)
#define BOTH(test) BASE(test), LOG(test)

int main(void)
{
    /* the many warnings about damaged journals are not what is tested; failures are on stdout */
    if (!getenv("KSEARCH_DEBUG") && !freopen("/dev/null", "w", stderr))
        return 1;

    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(facts_and_steps_come_back, set_up_on_disk, tear_down),
        BOTH(facts_and_steps_come_back),
        BOTH(a_name_keeps_its_first_fact),
        BOTH(a_view_takes_the_place_of_the_last),
        BOTH(any_json_is_kept_as_it_is),
        BOTH(what_makes_no_sense_is_refused),
        BOTH(steps_end_with_one_that_failed),
        BOTH(a_reader_does_not_write),
        BOTH(readers_work_beside_the_one_writer),
        BASE(each_walks_a_prefix_in_order),
        BASE(a_small_map_grows),
        BOTH(runs_are_listed_newest_first),
        BASE(facts_are_written_with_their_step),
        BASE(facts_wait_for_room),
        BASE(facts_are_written_without_a_step),
        BASE(killed_writers_lose_nothing),
        BASE(what_was_posted_is_kept_without_the_writer),
        BASE(who_goes_on_waits_for_what_was_posted),
        BOTH(what_is_posted_is_told_to_all_that_follows),
        LOG(killed_writers_of_a_log_lose_nothing),
        BASE(another_child_goes_on),
        BASE(the_child_keeps_nothing_open),
        BOTH(a_full_disk_loses_nothing),
        BOTH(damaged_bytes_cost_what_they_hit),
        BOTH(a_truncated_file_costs_its_end),
        BOTH(steps_end_at_a_damaged_fact),
        LOG(a_log_goes_on_behind_damage),
        LOG(a_torn_end_of_a_log_is_cut_off),
        LOG(a_later_schema_is_left_alone),
        BASE(a_database_of_a_later_version_is_left_alone),
        BASE(a_database_that_goes_bad_is_begun_anew),
        BASE(a_database_is_no_place_for_some_file_systems),
        BASE(a_folder_that_cannot_be_made_is_told),
        BASE(a_recording_is_the_journal_again),
        BASE(a_compact_one_keeps_six_digits),
        BASE(a_wrong_recording_is_located),
        BASE(a_damaged_recording_is_refused),
    };

    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
