/* The verdict, simulated: interleaved pairs under noise, outliers and a drifting clock. */
#include <math.h>
#include "tests/unit/check.h"
#include "driver/search/judge.h"
#include "driver/search/space_impl.h"

enum { MOST_PAIRS = 80, RUNS = 2000 };

static double uniform(uint64_t *state)
{
    return (double)(space_rand(state) >> 11) * 0x1p-53;
}

static double normal(uint64_t *state)
{
    return sqrt(-2 * log(1 - uniform(state))) * cos(6.283185307179586 * uniform(state));
}

struct bench {
    double time[2], sd, drift; /* drift: of the clock, over all pairs, as a fraction */
    double disturbed;          /* share of samples that take up to half as long again */
};

static double sample(const struct bench *b, int which, double progress, uint64_t *state)
{
    double slow = uniform(state) < b->disturbed ? 1 + 0.5 * uniform(state) : 1;

    return b->time[which] * (1 + b->drift * progress) * exp(b->sd * normal(state)) * slow;
}

/* a b b a a b b a ..., as the worker measures */
static void measure(const struct bench *bench, size_t n, double *a, double *b, uint64_t *state)
{
    for (size_t i = 0; i < n; i++) {
        double first = (double)(2 * i) / (double)(2 * n),
               second = (double)(2 * i + 1) / (double)(2 * n);
        a[i] = sample(bench, 0, i % 2 ? second : first, state);
        b[i] = sample(bench, 1, i % 2 ? first : second, state);
    }
}

/* share of RUNS that end in a win, over `workloads` that are all alike */
static double win_rate(const struct bench *bench, size_t n, size_t workloads, double noise,
                       uint64_t seed)
{
    int wins = 0;

    for (int run = 0; run < RUNS; run++) {
        struct interval in[4];
        double a[MOST_PAIRS], b[MOST_PAIRS];
        const double weight[] = {1, 2, 0.5, 1};
        for (size_t w = 0; w < workloads; w++) {
            measure(bench, n, a, b, &seed);
            in[w] = judge_pairs(a, b, n);
        }
        wins += judge_win(in, weight, workloads, noise);
    }
    return (double)wins / RUNS;
}

static void equal_times_do_not_win(void **state)
{
    static const struct bench null[] = {
        {{1, 1}, 0.003, 0, 0},       {{1, 1}, 0.003, 0.05, 0},   {{1, 1}, 0.01, 0.05, 0.05},
        {{1, 1}, 0.03, -0.05, 0.05}, {{1, 1}, 0.05, 0.10, 0.20},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(null); i++) {
        for (size_t workloads = 1; workloads <= 3; workloads += 2) {
            double rate = win_rate(&null[i], 20, workloads, 0, 11 + i);
            print_message("# equal, sd %.1f %%, drift %.0f %%, %zu workload(s): %.2f %% won\n",
                          100 * null[i].sd, 100 * null[i].drift, workloads, 100 * rate);
            assert_true(rate <= 0.01);
        }
    }
}

/* at the margin itself the interval's own confidence is all there is */
static void a_gain_of_the_margin_does_not_win(void **state)
{
    const struct bench at_margin = {{1.01, 1}, 0.003, 0.02, 0.02};

    (void)state;
    assert_true(win_rate(&at_margin, 20, 1, 0, 5) <= 0.01);
}

static void a_real_gain_wins(void **state)
{
    const struct bench two = {{1.02, 1}, 0.003, 0.05, 0}, three = {{1.03, 1}, 0.01, 0.02, 0.02};
    double rate = win_rate(&two, 20, 1, 0, 3), wide = win_rate(&three, 80, 1, 0, 3);

    (void)state;
    print_message("# 2 %% faster, sd 0.3 %%, 20 pairs: %.1f %% won\n", 100 * rate);
    print_message("# 3 %% faster, sd 1 %%, 80 pairs: %.1f %% won\n", 100 * wide);
    assert_true(rate > 0.95);
    assert_true(wide > 0.95);
}

static void noise_raises_the_margin(void **state)
{
    const struct bench two = {{1.02, 1}, 0.003, 0, 0};

    (void)state;
    assert_true(judge_margin(0) == 0.01);
    assert_true(judge_margin(0.004) == 0.01);
    assert_true(judge_margin(0.02) == 0.04);
    assert_true(win_rate(&two, 20, 1, 0.02, 3) == 0);
}

/* how often the interval holds the truth */
static void intervals_hold_the_truth(void **state)
{
    static const size_t sizes[] = {8, 9, 20, 33, 80};
    const struct bench bench = {{1.3, 1}, 0.01, 0.03, 0};
    uint64_t random = 17;

    (void)state;
    for (size_t k = 0; k < COUNT(sizes); k++) {
        int held = 0;
        for (int run = 0; run < RUNS; run++) {
            double a[MOST_PAIRS], b[MOST_PAIRS];
            struct interval in;
            measure(&bench, sizes[k], a, b, &random);
            in = judge_pairs(a, b, sizes[k]);
            assert_true(in.low <= in.ratio && in.ratio <= in.high && in.low > 0);
            held += in.low <= 1.3 && 1.3 <= in.high;
        }
        assert_true(held >= RUNS * 0.985);
    }
}

/* P(X < k) of binomial(n, 1/2) by hand: 8: 2/256 = 0.8 % outside the extremes; 20: the 4th from
 * either end, 2 * 1351 / 2^20 = 0.26 %, as the 5th would give 1.2 % */
static void ranks_are_those_of_the_binomial(void **state)
{
    double a[20], b[20];
    struct interval in;

    (void)state;
    for (size_t i = 0; i < 20; i++) {
        a[i] = exp((double)((i * 7) % 20));
        b[i] = 1;
    }
    in = judge_pairs(a, b, 20);
    assert_float_equal(log(in.low), 3, 1e-9);
    assert_float_equal(log(in.high), 16, 1e-9);
    assert_float_equal(log(in.ratio), 9.5, 1e-9);
    in = judge_pairs(a, b, 7);
    assert_true(in.low == 0 && isinf(in.high));
    in = judge_pairs(a, b, 8);
    assert_true(in.low == 1); /* the smallest of a[0..7] */
    assert_float_equal(log(in.high), 15, 1e-9);
    in = judge_pairs(a, b, 0);
    assert_true(in.ratio == 1 && in.low == 0 && isinf(in.high));
}

static void medians_and_spread(void **state)
{
    double odd[] = {3, 1, 2}, even[] = {4, 1, 3, 2}, one[] = {7}, a[400], b[400];
    uint64_t random = 1;

    (void)state;
    assert_true(median_of(odd, 3) == 2);
    assert_true(median_of(even, 4) == 2.5);
    assert_true(median_of(one, 1) == 7);
    for (size_t i = 0; i < 400; i++) {
        a[i] = exp(0.02 * normal(&random));
        b[i] = i % 50 ? 1 : 10; /* outliers do not count */
    }
    assert_float_equal(judge_spread(a, b, 400), 0.02, 0.004);
    assert_true(isinf(judge_spread(a, b, 3)));
}

static void the_mean_is_weighted(void **state)
{
    const struct interval in[] = {{2, 1, 4}, {0.5, 0.25, 1}};
    const double equal[] = {1, 1}, first[] = {3, 1}, only[] = {1, 0};
    struct interval mean = judge_mean(in, equal, 2);

    (void)state;
    assert_float_equal(mean.ratio, 1, 1e-12);
    assert_float_equal(mean.low, 0.5, 1e-12);
    assert_float_equal(mean.high, 2, 1e-12);
    mean = judge_mean(in, first, 2);
    assert_float_equal(mean.ratio, pow(2, 0.5), 1e-12);
    mean = judge_mean(in, only, 2);
    assert_float_equal(mean.low, 1, 1e-12);
    mean = judge_mean(in, equal, 0);
    assert_true(mean.low == 0 && isinf(mean.high));
}

static void no_workload_may_be_proven_slower(void **state)
{
    const double weight[] = {1, 1};
    const struct interval good[] = {{1.5, 1.4, 1.6}, {1.0, 0.97, 1.02}};
    const struct interval slower[] = {{1.5, 1.4, 1.6}, {0.97, 0.96, 0.985}};
    const struct interval unknown[] = {{1.5, 1.4, 1.6}, {1.5, 0, HUGE_VAL}};

    (void)state;
    assert_true(judge_win(good, weight, 2, 0));
    assert_false(judge_win(slower, weight, 2, 0));
    assert_true(judge_win(slower, weight, 2, 0.008)); /* within this noise nothing is proven */
    assert_false(judge_win(unknown, weight, 2, 0));
    assert_false(judge_win(good, weight, 0, 0));
}

static void weights_say_that_one_workload_may_pay(void **state)
{
    const double weight[] = {3, 1};
    const struct interval paid[] = {{1.5, 1.4, 1.6}, {0.8, 0.79, 0.81}};
    const struct interval lost[] = {{1.05, 1.04, 1.06}, {0.8, 0.79, 0.81}};

    (void)state;
    assert_true(judge_win(paid, weight, 2, 0));
    assert_false(judge_win(lost, weight, 2, 0));
}

/* single launches, of which one in eight takes a half longer in a and a fifth longer in b: their
 * medians are the same, and what nine of ten stay below is not */
static void the_slow_tenth_has_an_interval(void **state)
{
    enum { SINGLES = 160 };
    double a[SINGLES], b[SINGLES], in = 0, apart = 0;
    uint64_t seed = 7;

    (void)state;
    for (int run = 0; run < RUNS; run++) {
        for (int i = 0; i < SINGLES; i++) {
            a[i] = (uniform(&seed) < 0.125 ? 1.5 : 1) * exp(0.001 * normal(&seed));
            b[i] = (uniform(&seed) < 0.125 ? 1.2 : 1) * exp(0.001 * normal(&seed));
        }
        struct interval x = judge_p90(a, b, SINGLES);
        assert_true(x.low <= x.ratio && x.ratio <= x.high);
        in += x.low <= 1.25 && 1.25 <= x.high;
        apart += x.low > 1.01;
        for (int i = 0; i < SINGLES; i++) /* the same as a: no difference is to be found */
            b[i] = (uniform(&seed) < 0.125 ? 1.5 : 1) * exp(0.001 * normal(&seed));
        x = judge_p90(a, b, SINGLES);
        in += x.low <= 1 && 1 <= x.high;
    }
    assert_true(in / (2 * RUNS) > 0.99);
    assert_true(apart > 0);
    /* a clear one is found: of the slow there are three in ten */
    apart = 0;
    for (int run = 0; run < RUNS; run++) {
        for (int i = 0; i < SINGLES; i++) {
            a[i] = (uniform(&seed) < 0.3 ? 1.5 : 1) * exp(0.001 * normal(&seed));
            b[i] = (uniform(&seed) < 0.005 ? 1.5 : 1) * exp(0.001 * normal(&seed));
        }
        apart += judge_p90(a, b, SINGLES).low > 1.4;
    }
    assert_true(apart / RUNS > 0.9);
    assert_true(isinf(judge_p90(a, b, 40).high)); /* too few to say */
    assert_true(judge_p90(a, b, 40).low == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(medians_and_spread),
        cmocka_unit_test(ranks_are_those_of_the_binomial),
        cmocka_unit_test(intervals_hold_the_truth),
        cmocka_unit_test(the_mean_is_weighted),
        cmocka_unit_test(no_workload_may_be_proven_slower),
        cmocka_unit_test(weights_say_that_one_workload_may_pay),
        cmocka_unit_test(noise_raises_the_margin),
        cmocka_unit_test(equal_times_do_not_win),
        cmocka_unit_test(a_gain_of_the_margin_does_not_win),
        cmocka_unit_test(a_real_gain_wins),
        cmocka_unit_test(the_slow_tenth_has_an_interval),
    };

    return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
