/* The journal of a search: what is put comes back. Most tests run over both backends. */
#include <fcntl.h>
#include <sys/stat.h>
#include "tests/unit/journal_fixture.h"
#include "runtime/base/buf.h"

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

int main(void)
{
    hush();

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
    };

    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
