/* What is told about trials: how exact a score is, from how its samples scatter. */
#include <math.h>
#include <stdlib.h>
#include "driver/search/space_impl.h"
#include "driver/search/trials.h"
#include "tests/unit/check.h"

static double normal(uint64_t *state)
{
    double u = ((double)(space_rand(state) >> 11) + 0.5) * 0x1p-53;
    double v = ((double)(space_rand(state) >> 11) + 0.5) * 0x1p-53;

    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

/* n samples around `us` whose logarithms have the standard deviation sd */
static void sample(struct trial *x, size_t workload, double us, double sd, size_t n,
                   uint64_t *state)
{
    struct samples *s = &x->samples[workload];

    s->us = realloc(s->us, n * sizeof *s->us);
    s->n = n;
    for (size_t i = 0; i < n; i++)
        s->us[i] = us * exp(sd * normal(state));
}

static struct trial *one_trial(struct trials *t, size_t workloads)
{
    size_t at;

    *t = (struct trials){.workloads = workloads};
    at = trials_add(t, 0, 0);
    return &t->trial[at];
}

static void the_noise_is_that_of_the_mean(void **state)
{
    struct trials t;
    struct trial *x = one_trial(&t, 1);
    uint64_t seed = 1;
    double mean = 0, at_once = 0, squares = 0;

    (void)state;
    for (int i = 0; i < 400; i++) {
        double sum = 0;
        sample(x, 0, 50, 0.02, 16, &seed);
        mean += trials_noise(x, 1) / 400;
        for (size_t k = 0; k < 16; k++)
            sum += log(x->samples[0].us[k] / 50) / 16;
        at_once += sum / 400;
        squares += sum * sum / 400;
    }
    /* what is told beforehand is what is seen of many */
    assert_true(fabs(mean / 0.005 - 1) < 0.05);
    assert_true(fabs(mean / sqrt(squares - at_once * at_once) - 1) < 0.1);
    trials_release(&t);
}

static void the_unit_of_time_does_not_matter(void **state)
{
    struct trials t;
    struct trial *x = one_trial(&t, 1);
    uint64_t seed = 2, again = 2;
    double noise;

    (void)state;
    sample(x, 0, 3, 0.01, 9, &seed);
    noise = trials_noise(x, 1);
    assert_true(noise > 0);
    sample(x, 0, 3e6, 0.01, 9, &again);
    assert_true(fabs(trials_noise(x, 1) / noise - 1) < 1e-6);
    trials_release(&t);
}

static void the_worst_workload_counts(void **state)
{
    struct trials t;
    struct trial *x = one_trial(&t, 3);
    uint64_t seed = 3;
    double noise;

    (void)state;
    sample(x, 0, 10, 0.001, 8, &seed);
    sample(x, 1, 10, 0.1, 8, &seed);
    noise = trials_noise(x, 3); /* the third has no sample */
    x->samples[0].n = 0;
    assert_true(noise > 0.01 && noise == trials_noise(x, 3));
    trials_release(&t);
}

static void nothing_is_known_of_few_samples_or_equal_ones(void **state)
{
    struct trials t;
    struct trial *x = one_trial(&t, 1);
    uint64_t seed = 4;

    (void)state;
    assert_true(trials_noise(x, 1) == 0);
    sample(x, 0, 10, 0.1, 1, &seed);
    assert_true(trials_noise(x, 1) == 0);
    sample(x, 0, 10, 0, 20, &seed);
    assert_true(trials_noise(x, 1) < 1e-6);
    trials_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_noise_is_that_of_the_mean),
        cmocka_unit_test(the_unit_of_time_does_not_matter),
        cmocka_unit_test(the_worst_workload_counts),
        cmocka_unit_test(nothing_is_known_of_few_samples_or_equal_ones),
    };

    return cmocka_run_group_tests_name("trials", tests, NULL, NULL);
}
