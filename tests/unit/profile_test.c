/* the roofline, and a profile as a terminal shows it */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/profile.h"
#include "driver/roofline.h"

#define GOLDEN "tests/data/profile/"

static const struct roofline_roof roofs[] = {{"f32", 60e12}, {"f16", 790e12}, {"bf16", 780e12}};

static const struct roofline_point points[] = {
    {"n=67108864: original", 0.083, 0.29e12, 60e12},
    {"the same", 0.083, 0.29e12, 60e12},
    {"m=4096: original", 120, 27e12, 60e12},
    {"a copy", 0, 0, 0},
};

static void expect_golden(const struct buf *b, const char *name)
{
    char path[200], text[16384] = "";
    FILE *f;
    size_t n;

    snprintf(path, sizeof path, GOLDEN "%s.txt", name);
    if (getenv("GOLDEN_WRITE") && (f = fopen(path, "w"))) {
        fputs(buf_text(b), f);
        fclose(f);
    }
    f = fopen(path, "r");
    assert_non_null(f);
    n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    assert_string_equal(buf_text(b), text);
}

static void expect_narrow(const struct buf *b, size_t width)
{
    for (const char *line = buf_text(b); *line;) {
        size_t n = strcspn(line, "\n");

        if (n > width)
            fail_msg("%zu columns: %.*s", n, (int)n, line);
        line += n + (line[n] == '\n');
    }
}

static void test_roofline(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, BUF_LIMIT);
    roofline_text(4.27e12, roofs, COUNT(roofs), points, COUNT(points), &b);
    expect_golden(&b, "roofline");
    expect_narrow(&b, 100);
    buf_release(&b);
}

/* whatever the numbers are, it stays a picture */
static void test_extremes(void **state)
{
    static const double values[] = {1e-30, 1e-3, 1, 1e3, 1e30};
    struct buf b;

    (void)state;
    buf_init(&b, BUF_LIMIT);
    for (size_t i = 0; i < COUNT(values); i++)
        for (size_t k = 0; k < COUNT(values); k++) {
            struct roofline_point p = {"p", values[i], values[k], 0};

            buf_clear(&b);
            roofline_text(4e12, roofs, COUNT(roofs), &p, 1, &b);
            assert_non_null(strchr(buf_text(&b), 'a'));
            expect_narrow(&b, 120);
        }
    buf_clear(&b);
    roofline_text(4e12, roofs, COUNT(roofs), points + 3, 1, &b); /* no operations: no place */
    roofline_text(0, roofs, COUNT(roofs), points, 1, &b);
    roofline_text(4e12, roofs, 0, points, 1, &b);
    roofline_text(4e12, roofs, COUNT(roofs), points, 0, &b);
    assert_int_equal(b.len, 0);
    buf_release(&b);
}

static void test_numbers(void **state)
{
    static const struct {
        double x;
        const char *text;
    } cases[] = {{0, "0 "},      {0.05, "0.05 "},     {999.4, "999 "},
                 {999.6, "1 k"}, {4.27e12, "4.27 T"}, {1e18, "1e+03 P"}};
    struct buf b;

    (void)state;
    buf_init(&b, 1 << 10);
    for (size_t i = 0; i < COUNT(cases); i++) {
        buf_clear(&b);
        roofline_number(cases[i].x, &b);
        assert_string_equal(buf_text(&b), cases[i].text);
    }
    buf_release(&b);
}

static void test_text(void **state)
{
    json_error_t why;
    json_t *profile = json_load_file(GOLDEN "profile.json", 0, &why), *empty = json_object();
    struct buf b;

    (void)state;
    if (!profile)
        fail_msg("%s", why.text);
    buf_init(&b, BUF_LIMIT);
    profile_text(profile, &b);
    expect_golden(&b, "profile");
    expect_narrow(&b, 100);
    buf_clear(&b);
    profile_text(empty, &b); /* of another version: what is not there is not shown */
    assert_true(b.len < 200);
    buf_release(&b);
    json_decref(profile);
    json_decref(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roofline),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
