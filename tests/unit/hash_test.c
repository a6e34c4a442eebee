#include "tests/unit/check.h"
#include "cache/hash.h"

static void known_value(void **state)
{
    /* b2sum -l 256 of no bytes, and of "abc" */
    static const struct {
        const char *text, *hex;
    } known[] = {
        {"", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
        {"abc", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(known); i++) {
        struct hash h = hash_bytes(known[i].text, strlen(known[i].text));
        char hex[65];

        hash_hex(&h, hex);
        assert_string_equal(hex, known[i].hex);
    }
}

static void pieces_are_one_text(void **state)
{
    struct hasher *h = hasher_new();
    struct hash whole = hash_bytes("hello world", 11), pieces;

    (void)state;
    hasher_bytes(h, "hello", 5);
    hasher_bytes(h, "", 0);
    hasher_bytes(h, " world", 6);
    pieces = hasher_end(h);
    assert_true(hash_equal(&whole, &pieces));
}

static struct hash two_strings(const char *a, const char *b)
{
    struct hasher *h = hasher_new();

    hasher_string(h, a);
    hasher_string(h, b);
    return hasher_end(h);
}

static void fields_do_not_run_together(void **state)
{
    static const char *const texts[][2] = {{"ab", "c"},   {"a", "bc"},   {"abc", ""},  {"", "abc"},
                                           {NULL, "abc"}, {"abc", NULL}, {NULL, NULL}, {"", ""}};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct hash a = two_strings(texts[i][0], texts[i][1]);
        for (size_t k = 0; k < COUNT(texts); k++) {
            struct hash b = two_strings(texts[k][0], texts[k][1]);
            assert_int_equal(hash_equal(&a, &b), i == k);
        }
    }
}

static void numbers_are_fields(void **state)
{
    struct hasher *h = hasher_new();
    struct hash a, b;

    (void)state;
    hasher_number(h, -2);
    a = hasher_end(h);
    h = hasher_new();
    hasher_field(h, "\xfe\xff\xff\xff\xff\xff\xff\xff", 8);
    b = hasher_end(h);
    assert_true(hash_equal(&a, &b));
}

static void hex_there_and_back(void **state)
{
    struct hash h = hash_bytes("x", 1), again = {{0}};
    char hex[65];

    (void)state;
    hash_hex(&h, hex);
    assert_int_equal(strlen(hex), 64);
    assert_int_equal(hash_parse(hex, &again), 0);
    assert_true(hash_equal(&h, &again));
    for (int i = 0; i < 64; i++) { /* capitals too */
        if (hex[i] >= 'a')
            hex[i] = (char)(hex[i] - 'a' + 'A');
    }
    assert_int_equal(hash_parse(hex, &again), 0);
    assert_true(hash_equal(&h, &again));
}

static void wrong_hex_is_refused(void **state)
{
    struct hash h = hash_bytes("x", 1), kept = hash_bytes("kept", 4), before = kept;
    char hex[66];

    (void)state;
    hash_hex(&h, hex);
    assert_int_equal(hash_parse("", &kept), -1);
    hex[10] = 'g';
    assert_int_equal(hash_parse(hex, &kept), -1);
    hash_hex(&h, hex);
    strcpy(hex + 64, "0");
    assert_int_equal(hash_parse(hex, &kept), -1);
    hex[63] = '\0';
    assert_int_equal(hash_parse(hex, &kept), -1);
    assert_true(hash_equal(&kept, &before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_value),
        cmocka_unit_test(pieces_are_one_text),
        cmocka_unit_test(fields_do_not_run_together),
        cmocka_unit_test(numbers_are_fields),
        cmocka_unit_test(hex_there_and_back),
        cmocka_unit_test(wrong_hex_is_refused),
    };

    return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
