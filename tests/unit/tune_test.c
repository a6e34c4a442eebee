/* What every tuner promises, whichever it is. */
#include <math.h>
#include "driver/search/space_impl.h"
#include "driver/search/tune.h"
#include "tests/unit/check.h"
#include "tests/unit/sample_spec.h"

/* collects a whole run with made-up scores; returns how many, points in order */
static size_t whole_run(struct space *s, enum tuner_kind kind, uint64_t seed, size_t evals,
                        size_t batch, size_t *all)
{
    struct tuner *t = tuner_new(s, kind, seed, evals);
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
    assert_int_equal(space_known(s), 96);
    for (int kind = 0; kind < TUNER_KINDS; kind++) {
        for (size_t i = 0; i < COUNT(batches); i++) {
            size_t n = whole_run(s, kind, i, 95, batches[i], all);
            assert_int_equal(n, 95);
            assert_distinct(all, n, space_default(s));
        }
        assert_int_equal(whole_run(s, kind, 1, 500, 7, all), 95);
        assert_int_equal(whole_run(s, kind, 1, 94, 7, all), 94);
        assert_distinct(all, 94, space_default(s));
    }
    drop(s);
}

static void a_tuner_is_known_by_its_name(void **state)
{
    (void)state;
    for (int kind = 0; kind < TUNER_KINDS; kind++)
        assert_int_equal(tuner_kind_named(tuner_kind_name(kind)), kind);
    assert_int_equal(tuner_kind_named("ga"), TUNER_GA);
    assert_int_equal(tuner_kind_named("annealing"), TUNER_KINDS);
}

static void the_only_point_is_the_callers(void **state)
{
    struct space *s = make("A = 1");
    struct tuner *t = tuner_new(s, TUNER_SURROGATE, 1, 10);
    size_t point;

    (void)state;
    assert_false(tuner_is_spent(t)); /* nobody has asked */
    assert_int_equal(tuner_suggest(t, &point, 1), 0);
    assert_true(tuner_is_spent(t));
    assert_true(tuner_done(t));
    tuner_report(t, space_default(s), false, 1.0);
    assert_int_equal(tuner_suggest(t, &point, 1), 0);
    tuner_free(t);
    drop(s);
}

static void the_same_seed_gives_the_same_run(void **state)
{
    struct space *s = make("A = 1..30; B = 1..30; C = 1 2 4");
    size_t one[60], two[60], other[60];

    (void)state;
    for (int kind = 0; kind < TUNER_KINDS; kind++) {
        assert_int_equal(whole_run(s, kind, 5, 60, 8, one), 60);
        assert_int_equal(whole_run(s, kind, 5, 60, 8, two), 60);
        assert_int_equal(whole_run(s, kind, 6, 60, 8, other), 60);
        assert_memory_equal(one, two, sizeof one);
        assert_memory_not_equal(one, other, sizeof one);
        assert_distinct(one, 60, space_default(s));
    }
    drop(s);
}

/* 1.2 * 10^9 combinations, of which constraints leave a hundredth: neither may be listed */
static void a_space_too_large_to_list_is_searched(void **state)
{
    struct space *s = make("A = 1..1000*; B = 1..1000*; C = 1..1190* | (A + B) % 10 == 0, "
                           "C % A == 0 || C % 7 == 0");
    size_t all[90];

    (void)state;
    assert_false(space_is_enumerated(s));
    for (int kind = 0; kind < TUNER_KINDS; kind++) {
        size_t n = whole_run(s, kind, 3, 90, 8, all);
        double best = HUGE_VAL;
        assert_int_equal(n, 90);
        assert_distinct(all, n, space_default(s));
        for (size_t i = 0; i < n; i++) {
            const int64_t *v = space_values(s, all[i]);
            double score = fabs((double)v[0] - 7) + fabs((double)v[1] - 3);
            assert_true((v[0] + v[1]) % 10 == 0 && (v[2] % v[0] == 0 || v[2] % 7 == 0));
            best = score < best ? score : best;
        }
        assert_true(kind != TUNER_SURROGATE || best < 12); /* of 2000 */
    }
    drop(s);
}

/* what the tuner finds first with the scores of an earlier search, of which `sign` tells whether
 * they are right */
static double first_found(struct space *s, double sign, size_t evals)
{
    struct tuner *t = tuner_new(s, TUNER_SURROGATE, 1, 100);
    double best = HUGE_VAL;
    size_t point;

    for (size_t p = 0; p < space_known(s); p += 3) {
        const int64_t *v = space_values(s, p);
        double score = fabs((double)v[0] - 17) + fabs((double)v[1] - 9);
        tuner_recall(t, p, v[0] == 5, exp(sign * score / 10));
    }
    for (size_t i = 0; i < evals && tuner_suggest(t, &point, 1); i++) {
        const int64_t *v = space_values(s, point);
        double score = fabs((double)v[0] - 17) + fabs((double)v[1] - 9);
        tuner_report(t, point, v[0] == 5, exp(score / 10));
        best = score < best ? score : best;
    }
    tuner_free(t);
    return best;
}

static void an_earlier_search_is_believed_while_it_is_right(void **state)
{
    struct space *s = make("A = 1..40; B = 1..40");

    (void)state;
    assert_true(first_found(s, 1, 4) <= 2);
    assert_true(first_found(s, -1, 40) <= 2);
    drop(s);
}

static void more_trials_than_the_model_learns_from(void **state)
{
    struct space *s = make("A = 1..60; B = 1..60");
    size_t all[700];

    (void)state;
    assert_int_equal(whole_run(s, TUNER_SURROGATE, 1, 700, 50, all), 700);
    assert_distinct(all, 700, space_default(s));
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
    for (size_t i = 0; i < n; i++)
        tuner_report(t, points[i], false, 2.0);
    assert_true(tuner_suggest(t, points, 64) > 0);
    tuner_free(t);
    drop(s);
}

/* however many are asked for: 8 at first, then 4, and later a fourth of what came back */
static void at_most_a_fourth_of_what_is_known_is_outstanding(void **state)
{
    static const size_t got[] = {8, 4, 4, 4, 5, 6, 7, 9, 11, 14, 18, 22, 28, 35, 43, 54, 64};
    struct space *s = make("A = 1..100; B = 1..100");
    struct tuner *t = tuner_new(s, TUNER_SURROGATE, 1, 1000);
    size_t points[64];

    (void)state;
    for (size_t k = 0; k < COUNT(got); k++) {
        assert_int_equal(tuner_suggest(t, points, COUNT(points)), got[k]);
        assert_int_equal(tuner_suggest(t, points + got[k] - 1, 1), 0);
        for (size_t i = 0; i < got[k]; i++)
            tuner_report(t, points[i], false, 1.0 + (double)points[i]);
    }
    tuner_free(t);
    drop(s);
}

static double bowl(struct space *s, size_t point)
{
    const int64_t *v = space_values(s, point);

    return 1 + 0.1 * fabs((double)v[0] - 7) + 0.2 * fabs((double)v[1] - 3);
}

/* the mean of those that go before others, and of all */
static void add_means(struct space *s, const size_t *points, const float *gain, size_t n,
                      size_t most, double *front, double *all)
{
    for (size_t k = 0; k < n; k++) {
        size_t before = 0;
        for (size_t i = 0; i < n; i++)
            before += gain[i] > gain[k];
        *front += before < most ? bowl(s, points[k]) / (double)most : 0;
        *all += bowl(s, points[k]) / (double)n;
    }
}

/* many were asked for before anything was known: those near the best of what came back go first */
static void what_waits_is_ranked_by_what_came_of_others(void **state)
{
    enum { ASKED = 40, KNOWN = 16, LEFT = ASKED - KNOWN };
    struct space *s = make("A = 1..30; B = 1..30");
    double front = 0, all = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        struct tuner *t = tuner_new(s, TUNER_SURROGATE, seed, 500);
        size_t points[ASKED + 1], other;
        float gain[ASKED];
        tuner_ahead(t, ASKED);
        assert_int_equal(tuner_suggest(t, points, ASKED + 1), ASKED);
        assert_false(tuner_rank(t, points, ASKED, gain)); /* nothing is known */
        for (size_t i = 0; i < KNOWN; i++)
            tuner_report(t, points[i], false, bowl(s, points[i]));
        assert_int_equal(tuner_suggest(t, &other, 1), 1);
        assert_true(tuner_rank(t, points + KNOWN, LEFT, gain));
        add_means(s, points + KNOWN, gain, LEFT, LEFT / 4, &front, &all);
        tuner_free(t);
    }
    assert_true(front < 0.7 * all);
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
        cmocka_unit_test(a_tuner_is_known_by_its_name),
        cmocka_unit_test(an_earlier_search_is_believed_while_it_is_right),
        cmocka_unit_test(more_trials_than_the_model_learns_from),
        cmocka_unit_test(it_waits_for_reports_at_first),
        cmocka_unit_test(at_most_a_fourth_of_what_is_known_is_outstanding),
        cmocka_unit_test(what_waits_is_ranked_by_what_came_of_others),
        cmocka_unit_test(a_space_where_all_fails_is_tried_too),
    };

    return cmocka_run_group_tests_name("tune", tests, NULL, NULL);
}
