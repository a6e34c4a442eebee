#include <jansson.h>
#include "tests/unit/check.h"
#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"

#define PLAIN(text) assert_int_equal(utf8_plain(text, sizeof text - 1), sizeof text - 1)
#define BAD_AT(at, text) assert_int_equal(utf8_plain(text, sizeof text - 1), at)

/* the first and last characters of each length, from RFC 3629 */
static void characters(void **state)
{
    (void)state;
    PLAIN("");
    PLAIN("a\tb\n~");
    PLAIN("\xc2\xa0\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
    PLAIN("\xed\x9f\xbf\xee\x80\x80");
}

static void what_is_none(void **state)
{
    (void)state;
    BAD_AT(1, "a\x80");            /* continues nothing */
    BAD_AT(1, "a\xc3");            /* cut off */
    BAD_AT(0, "\xe2\x82");         /* cut off */
    BAD_AT(0, "\xf0\x9f\x9a");     /* cut off */
    BAD_AT(0, "\xc3(");            /* not continued */
    BAD_AT(0, "\xe2\x82(");        /* not continued */
    BAD_AT(0, "\xc0\xaf");         /* a longer '/' */
    BAD_AT(0, "\xe0\x9f\xbf");     /* longer than needed */
    BAD_AT(0, "\xf0\x8f\xbf\xbf"); /* longer than needed */
    BAD_AT(0, "\xed\xa0\x80");     /* a surrogate */
    BAD_AT(0, "\xf4\x90\x80\x80"); /* beyond U+10FFFF */
    BAD_AT(0, "\xf5\x80\x80\x80"); /* beyond U+10FFFF */
    BAD_AT(0, "\xff");
}

static void controls(void **state)
{
    (void)state;
    BAD_AT(1, "a\0b");
    BAD_AT(2, "ab\x1b[2J");
    BAD_AT(0, "\r\n");
    BAD_AT(0, "\x7f");
    BAD_AT(1, "a\xc2\x9b"
              "2J"); /* CSI of 8-bit terminals */
}

static void what_is_not_utf8_is_replaced(void **state)
{
#define R "\xEF\xBF\xBD"
    static const struct {
        const char *in;
        size_t n;
        const char *out;
    } cases[] = {
        {"plain \xC3\xBC \xE2\x82\xAC \xF0\x9F\x98\x80", 17,
         "plain \xC3\xBC \xE2\x82\xAC \xF0\x9F\x98\x80"},
        {"a\xFF"
         "b",
         3, "a" R "b"},
        {"\xC3", 1, R},
        {"\xE2\x82", 2, R},
        {"\xE2\x82z", 3, R "z"},
        {"\xF0\x9F\x98z", 4, R "z"},
        {"\xC0\xAF", 2, R R},             /* overlong */
        {"\xED\xA0\x80", 3, R R R},       /* a surrogate */
        {"\xF4\x90\x80\x80", 4, R R R R}, /* past U+10FFFF */
        {"\xF5", 1, R},
        {"a\0b", 3, "a" R "b"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        buf_init(&b, BUF_LIMIT);
        utf8_add(&b, cases[i].in, cases[i].n);
        assert_string_equal(buf_text(&b), cases[i].out);
        buf_release(&b);
    }
}

static void as_json(void **state)
{
    static const char *const cases[][2] = {{NULL, ""},
                                           {"", ""},
                                           {"gr\xc3\xbc\xc3\x9f\x65\n", "gr\xc3\xbc\xc3\x9f\x65\n"},
                                           {"gr\xfc\xdf"
                                            "e",
                                            "gr" R R "e"},
                                           {"cut \xe2\x82", "cut " R}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *string = utf8_json(cases[i][0]);
        assert_string_equal(json_string_value(string), cases[i][1]);
        json_decref(string);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters), cmocka_unit_test(what_is_none),
        cmocka_unit_test(controls),   cmocka_unit_test(what_is_not_utf8_is_replaced),
        cmocka_unit_test(as_json),
    };

    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
