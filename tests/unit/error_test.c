#include <errno.h>
#include "tests/unit/check.h"
#include "runtime/base/error.h"

static void first_wins(void **state)
{
    struct error err = {""};

    (void)state;
    assert_int_equal(error_set(&err, "no %s", "bread"), -1);
    assert_int_equal(error_set(&err, "no butter"), -1);
    errno = ENOENT;
    assert_int_equal(error_errno(&err, "no jam"), -1);
    assert_string_equal(err.text, "no bread");
}

static void errno_is_behind_and_kept(void **state)
{
    struct error err = {""};

    (void)state;
    errno = EACCES;
    assert_int_equal(error_errno(&err, "cannot open %s", "x"), -1);
    assert_string_equal(err.text, "cannot open x: Permission denied");
    assert_int_equal(errno, EACCES);
}

static void nobody_cares(void **state)
{
    (void)state;
    assert_int_equal(error_set(NULL, "x"), -1);
    assert_int_equal(error_errno(NULL, "x"), -1);
}

static void one_line(void **state)
{
    struct error err = {""};

    (void)state;
    error_set(&err, "a\nb\r\n");
    assert_string_equal(err.text, "a b");
}

static void long_text_is_cut(void **state)
{
    struct error err = {""};
    char text[3000];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    errno = ENOENT;
    error_errno(&err, "%s", text);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_wins),       cmocka_unit_test(errno_is_behind_and_kept),
        cmocka_unit_test(nobody_cares),     cmocka_unit_test(one_line),
        cmocka_unit_test(long_text_is_cut),
    };

    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
