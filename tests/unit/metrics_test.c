/* tests/unit/metrics_test.c - what the tiers of counters cost on the chips that CUPTI knows. Needs
 * the toolkit's libcupti, no GPU: CUPTI schedules counters without one. */
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/worker/counters.h"
#include "runtime/worker/metrics.h"

/* libcupti opens libnvperf in a way (RTLD_DEEPBIND) that ends a program with the address sanitizer
 */
#ifdef __has_feature
#define HAS_SANITIZER __has_feature(address_sanitizer)
#elif defined __SANITIZE_ADDRESS__
#define HAS_SANITIZER 1
#else
#define HAS_SANITIZER 0
#endif

static const char *cupti_path(char path[4096])
{
    static const char *const places[] = {"lib64", "extras/CUPTI/lib64"};
    const char *home = getenv("CUDA_HOME");

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(path, 4096, "%s/%s/libcupti.so", home ? home : "/usr/local/cuda", places[i]);
        if (!access(path, R_OK))
            return path;
    }
    return NULL;
}

/* first of all: what is opened stays open */
static void test_no_library(void **state)
{
    struct refusal r = {0};

    (void)state;
    assert_int_equal(cupti_open("/nonexistent/libcupti.so", &r), -1);
    assert_string_equal(r.class, REFUSE_UNSUPPORTED);
    assert_non_null(strstr(r.text, "counters need libcupti"));
    assert_non_null(strstr(r.text, "/nonexistent/libcupti.so"));
    r = (struct refusal){0};
    assert_int_equal(cupti_open("/proc/self/exe", &r), -1);
    assert_string_equal(r.class, REFUSE_UNSUPPORTED);
}

static void need_library(void)
{
    struct refusal r = {0};
    char path[4096];

    if (HAS_SANITIZER || !cupti_path(path))
        skip();
    if (cupti_open(path, &r))
        fail_msg("%s", r.text);
}

/* passes of a tier on a chip, and how many of its metrics the chip has; 0: CUPTI knows no such chip
 */
static size_t passes_of(const char *chip, int tier, size_t *n)
{
    struct metrics m;
    struct refusal r = {0};
    size_t passes = 0;

    if (metrics_open(&m, tier, chip, NULL, &r) == 0)
        passes = m.passes;
    else if (!strstr(r.text, "INVALID_CHIP_NAME"))
        fail_msg("%s, tier %d: %s", chip, tier, r.text);
    *n = m.n;
    metrics_close(&m);
    return passes;
}

static void test_passes(void **state)
{
    static const struct {
        const char *chip;
        size_t passes[TIER_MOST];
    } chips[] = {
        {"GH100", {1, 2, 11}}, {"GA100", {1, 3, 11}}, {"GB100", {1, 2, 10}}, {"AD102", {1, 2, 12}}};
    static const size_t metrics[TIER_MOST] = {11, 16, 41}; /* at least */

    (void)state;
    need_library();
    for (size_t i = 0; i < sizeof chips / sizeof *chips; i++)
        for (int tier = 1; tier <= TIER_MOST; tier++) {
            size_t n, passes = passes_of(chips[i].chip, tier, &n);

            if (!passes) {
                print_message("# this CUPTI has no %s\n", chips[i].chip);
                continue;
            }
            if (passes > chips[i].passes[tier - 1] || n < metrics[tier - 1] ||
                (tier < 3 && n > metrics[tier - 1]))
                fail_msg("%s, tier %d: %zu metrics in %zu passes", chips[i].chip, tier, n, passes);
        }
}

/* a chip lacks some: the rest is had, in as few passes */
static void test_missing_metric(void **state)
{
    size_t n, passes;

    (void)state;
    need_library();
    passes = passes_of("GB202", 1, &n);
    if (!passes)
        skip();
    assert_int_equal(passes, 1);
    assert_in_range(n, 5, 11);
}

static void test_unknown_chip(void **state)
{
    struct metrics m;
    struct refusal r = {0};

    (void)state;
    need_library();
    assert_int_equal(metrics_open(&m, 1, "GX999", NULL, &r), -1);
    assert_string_equal(r.class, REFUSE_UNSUPPORTED);
    assert_non_null(strstr(r.text, "cuptiProfilerHostInitialize: CUPTI_ERROR_INVALID_CHIP_NAME"));
    metrics_close(&m);
}

static void test_errors(void **state)
{
    struct refusal r = {0}, busy = {0}, none = {0};

    (void)state;
    need_library();
    assert_int_equal(cupti_check(CUPTI_SUCCESS, "cuptiSubscribe", &none), 0);
    assert_null(none.class);
    assert_int_equal(
        cupti_check(CUPTI_ERROR_INSUFFICIENT_PRIVILEGES, "cuptiRangeProfilerEnable", &r), -1);
    assert_string_equal(r.class, REFUSE_UNSUPPORTED);
    assert_non_null(strstr(r.text, "counters need permission"));
    assert_non_null(
        strstr(r.text, "cuptiRangeProfilerEnable: CUPTI_ERROR_INSUFFICIENT_PRIVILEGES"));
    cupti_check(CUPTI_ERROR_HARDWARE_BUSY, "cuptiRangeProfilerStart", &busy);
    assert_non_null(strstr(busy.text, "another profiler"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_library),     cmocka_unit_test(test_passes),
        cmocka_unit_test(test_missing_metric), cmocka_unit_test(test_unknown_chip),
        cmocka_unit_test(test_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
