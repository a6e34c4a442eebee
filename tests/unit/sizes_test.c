/* tests/unit/sizes_test.c - sizes that are drawn: within what was named, at edges, and never where
 * an assumption does not hold. */
#include "tests/unit/check.h"

#include <string.h>

#include "driver/lang/spec.h"
#include "driver/search/sizes.h"
#include "runtime/base/arena.h"

enum { DRAWS = 400 };

/* the only entry of a file with these annotations above k(float *x, int n, int m) */
static const struct spec *spec_of(struct arena *a, const char *clauses)
{
    struct diag d;
    struct reading reading = {.gpu = NULL};
    const char *text = arena_printf(a,
                                    "#pragma ksearch inout(x[n][m]) %s\n"
                                    "void k(float *x, int n, int m, cudaStream_t stream)\n{\n}\n",
                                    clauses);
    const struct file *file;

    diag_init(&d, a);
    file = annotations_read(a, source_wrap(a, "k.cu", text, strlen(text)), &reading, &d);
    assert_non_null(file);
    assert_int_equal(file->nspecs, 1);
    return &file->specs[0];
}

static void they_lie_between_those_that_are_named(void **state)
{
    struct arena *a = arena_new();
    const struct spec *spec =
        spec_of(a, "workload(n = 1000, m = 4096) workload(n = 300, m = 64) test(n = 7, m = 5)");
    struct sizes s = sizes_begin(spec, NULL);
    bool zero = false, odd = false, apart = false;
    int64_t last = -1;

    (void)state;
    for (unsigned k = 0; k < DRAWS; k++) {
        const struct point *p = sizes_draw(&s, a, k);
        assert_non_null(p);
        assert_false(p->timed);
        assert_true(p->dims[0] >= 0 && p->dims[0] <= 1000);
        assert_true(p->dims[1] >= 0 && p->dims[1] <= 4096);
        assert_true(p->dims[0] * p->dims[1] <= 1000000);
        assert_non_null(strstr(p->label, ", drawn"));
        zero |= p->dims[0] == 0 || p->dims[1] == 0;
        odd |= p->dims[1] % 2 == 1;
        apart |= last >= 0 && p->dims[0] != last;
        last = p->dims[0];
    }
    assert_true(zero && odd && apart);
    arena_free(a);
}

static void one_named_size_is_not_the_only_one(void **state)
{
    struct arena *a = arena_new();
    const struct spec *spec = spec_of(a, "workload(n = 64, m = 4096)");
    struct sizes s = sizes_begin(spec, NULL);
    bool other = false;

    (void)state;
    for (unsigned k = 0; k < DRAWS; k += SIZES_EDGE)
        other |= sizes_draw(&s, a, k)->dims[1] != 4096;
    assert_true(other);
    arena_free(a);
}

static void a_small_size_is_a_part_of_the_least(void **state)
{
    struct arena *a = arena_new();
    const struct spec *spec =
        spec_of(a, "workload(n = 4096, m = 9750) workload(n = 1024, m = 950) assume(m % 2 == 0)");
    struct sizes s = sizes_begin(spec, NULL);
    const struct point *p = sizes_small(&s, a, false);

    (void)state;
    assert_non_null(p);
    assert_int_equal(p->dims[0], 64);
    assert_int_equal(p->dims[1], 100); /* of 64, a multiple of 50 */
    assert_false(p->timed);
    s = sizes_begin(spec_of(a, "workload(n = 4096, m = 4096) assume(n > 200)"), NULL);
    assert_null(sizes_small(&s, a, false));
    s = sizes_begin(spec_of(a, "workload(n = 64, m = 1 << 26)"), NULL);
    p = sizes_small(&s, a, true);
    assert_non_null(p);
    assert_int_equal(p->dims[0], 64);
    assert_int_equal(p->dims[1], 256);
    s = sizes_begin(spec_of(a, "workload(n = 100, m = 100)"), NULL);
    assert_null(sizes_small(&s, a, false));
    arena_free(a);
}

static void assumptions_hold(void **state)
{
    struct arena *a = arena_new();
    const struct spec *spec =
        spec_of(a, "workload(n = 64, m = 4096) test(n = 3, m = 8) assume(m % 8 == 0, n + m > 8)");
    struct sizes s = sizes_begin(spec, NULL);
    int drawn = 0;

    (void)state;
    for (unsigned k = 0; k < DRAWS; k++) {
        const struct point *p = sizes_draw(&s, a, k);
        drawn += p != NULL;
        assert_true(!p || (p->dims[1] % 8 == 0 && p->dims[0] + p->dims[1] > 8));
    }
    assert_true(drawn > DRAWS / 2);
    arena_free(a);
}

/* an argument may be any C++: whether an assumption about it holds is not known here */
static void what_cannot_be_computed_is_not_drawn(void **state)
{
    struct arena *a = arena_new();
    const struct spec *spec =
        spec_of(a, "workload(n = 64, m = 4096) arg(m = int(m)) assume(m % 8 == 0)");
    struct sizes s = sizes_begin(spec, NULL);

    (void)state;
    assert_null(sizes_draw(&s, a, 0));
    arena_free(a);
}

static void coarse_ones_are_multiples(void **state)
{
    struct arena *a = arena_new();
    const struct spec *spec = spec_of(a, "workload(n = 64, m = 4096) test(n = 32, m = 96)");
    struct sizes s = sizes_begin(spec, NULL);

    (void)state;
    s.coarse = true;
    for (unsigned k = 0; k < DRAWS; k++) {
        const struct point *p = sizes_draw(&s, a, k);
        assert_int_equal(p->dims[0] % 32, 0);
        assert_int_equal(p->dims[1] % 32, 0);
        assert_true(p->dims[0] > 0 && p->dims[1] > 0);
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_lie_between_those_that_are_named),
        cmocka_unit_test(one_named_size_is_not_the_only_one),
        cmocka_unit_test(a_small_size_is_a_part_of_the_least),
        cmocka_unit_test(assumptions_hold),
        cmocka_unit_test(what_cannot_be_computed_is_not_drawn),
        cmocka_unit_test(coarse_ones_are_multiples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
