/* tests/unit/element_test.c - numbers of every format, against all there are of each. */
#include "tests/unit/check.h"

#include "runtime/worker/element.h"
#include "runtime/worker/gen.h"

static const struct format {
    int type, e, m, finite;
    uint32_t codes; /* of one sign */
} formats[] = {
    {ELEM_F16, 5, 10, 0, 1u << 15},
    {ELEM_BF16, 8, 7, 0, 1u << 15},
    {ELEM_E4M3, 4, 3, 1, 1u << 7},
    {ELEM_E5M2, 5, 2, 0, 1u << 7},
};
enum { FORMATS = sizeof formats / sizeof *formats };

static void every_code_survives(void **state)
{
    (void)state;
    for (int f = 0; f < FORMATS; f++)
        for (uint32_t code = 0; code < 2 * formats[f].codes; code++) {
            double x = elem_value_of(code, formats[f].type);

            if (isnan(x))
                assert_true(
                    isnan(elem_value_of(elem_bits_of(x, formats[f].type), formats[f].type)));
            else if (!formats[f].finite || !isinf(x))
                assert_int_equal(elem_bits_of(x, formats[f].type), code);
        }
}

/* code's neighbours are no closer; a tie went to the even one */
static void check_nearest(const struct format *f, float x)
{
    uint32_t code = (uint32_t)elem_bits_of(x, f->type) & (f->codes - 1);
    double got = elem_value_of(code, f->type), ax = fabs((double)x);

    assert_int_equal(elem_bits_of(x, f->type) / f->codes, signbit(x) != 0);
    assert_false(isnan(got));
    if (isinf(got))
        return;
    for (int side = -1; side <= 1; side += 2) {
        uint32_t other = code + (uint32_t)side;
        double there;

        if (other >= f->codes)
            continue;
        there = elem_value_of(other, f->type);
        if (isnan(there) || isinf(there))
            continue;
        assert_true(fabs(got - ax) <= fabs(there - ax));
        if (fabs(got - ax) == fabs(there - ax))
            assert_int_equal(code % 2, 0);
    }
}

static void rounding_is_to_nearest_even(void **state)
{
    (void)state;
    for (int f = 0; f < FORMATS; f++) {
        for (uint64_t i = 0; i < 200000; i++) {
            uint32_t bits = (uint32_t)gen_bits(7, i);

            /* mostly within the format's range, sometimes anywhere */
            if (i % 4)
                bits =
                    float_bits((float)ldexp((double)(bits >> 7), (int)(bits & 63) - 32 - 24 - 8));
            if (isfinite(bits_float(bits)))
                check_nearest(&formats[f], bits_float(bits));
        }
        /* exact ties: halfway between all neighbours */
        for (uint32_t code = 0; code + 1 < formats[f].codes; code++) {
            double a = elem_value_of(code, formats[f].type);
            double b = elem_value_of(code + 1, formats[f].type);

            if (isfinite(a) && isfinite(b))
                check_nearest(&formats[f], (float)((a + b) / 2));
        }
    }
}

static void the_ends_of_the_ranges(void **state)
{
    (void)state;
    assert_int_equal(elem_bits_of(1, ELEM_F16), 0x3c00);
    assert_int_equal(elem_bits_of(65504, ELEM_F16), 0x7bff);
    assert_int_equal(elem_bits_of(65519, ELEM_F16), 0x7bff);
    assert_int_equal(elem_bits_of(65520, ELEM_F16), 0x7c00);
    assert_int_equal(elem_bits_of(-INFINITY, ELEM_F16), 0xfc00);
    assert_int_equal(elem_bits_of(5.960464477539063e-08, ELEM_F16), 1);
    assert_int_equal(elem_bits_of(1, ELEM_BF16), 0x3f80);
    assert_int_equal(elem_bits_of(448, ELEM_E4M3), 0x7e);
    assert_int_equal(elem_bits_of(1e9, ELEM_E4M3), 0x7e);
    assert_int_equal(elem_bits_of(INFINITY, ELEM_E4M3), 0x7e);
    assert_int_equal(elem_bits_of(57344, ELEM_E5M2), 0x7b);
    assert_int_equal(elem_bits_of(1e9, ELEM_E5M2), 0x7c);
    assert_true(isnan(elem_value_of(0x7f, ELEM_E4M3)));
    /* the poison of outputs is no number in any of them */
    assert_true(isnan(elem_value_of(UINT64_MAX, ELEM_F64)));
    assert_true(isnan(elem_value_of(0xffffffffu, ELEM_F32)));
    for (int f = 0; f < FORMATS; f++)
        assert_true(isnan(elem_value_of(2 * formats[f].codes - 1, formats[f].type)));
}

static void integers_are_stored_whole(void **state)
{
    int64_t wide[2] = {0, 0};
    int8_t narrow[3] = {0, 0, 0};
    uint8_t flags[2] = {9, 9};

    (void)state;
    elem_set_int(wide, 1, ELEM_I64, 8, INT64_MIN);
    assert_true(wide[1] == INT64_MIN && wide[0] == 0);
    elem_set_int(narrow, 1, ELEM_I8, 1, -5);
    assert_true(narrow[0] == 0 && narrow[1] == -5 && narrow[2] == 0);
    elem_set_int(flags, 0, ELEM_BOOL, 1, 77);
    elem_set(flags, 1, ELEM_BOOL, 1, 0);
    assert_true(flags[0] == 1 && flags[1] == 0);
    elem_set(wide, 0, ELEM_U64, 8, 18446744073709549568.0);
    assert_true((uint64_t)wide[0] == 18446744073709549568u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_survives),
        cmocka_unit_test(rounding_is_to_nearest_even),
        cmocka_unit_test(the_ends_of_the_ranges),
        cmocka_unit_test(integers_are_stored_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
