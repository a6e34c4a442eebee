/* tests/unit/journal_fixture.h - a run in a folder of its own, over both backends, and facts to put
 * into its journal. */
#ifndef KS_TEST_JOURNAL_FIXTURE_H
#define KS_TEST_JOURNAL_FIXTURE_H

#include <stdio.h>
#include <unistd.h>
#include "tests/unit/check.h"
#include "tests/unit/folder.h"
#include "cache/journal_impl.h"

static char *run;

static inline int set_up_on_disk(void **state)
{
    int rc = make_dir(state);

    setenv("KSEARCH_CACHE_FILES", "0", 1);
    run = journal_path(dir, "one");
    return rc;
}

/* SIGKILL is no loss of power: what reached the kernel stays, so memory will do, and is faster */
static inline int set_up(void **state)
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

static inline int set_up_log(void **state)
{
    int rc = set_up(state);

    setenv("KSEARCH_CACHE_FILES", "1", 1);
    return rc;
}

static inline int tear_down(void **state)
{
    free(run);
    return remove_dir(state);
}

static inline struct journal *open_or_fail(enum journal_mode mode)
{
    struct error err = {""};
    struct journal *j = journal_open(run, mode, NULL, &err);

    assert_string_equal(err.text, "");
    assert_non_null(j);
    return j;
}

/* the fact of number i, of a size that depends on it: some are packed, some take many pages */
static inline json_t *make_fact(size_t i)
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

static inline const char *fact_name(size_t i)
{
    return arena_printf(arena, "trial/%06zu", i);
}

static inline int put(struct journal *j, size_t i, struct error *err)
{
    return journal_put(j, fact_name(i), make_fact(i), err);
}

static inline void put_and_step(struct journal *j, size_t i)
{
    struct error err = {""};

    put(j, i, &err);
    journal_step(j, (double)i / 8, fact_name(i), &err);
    assert_string_equal(err.text, "");
}

static inline void fill(size_t n)
{
    struct journal *j = open_or_fail(JOURNAL_WRITE);

    for (size_t i = 0; i < n; i++)
        put_and_step(j, i);
    journal_close(j);
}

static inline bool has(const struct journal *j, size_t i)
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
static inline void check_steps(const struct journal *j)
{
    for (size_t i = 0; i < journal_steps(j); i++) {
        struct journal_step step = journal_step_at(j, i);
        assert_string_equal(step.name, fact_name(i));
        assert_true(step.seconds == (double)i / 8);
        assert_true(has(j, i));
    }
}

/* the many warnings about damaged journals are not what is tested; failures are on stdout */
static inline void hush(void)
{
    if (!getenv("KSEARCH_DEBUG") && !freopen("/dev/null", "w", stderr))
        exit(1);
}

#define BASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define LOG(test) cmocka_unit_test_setup_teardown(test, set_up_log, tear_down)
#define BOTH(test) BASE(test), LOG(test)

#endif
