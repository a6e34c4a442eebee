/* tests/unit/values_test.c - hard inputs keep to what a generator may give, answers are sealed, and
 * errors are told apart. */
#include "tests/unit/check.h"

#include "runtime/worker/errors.h"
#include "runtime/worker/kernels.h"
#include "runtime/worker/values.h"

enum { COUNT = 256 };

static const struct shape floats = {.type = ELEM_F32, .size = 4, .lanes = 1, .count = COUNT};

static void names_are_found(void **state)
{
    (void)state;
    assert_int_equal(values_find(NULL), VALUES_DRAWN);
    assert_int_equal(values_find("nan"), VALUES_NAN);
    assert_int_equal(values_find("odd"), VALUES_CASES);
}

/* whatever the case, uniform(0.5, 1.5) gives nothing else */
static void named_ranges_are_kept(void **state)
{
    (void)state;
    for (int v = VALUES_DRAWN; v < VALUES_CASES; v++)
        for (unsigned turn = 0; turn < 3; turn++) {
            struct gen gen = {.kind = GEN_UNIFORM, .arg = {0.5, 1.5, 0}};
            struct refusal r = {0};
            uint64_t bits;
            float x[COUNT];

            values_gen((enum values)v, &floats, turn, &gen);
            assert_int_equal(gen_make(&gen, &floats, 7, x, &r), 0);
            for (int i = 0; i < COUNT; i++)
                assert_true(x[i] >= 0.5f && x[i] <= 1.5f);
            assert_false(values_plant((enum values)v, &floats, &gen, &bits));
        }
}

static void where_none_is_named_any_number_may_come(void **state)
{
    struct gen any = {.kind = GEN_NORMAL, .arg = {0, 1, 0}, .any = 1}, named = any, gen;
    struct refusal r = {0};
    uint64_t bits = 0;
    float x[COUNT];

    (void)state;
    named.any = 0;
    assert_true(values_plant(VALUES_NAN, &floats, &any, &bits));
    assert_true(isnan(bits_float((uint32_t)bits)));
    assert_false(values_plant(VALUES_NAN, &floats, &named, &bits));
    gen = any;
    assert_true(values_gen(VALUES_ZEROS, &floats, 1, &gen));
    assert_int_equal(gen_make(&gen, &floats, 7, x, &r), 0);
    assert_true(x[5] == 0 && signbit(x[5]));
    gen = any;
    assert_true(values_gen(VALUES_DENORMAL, &floats, 0, &gen));
    assert_int_equal(gen_make(&gen, &floats, 7, x, &r), 0);
    for (int i = 0; i < COUNT; i++)
        assert_true(fabsf(x[i]) < 1.17549435e-38f && x[i] != 0);
    gen = any;
    assert_true(values_gen(VALUES_WIDE, &floats, 0, &gen));
    assert_int_equal(gen_make(&gen, &floats, 7, x, &r), 0);
    for (int i = 0; i < COUNT; i++)
        assert_true(fabsf(x[i]) >= 9e-7f && fabsf(x[i]) <= 1100000);
    gen = any;
    assert_true(values_gen(VALUES_SORTED, &floats, 0, &gen));
    assert_int_equal(gen_make(&gen, &floats, 7, x, &r), 0);
    for (int i = 1; i < COUNT; i++)
        assert_true(x[i] >= x[i - 1]);
}

static void integers_are_small(void **state)
{
    struct gen gen = {.kind = GEN_NORMAL, .arg = {3, 2, 0}},
               none = {.kind = GEN_UNIFORM, .arg = {0.1, 0.9, 0}};
    struct refusal r = {0};
    float x[COUNT];

    (void)state;
    assert_true(values_gen(VALUES_INTEGERS, &floats, 0, &gen));
    assert_int_equal(gen_make(&gen, &floats, 7, x, &r), 0);
    for (int i = 0; i < COUNT; i++)
        assert_true(x[i] == rintf(x[i]) && fabsf(x[i]) <= 4);
    assert_false(values_gen(VALUES_INTEGERS, &floats, 0, &none)); /* there is none in the range */
}

static void constants_vary(void **state)
{
    struct gen ones = {.kind = GEN_ONES}, random = {.kind = GEN_NORMAL, .arg = {0, 1, 0}};
    struct refusal r = {0};
    float x[COUNT];

    (void)state;
    assert_true(values_gen(VALUES_CONSTANTS, &floats, 0, &ones));
    assert_int_equal(gen_make(&ones, &floats, 7, x, &r), 0);
    assert_true(x[0] != x[1] && x[0] >= 0.5f && x[0] <= 1.5f);
    assert_false(values_gen(VALUES_CONSTANTS, &floats, 0, &random));
}

/* scalars of every size are covered by the words that cover the whole */
static void seals_open(void **state)
{
    union {
        uint8_t byte[64];
        uint32_t word[16];
    } plain, sealed;
    uint64_t stream = gen_stream(1, 2);

    (void)state;
    for (int i = 0; i < 64; i++)
        plain.byte[i] = (uint8_t)(3 * i);
    for (uint64_t w = 0; w < 16; w++)
        sealed.word[w] = plain.word[w] ^ seal_word(stream, w);
    assert_memory_not_equal(plain.byte, sealed.byte, sizeof plain);
    for (int size = 1; size <= 8; size *= 2)
        for (uint64_t i = 0; i < 64 / (uint64_t)size; i++)
            assert_true((elem_bits(sealed.byte, i, size) ^ seal_bits(stream, i, size)) ==
                        elem_bits(plain.byte, i, size));
    for (uint64_t b = 0; b < 64; b++)
        assert_int_equal(sealed.byte[b] ^ seal_byte(stream, b), plain.byte[b]);
}

static void errors_have_a_distribution(void **state)
{
    const struct array a = {.type = ELEM_F32, .size = 4};
    float expected[100], got[100];
    char text[256] = "c is wrong";
    struct errors e;

    (void)state;
    for (int i = 0; i < 100; i++) {
        expected[i] = 1;
        got[i] = i < 50 ? 1 : i < 99 ? 1.25f : NAN;
    }
    got[50] = 9;
    e = errors_of(&a, got, expected, 100, 2);
    assert_true(e.n == 100 && e.equal == 50 && e.none == 1);
    assert_true(e.median == 0.125 && e.most == 4);
    assert_true(e.mean > 0.1 && e.mean < 0.11);
    errors_text(&e, text, sizeof text);
    assert_non_null(strstr(text, "c is wrong; beside the rms they are off by 0.12 in the median"));
    assert_non_null(strstr(text, "; 1 are numbers on one side only"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(named_ranges_are_kept),
        cmocka_unit_test(where_none_is_named_any_number_may_come),
        cmocka_unit_test(integers_are_small),
        cmocka_unit_test(constants_vary),
        cmocka_unit_test(seals_open),
        cmocka_unit_test(errors_have_a_distribution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
