/* Types of parameters, from demanglers and from programmers; their values and NumPy's names. */
#include "tests/unit/fixture.h"
#include "driver/capture/type.h"

static void types_are_read(void **state)
{
    static const struct {
        const char *text, *name, *descr;
        size_t pointers, size, lanes;
        bool is_const;
    } cases[] = {
        {"float const*", "float", "<f4", 1, 4, 1, true},
        {"const float *__restrict__", "float", "<f4", 1, 4, 1, true},
        {"float*", "float", "<f4", 1, 4, 1, false},
        {"float *const", "float", "<f4", 1, 4, 1, false},
        {"const float * const", "float", "<f4", 1, 4, 1, true},
        {"unsigned long long*", "unsigned long long", "<u8", 1, 8, 1, false},
        {"long unsigned int", "long unsigned int", "<u8", 0, 8, 1, false},
        {"unsigned", "unsigned", "<u4", 0, 4, 1, false},
        {"short", "short", "<i2", 0, 2, 1, false},
        {"signed char*", "signed char", "|i1", 1, 1, 1, false},
        {"unsigned char const*", "unsigned char", "|u1", 1, 1, 1, true},
        {"bool", "bool", "|b1", 0, 1, 1, false},
        {"std::uint16_t *", "std::uint16_t", "<u2", 1, 2, 1, false},
        {"__half const*", "__half", "<f2", 1, 2, 1, true},
        {"__nv_bfloat16*", "__nv_bfloat16", "|V2", 1, 2, 1, false},
        {"__nv_fp8_e4m3*", "__nv_fp8_e4m3", "|V1", 1, 1, 1, false},
        {"float4*", "float4", "<f4", 1, 16, 4, false},
        {"uchar3 const*", "uchar3", "|u1", 1, 3, 3, true},
        {"__half2*", "__half2", "<f2", 1, 4, 2, false},
        {"float**", "float", "<f4", 2, 4, 1, false},
        {"float const* const*", "float", "<f4", 2, 4, 1, true},
        {"Body*", "Body", "|u1", 1, 0, 1, false},
        {"ns::Pair<float, int> const*", "ns::Pair<float, int>", "|u1", 1, 0, 1, true},
        {"(anonymous namespace)::Body*", "(anonymous namespace)::Body", "|u1", 1, 0, 1, false},
        {"struct Body *", "Body", "|u1", 1, 0, 1, false},
        {"void const*", "void", "|u1", 1, 0, 1, true},
        {"", "", "|u1", 0, 0, 1, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct type t = type_read(arena, cases[i].text);
        assert_string_equal(t.name, cases[i].name);
        assert_string_equal(type_descr(arena, &t, 0), cases[i].descr);
        assert_int_equal(t.pointers, cases[i].pointers);
        assert_int_equal(t.size, cases[i].size);
        assert_int_equal(t.lanes, cases[i].lanes);
        assert_int_equal(t.is_const, cases[i].is_const);
    }
}

static void structures_are_named_by_their_size(void **state)
{
    struct type t = type_read(arena, "Body*");

    (void)state;
    assert_string_equal(type_descr(arena, &t, 28), "|V28");
}

static void value_is(const char *type, const void *bytes, size_t size, const char *text)
{
    struct type t = type_read(arena, type);
    const char *value = type_value(arena, &t, bytes, size, NULL, NULL);

    if (text)
        assert_string_equal(value, text);
    else
        assert_null(value);
}

static void values_are_read(void **state)
{
    int minus = -5;
    unsigned most = 0xffffffffu;
    long long large = -(1ll << 40);
    float third = 1.0f / 3;
    double tenth = 0.1;
    uint16_t half = 0xc100, tiny = 1, bfloat = 0x3fc0, inf = 0x7c00, negative = 0xfc00,
             nan = 0x7e00;
    unsigned char yes = 1;

    (void)state;
    value_is("int", &minus, 4, "-5");
    value_is("unsigned int", &most, 4, "4294967295");
    value_is("long", &large, 8, "-1099511627776");
    value_is("float", &third, 4, "0.333333343");
    value_is("double", &tenth, 8, "0.10000000000000001");
    value_is("__half", &half, 2, "-2.5");
    value_is("__half", &tiny, 2, "5.9605e-08");
    value_is("__nv_bfloat16", &bfloat, 2, "1.5");
    value_is("__half", &inf, 2, "__builtin_inf()");
    value_is("__half", &negative, 2, "-__builtin_inf()");
    value_is("__half", &nan, 2, "__builtin_nan(\"\")");
    value_is("bool", &yes, 1, "1");
    value_is("Mode", &minus, 4, "4294967291"); /* an enumeration: its bits */
    value_is("Body", &tenth, 7, NULL);
    value_is("float4", &tenth, 16, NULL);
    value_is("int", &large, 8, NULL); /* the type is not what is there */
}

static void whole_numbers_are_told(void **state)
{
    struct type t = type_read(arena, "int"), f = type_read(arena, "float");
    int seven = 7;
    float one = 1;
    long long n = 0;
    bool whole = false;

    (void)state;
    type_value(arena, &t, (const unsigned char *)&seven, 4, &n, &whole);
    assert_true(whole);
    assert_int_equal(n, 7);
    type_value(arena, &f, (const unsigned char *)&one, 4, &n, &whole);
    assert_false(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_read),
        cmocka_unit_test(structures_are_named_by_their_size),
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(whole_numbers_are_told),
    };

    return cmocka_run_group_tests_name("type", tests, setup, teardown);
}
