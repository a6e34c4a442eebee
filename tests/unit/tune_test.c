/* What every tuner promises, whichever it is. */
#include <math.h>
#include "driver/search/space_impl.h"
#include "driver/search/tune.h"
#include "tests/unit/check.h"
#include "tests/unit/sample_spec.h"

/* collects a whole run with made-up scores; returns how many, points in order */
static size_t whole_run(struct space *s, uint64_t seed, size_t evals, size_t batch, size_t *all)
{
    struct tuner *t = tuner_new(s, TUNER_SURROGATE, seed, evals);
    size_t n = 0, got;

    assert_false(tuner_done(t));
    while ((got = tuner_suggest(t, all + n, batch))) {
        for (size_t i = got; i > 0; i--) {
            const int64_t *v = space_values(s, all[n + i - 1]);
            double score = 1 + fabs((double)v[0] - 7) + fabs((double)v[1] - 3);
            assert_false(tuner_done(t));
            tuner_report(t, all[n + i - 1], v[0] == 2, score);
        }
        n += got;
    }
    assert_true(tuner_done(t));
    tuner_free(t);
    return n;
}

static void assert_distinct(const size_t *all, size_t n, size_t def)
{
    for (size_t i = 0; i < n; i++) {
        assert_int_not_equal(all[i], def);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(all[i], all[j]);
    }
}

static struct sample_spec *spec;

static struct space *make(const char *line)
{
    static const struct gpu gpu = {.major = 9};
    struct space *s;

    spec = sample_spec_new(line);
    s = space_new(&spec->spec, &gpu, &spec->diag);
    assert_non_null(s);
    return s;
}

static void drop(struct space *s)
{
    space_free(s);
    sample_spec_free(spec);
}

static void a_space_within_the_budget_is_tried_whole(void **state)
{
    static const size_t batches[] = {1, 7, 64};
    struct space *s = make("A = 1..10; B = 1..10 | A + B != 5");
    size_t all[512];

    (void)state;
    for (size_t i = 0; i < COUNT(batches); i++) {
        size_t n = whole_run(s, i, 95, batches[i], all);
        assert_int_equal(space_known(s), 96);
        assert_int_equal(n, 95);
        assert_distinct(all, n, space_default(s));
        assert_int_equal(whole_run(s, i, 500, batches[i], all), 95);
        assert_int_equal(whole_run(s, i, 94, batches[i], all), 94);
        assert_distinct(all, 94, space_default(s));
    }
    drop(s);
}

static void the_only_point_is_the_callers(void **state)
{
    struct space *s = make("A = 1");
    struct tuner *t = tuner_new(s, TUNER_SURROGATE, 1, 10);
    size_t point;

    (void)state;
    assert_int_equal(tuner_suggest(t, &point, 1), 0);
    assert_true(tuner_done(t));
    tuner_report(t, space_default(s), false, 1.0);
    assert_int_equal(tuner_suggest(t, &point, 1), 0);
    tuner_free(t);
    drop(s);
}

static void the_same_seed_gives_the_same_run(void **state)
{
    struct space *s = make("A = 1..30; B = 1..30; C = 1 2 4");
    size_t one[120], two[120], other[120];

    (void)state;
    assert_int_equal(whole_run(s, 5, 120, 8, one), 120);
    assert_int_equal(whole_run(s, 5, 120, 8, two), 120);
    assert_int_equal(whole_run(s, 6, 120, 8, other), 120);
    assert_memory_equal(one, two, sizeof one);
    assert_memory_not_equal(one, other, sizeof one);
    assert_distinct(one, 120, space_default(s));
    drop(s);
}

static void a_space_too_large_to_list_is_searched(void **state)
{
    struct space *s =
        make("A = 1..1000; B = 1..1000; C = 1..1000 | (A + B) % 2 == 0, C > 1 || A == 1");
    size_t all[300], n = whole_run(s, 3, 300, 8, all);
    double best = HUGE_VAL;

    (void)state;
    assert_int_equal(n, 300);
    assert_distinct(all, n, space_default(s));
    for (size_t i = 0; i < n; i++) {
        const int64_t *v = space_values(s, all[i]);
        double score = fabs((double)v[0] - 7) + fabs((double)v[1] - 3);
        assert_true((v[0] + v[1]) % 2 == 0);
        best = score < best ? score : best;
    }
    assert_true(best < 40); /* of 2000; 300 draws at random come to about 70 */
    drop(s);
}

static void it_waits_for_reports_at_first(void **state)
{
    struct space *s = make("A = 1..100; B = 1..100");
    struct tuner *t = tuner_new(s, TUNER_SURROGATE, 1, 1000);
    size_t points[64], n = tuner_suggest(t, points, 64);

    (void)state;
    assert_in_range(n, 8, 32); /* more would be drawn blindly */
    assert_int_equal(tuner_suggest(t, points, 64), 0);
    assert_false(tuner_done(t));
    tuner_report(t, points[n - 1], false, 2.0);
    assert_true(tuner_suggest(t, points, 64) > 0);
    tuner_free(t);
    drop(s);
}

static void a_space_where_all_fails_is_tried_too(void **state)
{
    struct space *s = make("A = 1..10; B = 1..10");
    struct tuner *t = tuner_new(s, TUNER_SURROGATE, 1, 50);
    size_t point, n = 0;

    (void)state;
    for (; tuner_suggest(t, &point, 1); n++)
        tuner_report(t, point, n % 2, n % 4 ? NAN : -1);
    assert_int_equal(n, 50);
    assert_true(tuner_done(t));
    tuner_free(t);
    drop(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_space_within_the_budget_is_tried_whole),
        cmocka_unit_test(the_only_point_is_the_callers),
        cmocka_unit_test(the_same_seed_gives_the_same_run),
        cmocka_unit_test(a_space_too_large_to_list_is_searched),
        cmocka_unit_test(it_waits_for_reports_at_first),
        cmocka_unit_test(a_space_where_all_fails_is_tried_too),
    };

    return cmocka_run_group_tests_name("tune", tests, NULL, NULL);
}
