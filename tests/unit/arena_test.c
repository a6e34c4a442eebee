#include <stdalign.h>
#include "tests/unit/check.h"
#include "runtime/base/arena.h"

static void zeroed_aligned_and_apart(void **state)
{
    struct arena *a = arena_new();
    static const size_t sizes[] = {0, 1, 7, 16, 100, 5000, 16 * 1024, 16 * 1024 + 1, 300 * 1024};
    unsigned char *taken[200];
    size_t count = 0;

    (void)state;
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < COUNT(sizes); i++) {
            unsigned char *p = arena_alloc(a, sizes[i]);
            assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(p[k], 0);
            /* a neighbour that overlaps would find this, or be changed by it */
            memset(p, (int)count + 1, sizes[i]);
            taken[count++] = p;
        }
    }
    for (size_t n = 0; n < count; n++) {
        size_t size = sizes[n % COUNT(sizes)];
        for (size_t k = 0; k < size; k++)
            assert_int_equal(taken[n][k], n + 1);
    }
    arena_free(a);
}

static void strings(void **state)
{
    struct arena *a = arena_new();

    (void)state;
    assert_null(arena_dup(a, NULL));
    assert_string_equal(arena_dup(a, ""), "");
    assert_string_equal(arena_dup(a, "text"), "text");
    assert_string_equal(arena_copy(a, "text", 2), "te");
    assert_string_equal(arena_copy(a, NULL, 0), "");
    assert_string_equal(arena_printf(a, "%s-%d", "a", 12), "a-12");
    assert_int_equal(strlen(arena_printf(a, "%0*d", 100000, 1)), 100000);
    arena_free(a);
}

static void push_keeps_elements(void **state)
{
    struct pair {
        int a;
        double b;
    } *pairs = NULL;
    struct arena *a = arena_new();
    size_t n = 0;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct pair *p = arena_push(a, pairs, n);
        assert_ptr_equal(p, &pairs[i]);
        assert_int_equal(n, i + 1);
        assert_int_equal(p->a, 0);
        assert_true(p->b == 0);
        *p = (struct pair){i, i * 0.5};
        arena_alloc(a, 8); /* something else between two pushes */
    }
    for (int i = 0; i < 3000; i++) {
        assert_int_equal(pairs[i].a, i);
        assert_true(pairs[i].b == i * 0.5);
    }
    arena_free(a);
}

static void free_takes_null(void **state)
{
    (void)state;
    arena_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeroed_aligned_and_apart),
        cmocka_unit_test(strings),
        cmocka_unit_test(push_keeps_elements),
        cmocka_unit_test(free_takes_null),
    };

    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
