/* What compilers say of copies: once, under the names that the user knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "driver/build/messages.h"

static void check(const char *said, const char *want)
{
    struct buf out;

    buf_init(&out, BUF_LIMIT);
    buf_adds(&out, "before\n");
    messages_add(&out, said, strlen(said));
    assert_string_equal(buf_text(&out) + 7, want);
    buf_release(&out);
}

#define UNUSED(name)                                                                     \
    "a.cu(7): warning #177-D: variable \"" name "\" was declared but never referenced\n" \
    "      int " name ";\n          ^\n\n"
#define REMARK "Remark: The warnings can be suppressed with \"-diag-suppress <warning-number>\"\n\n"

static void test_twice(void **state)
{
    (void)state;
    check("", "");
    check(UNUSED("x") REMARK UNUSED("x") UNUSED("y") UNUSED("x"), UNUSED("x") REMARK UNUSED("y"));
    check("a note\na note\n", "a note\na note\n"); /* nothing is known of it */
    check("a.cu(7): error: x\n\na.cu(7): error: x\n\n",
          "a.cu(7): error: x\n\na.cu(7): error: x\n\n");
}

static void test_names(void **state)
{
    (void)state;
    check("a.cu: In function 'void f__ks_f_0_64(int)':\na.cu:3:7: warning: unused 'x'\n    3 | int "
          "x;\n",
          "a.cu: In function 'void f(int)':\na.cu:3:7: warning: unused 'x'\n    3 | int x;\n");
    check("a.cu: In function 'void f(int)':\na.cu:3:7: warning: unused 'x'\n    3 | int x;\n"
          "a.cu: In function 'void f__ks_f_0_m1_64(int)':\na.cu:3:7: warning: unused 'x'\n    3 | "
          "int x;\n"
          "a.cu:9: warning: other",
          "a.cu: In function 'void f(int)':\na.cu:3:7: warning: unused 'x'\n    3 | int x;\n"
          "a.cu:9: warning: other");
    check("f__ks_", "f");
    check("In file included from a.h:1,\n                 from a.cu:2:\nb.h:3:1: warning: w\n",
          "In file included from a.h:1,\n                 from a.cu:2:\nb.h:3:1: warning: w\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twice),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
