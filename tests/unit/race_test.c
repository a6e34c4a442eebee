/* The race, simulated: candidates with true times and a noise that now and then is much larger. */
#include <math.h>
#include "tests/unit/check.h"
#include "driver/search/judge.h"
#include "driver/search/race.h"
#include "driver/search/space_impl.h"

enum { MOST = 200, ALL_SAMPLES = 30, RUNS = 200 };

static double uniform(uint64_t *state)
{
    return (double)(space_rand(state) >> 11) * 0x1p-53;
}

static double normal(uint64_t *state)
{
    return sqrt(-2 * log(1 - uniform(state))) * cos(6.283185307179586 * uniform(state));
}

struct runner {
    double time, sample[256];
    int n;
};

/* one percent of noise, and every twentieth sample disturbed */
static void measure(struct runner *r, int n, uint64_t *state)
{
    for (int i = 0; i < n; i++) {
        double slow = uniform(state) < 0.05 ? 1 + 0.5 * uniform(state) : 1;
        assert_true(r->n < (int)COUNT(r->sample));
        r->sample[r->n++] = r->time * exp(0.01 * normal(state)) * slow;
    }
}

static double score(const struct runner *r)
{
    double copy[256];

    memcpy(copy, r->sample, sizeof(double) * (size_t)r->n);
    return median_of(copy, (size_t)r->n);
}

/* runs a race of n; gives the true time of who came first, adds the samples taken to *cost */
static double race(struct runner *runners, size_t n, uint64_t *state, long *cost)
{
    struct racer racers[MOST];
    size_t go;
    int more;

    for (size_t i = 0; i < n; i++) {
        runners[i].n = 0;
        measure(&runners[i], RACE_SCREEN, state);
        racers[i] = (struct racer){i, score(&runners[i]), RACE_SCREEN};
    }
    for (int rounds = 0; (go = race_next(racers, n, &more)) > 0; rounds++) {
        assert_true(rounds < 20);
        assert_true(more > 0);
        for (size_t i = 0; i < go; i++) {
            measure(&runners[racers[i].id], more, state);
            racers[i].samples += more;
            racers[i].score = score(&runners[racers[i].id]);
        }
    }
    for (size_t i = 0; i < n; i++)
        *cost += runners[i].n;
    return runners[racers[0].id].time;
}

static double all_measured(struct runner *runners, size_t n, uint64_t *state)
{
    size_t best = 0;

    for (size_t i = 0; i < n; i++) {
        runners[i].n = 0;
        measure(&runners[i], ALL_SAMPLES, state);
        if (score(&runners[i]) < score(&runners[best]))
            best = i;
    }
    return runners[best].time;
}

static void a_race_costs_little_and_loses_little(void **state)
{
    static const size_t sizes[] = {4, 16, 60, 200};

    (void)state;
    for (size_t k = 0; k < COUNT(sizes); k++) {
        double lost = 0, lost_all = 0;
        uint64_t random = 7 + k;
        long cost = 0;
        size_t n = sizes[k];
        for (int run = 0; run < RUNS; run++) {
            static struct runner runners[MOST];
            double best = HUGE_VAL;
            for (size_t i = 0; i < n; i++) {
                runners[i].time = exp(0.5 * uniform(&random));
                best = runners[i].time < best ? runners[i].time : best;
            }
            lost += race(runners, n, &random, &cost) / best - 1;
            lost_all += all_measured(runners, n, &random) / best - 1;
        }
        lost /= RUNS, lost_all /= RUNS;
        print_message(
            "# %3zu candidates: slower than the best by %.3f %% (30 samples each: %.3f %%), "
            "with %.1f times fewer samples\n",
            n, 100 * lost, 100 * lost_all, (double)(ALL_SAMPLES * n) * RUNS / (double)cost);
        assert_true(lost < lost_all + 0.0025);
        assert_true(cost * (n < 10 ? 2 : 4) < (long)(ALL_SAMPLES * n) * RUNS);
    }
}

static void a_third_runs_on_and_the_field_narrows(void **state)
{
    struct racer racers[27];
    static const size_t expected[] = {9, 3, 2, 0};
    int more;

    (void)state;
    for (size_t i = 0; i < 27; i++)
        racers[i] = (struct racer){i, 1 + 0.001 * (double)((i * 10) % 27), RACE_SCREEN};
    for (size_t round = 0; round < COUNT(expected); round++) {
        size_t go = race_next(racers, 27, &more);
        assert_int_equal(go, expected[round]);
        for (size_t i = 0; i < go; i++) {
            assert_int_equal(racers[i].samples, more); /* doubled */
            racers[i].samples += more;
        }
        for (size_t i = 1; i < go; i++)
            assert_true(racers[i - 1].score <= racers[i].score);
    }
    assert_true(racers[0].score == 1.0);
}

static void who_is_far_behind_is_out(void **state)
{
    struct racer racers[] = {{0, 1.6, 3}, {1, 1.0, 3}, {2, 1.55, 3}, {3, 1.7, 3}};
    struct racer close[] = {{0, 1.45, 3}, {1, 1.0, 3}, {2, 1.7, 3}, {3, 1.7, 3}};
    int more;

    (void)state;
    assert_int_equal(race_next(racers, 4, &more), 0);
    assert_int_equal(racers[0].id, 1);
    assert_int_equal(race_next(close, 4, &more), 2);
    assert_int_equal(more, 3);
    assert_int_equal(close[1].id, 0);
    close[0].samples = close[1].samples = 6;
    assert_int_equal(race_next(close, 4, &more), 0); /* 1.45 is too far after six */
    assert_int_equal(close[0].id, 1);
}

static void small_fields(void **state)
{
    struct racer one[] = {{5, 1.0, 3}}, lost[] = {{0, HUGE_VAL, 3}, {1, HUGE_VAL, 3}},
                 left[] = {{0, HUGE_VAL, 48}, {1, 1.2, 3}, {2, 1.1, 3}, {3, NAN, 3}};
    int more;

    (void)state;
    assert_int_equal(race_next(NULL, 0, &more), 0);
    assert_int_equal(race_next(one, 1, &more), 0);
    assert_int_equal(race_next(lost, 2, &more), 0);
    assert_int_equal(race_next(left, 4, &more), 2); /* failures come last, however often measured */
    assert_int_equal(left[0].id, 2);
    assert_int_equal(left[1].id, 1);
}

/* one that was dropped does not come back by luck */
static void more_samples_count_more(void **state)
{
    struct racer racers[] = {{0, 1.00, 3}, {1, 1.02, 24}, {2, 1.03, 24}};
    int more;

    (void)state;
    assert_int_equal(race_next(racers, 3, &more), 0);
    assert_int_equal(racers[0].id, 1);
    assert_int_equal(racers[2].id, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_third_runs_on_and_the_field_narrows),
        cmocka_unit_test(who_is_far_behind_is_out),
        cmocka_unit_test(small_fields),
        cmocka_unit_test(more_samples_count_more),
        cmocka_unit_test(a_race_costs_little_and_loses_little),
    };

    return cmocka_run_group_tests_name("race", tests, NULL, NULL);
}
