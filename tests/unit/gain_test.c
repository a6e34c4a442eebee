/* What going on would bring: against draws whose answer is known. */
#include <math.h>
#include "tests/unit/check.h"
#include "driver/search/gain.h"
#include "driver/search/space_impl.h"

enum { N = 200, RUNS = 400 };

static double uniform(uint64_t *state)
{
    return ((double)(space_rand(state) >> 11) + 0.5) * 0x1p-53;
}

/* a tail that is exponential below, as good scores have it: fast ones are rare */
static double draw(uint64_t *state)
{
    return -0.05 * -log(uniform(state));
}

static double least_of(const double *x, size_t n)
{
    double least = x[0];

    for (size_t i = 1; i < n; i++)
        least = x[i] < least ? x[i] : least;
    return least;
}

static void the_estimate_is_what_comes(void **state)
{
    double x[2 * N], told = 0, came = 0;
    uint64_t random = 3;

    (void)state;
    for (int run = 0; run < RUNS; run++) {
        for (size_t i = 0; i < 2 * N; i++)
            x[i] = draw(&random);
        told += gain_left(x, N, N) / RUNS;
        came += (1 - exp(least_of(x, 2 * N) - least_of(x, N))) / RUNS;
    }
    assert_true(came > 0.02 && came < 0.05);
    assert_true(told > 0.8 * came && told < 1.25 * came);
}

static void more_brings_more(void **state)
{
    double x[N], few, many;
    uint64_t random = 4;

    (void)state;
    for (size_t i = 0; i < N; i++)
        x[i] = draw(&random);
    few = gain_left(x, N, 10);
    many = gain_left(x, N, 10000);
    assert_true(few > 0 && few < many && many < 1);
    assert_true(gain_left(x, N, 0) == 0);
}

static void little_is_known_of_few(void **state)
{
    const double x[8] = {0, 0, 0, 0, 0, 0, 0, 0};

    (void)state;
    assert_true(gain_left(x, 3, 10) < 0);
    assert_true(gain_left(NULL, 0, 10) < 0);
    assert_true(gain_left(x, 8, 10) == 0); /* all alike: nothing more is to be had */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_estimate_is_what_comes),
        cmocka_unit_test(more_brings_more),
        cmocka_unit_test(little_is_known_of_few),
    };

    return cmocka_run_group_tests_name("gain", tests, NULL, NULL);
}
