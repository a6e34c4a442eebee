#include "tests/unit/check.h"
#include "runtime/base/buf.h"

static void starts_empty(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 10);
    assert_null(b.data);
    assert_string_equal(buf_text(&b), "");
    buf_release(&b);
}

static void grows_and_stays_terminated(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, BUF_LIMIT);
    for (int i = 0; i < 10000; i++) {
        buf_addc(&b, (char)('a' + i % 26));
        assert_int_equal(b.data[b.len], 0);
    }
    assert_int_equal(b.len, 10000);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(b.data[i], 'a' + i % 26);
    buf_release(&b);
    assert_null(b.data);
}

static void formats(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, BUF_LIMIT);
    buf_adds(&b, "x=");
    buf_addf(&b, "%d,%s", 42, "y");
    buf_addf(&b, "%0*d", 500, 7); /* longer than the first allocation */
    assert_int_equal(b.len, 6 + 500);
    assert_memory_equal(b.data, "x=42,y000", 9);
    assert_int_equal(b.data[b.len - 1], '7');
    buf_release(&b);
}

static void keeps_nul_bytes(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, BUF_LIMIT);
    buf_add(&b, "a\0b", 3);
    buf_add(&b, NULL, 0);
    assert_int_equal(b.len, 3);
    assert_memory_equal(b.data, "a\0b", 4);
    buf_release(&b);
}

static void limit_is_exact(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 5);
    buf_adds(&b, "12345");
    assert_false(b.full);
    assert_string_equal(buf_text(&b), "12345");
    buf_addc(&b, '6');
    assert_true(b.full);
    assert_string_equal(buf_text(&b), "12345");
    buf_release(&b);
}

static void full_drops_all_that_follows(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 5);
    buf_adds(&b, "123");
    buf_addf(&b, "%s", "too long");
    assert_true(b.full);
    buf_adds(&b, "4"); /* would fit, but would make a text with a hole */
    assert_string_equal(buf_text(&b), "123");
    buf_clear(&b);
    assert_false(b.full);
    buf_adds(&b, "4");
    assert_string_equal(buf_text(&b), "4");
    buf_release(&b);
}

static void a_huge_piece_does_not_wrap(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, (size_t)-1);
    buf_adds(&b, "abc");
    buf_add(&b, "x", (size_t)-2); /* must be refused before a byte is read */
    assert_true(b.full);
    assert_string_equal(buf_text(&b), "abc");
    buf_release(&b);
}

static void steal_gives_a_string_always(void **state)
{
    struct buf b;
    char *text;

    (void)state;
    buf_init(&b, 100);
    text = buf_steal(&b);
    assert_string_equal(text, "");
    free(text);
    buf_adds(&b, "mine");
    text = buf_steal(&b);
    assert_string_equal(text, "mine");
    free(text);
    assert_int_equal(b.len, 0);
    assert_int_equal(b.limit, 100);
    buf_adds(&b, "again");
    assert_string_equal(buf_text(&b), "again");
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_empty),
        cmocka_unit_test(grows_and_stays_terminated),
        cmocka_unit_test(formats),
        cmocka_unit_test(keeps_nul_bytes),
        cmocka_unit_test(limit_is_exact),
        cmocka_unit_test(full_drops_all_that_follows),
        cmocka_unit_test(a_huge_piece_does_not_wrap),
        cmocka_unit_test(steal_gives_a_string_always),
    };

    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
