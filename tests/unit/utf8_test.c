#include "tests/unit/check.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters),
        cmocka_unit_test(what_is_none),
        cmocka_unit_test(controls),
    };

    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
