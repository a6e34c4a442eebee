/* Recordings: a journal as one file, and back. */
#include "tests/unit/journal_fixture.h"
#include "runtime/base/buf.h"

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

int main(void)
{
    hush();

    const struct CMUnitTest tests[] = {
        BASE(a_recording_is_the_journal_again),
        BASE(a_compact_one_keeps_six_digits),
        BASE(a_wrong_recording_is_located),
        BASE(a_damaged_recording_is_refused),
    };

    return cmocka_run_group_tests_name("recording", tests, NULL, NULL);
}
