/* This file is also carried inside its own program: see the Makefile. */
#include "tests/unit/check.h"
#include "runtime/base/embed.h"

EMBED_DECLARE(embed_test_c);

static void holds_the_file(void **state)
{
    static const char first[] = "/* This file is also carried inside its own program";

    (void)state;
    assert_memory_equal(embed_embed_test_c, first, sizeof first - 1);
    assert_int_equal((uintptr_t)embed_embed_test_c % 16, 0);
}

static void size_is_the_files(void **state)
{
    (void)state;
    assert_int_equal(strlen(embed_embed_test_c), embed_embed_test_c_size);
    assert_int_equal(embed_embed_test_c[embed_embed_test_c_size - 1], '\n');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_the_file),
        cmocka_unit_test(size_is_the_files),
    };

    return cmocka_run_group_tests_name("embed", tests, NULL, NULL);
}
