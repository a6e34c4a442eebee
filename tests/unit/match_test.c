/* tests/unit/match_test.c - what counts as the right number. */
#include "tests/unit/check.h"

#include "runtime/worker/match.h"

static int floats(struct match m, float got, float expected, double rms)
{
    return match_element(&m, &got, &expected, 0, ELEM_F32, 4, rms);
}

static const struct match usual = {0, -1, 1e-4, 1e-5, 0, 0};

static void tolerances_are_relative_to_the_output(void **state)
{
    (void)state;
    assert_true(floats(usual, 1.00009f, 1, 1));
    assert_false(floats(usual, 1.0002f, 1, 1));
    assert_true(floats(usual, -1000.05f, -1000, 1));
    /* near zero the size of the other numbers counts */
    assert_true(floats(usual, 5e-6f, 0, 1));
    assert_false(floats(usual, 5e-6f, 0, 1e-3));
    assert_false(floats(usual, 1e-30f, 0, 0));
    assert_true(floats(usual, 0.0f, -0.0f, 0));
}

static void nan_and_infinity_only_for_themselves(void **state)
{
    (void)state;
    assert_true(floats(usual, NAN, NAN, 1));
    assert_false(floats(usual, NAN, 1, 1));
    assert_false(floats(usual, 1, NAN, 1));
    assert_false(floats(usual, NAN, 1, INFINITY));
    assert_true(floats(usual, INFINITY, INFINITY, 1));
    assert_false(floats(usual, INFINITY, -INFINITY, 1));
    assert_false(floats(usual, INFINITY, 3e38f, 1));
    assert_false(floats(usual, 3e38f, INFINITY, 1));
}

static void exact_is_bits(void **state)
{
    struct match m = {1, -1, 1, 1, 0, 0};

    (void)state;
    assert_true(floats(m, 1, 1, 1));
    assert_false(floats(m, nextafterf(1, 2), 1, 1));
    assert_false(floats(m, 0.0f, -0.0f, 1));
}

static void units_in_the_last_place(void **state)
{
    struct match m = {0, 2, 1, 1, 0, 0};
    float x = nextafterf(nextafterf(1, 2), 2), tiny = nextafterf(0, 1);
    uint16_t a = 0x3c00, b = 0x3bfe, c = 0x3bfd;

    (void)state;
    assert_true(floats(m, x, 1, 1));
    assert_false(floats(m, nextafterf(x, 2), 1, 1));
    assert_true(floats(m, tiny, -tiny, 1));
    assert_false(floats(m, NAN, 1, 1));
    assert_true(match_element(&m, &a, &b, 0, ELEM_F16, 2, 1));
    assert_false(match_element(&m, &a, &c, 0, ELEM_F16, 2, 1));
}

static void integers_and_opaque_types(void **state)
{
    struct match m = {0, -1, 1, 1, 0, 0};
    int64_t a[] = {5, INT64_MAX}, b[] = {6, INT64_MAX};
    char p[] = "abcabd", q[] = "abcabc";

    (void)state;
    assert_false(match_element(&m, a, b, 0, ELEM_I64, 8, 1e9));
    assert_true(match_element(&m, a, b, 1, ELEM_I64, 8, 1e9));
    assert_true(match_element(&m, p, q, 0, ELEM_OPAQUE, 3, 1));
    assert_false(match_element(&m, p, q, 1, ELEM_OPAQUE, 3, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tolerances_are_relative_to_the_output),
        cmocka_unit_test(nan_and_infinity_only_for_themselves),
        cmocka_unit_test(exact_is_bits),
        cmocka_unit_test(units_in_the_last_place),
        cmocka_unit_test(integers_and_opaque_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
