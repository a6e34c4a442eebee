/* The tuners over recorded spaces, where neither luck nor a GPU decides; and how those are read. */
#include <math.h>
#include "driver/search/space_impl.h"
#include "driver/search/tune.h"
#include "runtime/base/arena.h"
#include "tests/bench/constraint.h"
#include "tests/bench/recorded.h"
#include "tests/unit/check.h"

enum { SEEDS = 6, EVALS = 60 };

static struct recorded *read_space(const char *path)
{
    struct error err = {""};
    json_t *constraints = json_load_file("tests/data/spaces/constraints.json", 0, NULL);
    struct recorded *r = recorded_read(path, constraints, &err);

    json_decref(constraints);
    if (!r)
        fail_msg("%s", err.text);
    return r;
}

/* best time over best time found after EVALS evaluations */
static double run(struct recorded *r, const struct recorded *source, enum tuner_kind kind,
                  uint64_t seed, size_t batch, bool upside_down)
{
    struct tuner *t = tuner_new(r->space, kind, seed, EVALS);
    size_t points[16], got, n = 0;
    double found = HUGE_VAL;

    for (size_t i = 0; source && i < source->n; i++) {
        double time = source->time[i];
        tuner_recall(t, recorded_find(r, source, i), !isfinite(time),
                     upside_down ? 1 / time : time);
    }
    while ((got = tuner_suggest(t, points, batch))) {
        for (size_t i = 0; i < got; i++, n++) {
            double time = r->time[points[i]];
            tuner_report(t, points[i], !isfinite(time), time);
            found = time < found ? time : found;
        }
    }
    assert_int_equal(n, EVALS);
    tuner_free(t);
    return r->best / found;
}

static double mean(struct recorded *r, const struct recorded *source, enum tuner_kind kind,
                   size_t batch, bool upside_down)
{
    double sum = 0;

    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        sum += run(r, source, kind, seed, batch, upside_down) / SEEDS;
    return sum;
}

static void the_surrogate_beats_the_others(void **state)
{
    struct recorded *r = read_space("tests/data/spaces/conv15_TITANRTX.tsv.gz");
    double random = mean(r, NULL, TUNER_RANDOM, 1, false), ga = mean(r, NULL, TUNER_GA, 1, false);
    double one = mean(r, NULL, TUNER_SURROGATE, 1, false);
    double many = mean(r, NULL, TUNER_SURROGATE, 8, false);

    (void)state;
    print_message("# random %.3f, ga %.3f, surrogate %.3f, 8 at a time %.3f\n", random, ga, one,
                  many);
    assert_true(one > 0.9);
    assert_true(1 - one < 0.5 * (1 - random));
    assert_true(1 - one < 0.5 * (1 - ga));
    assert_true(1 - many < 0.6 * (1 - random));
    recorded_free(r);
}

static void the_record_of_another_gpu_helps(void **state)
{
    struct recorded *r = read_space("tests/data/spaces/conv15_TITANRTX.tsv.gz");
    struct recorded *other = read_space("tests/data/spaces/conv15_RTX2080Ti.tsv.gz");
    double warm = mean(r, other, TUNER_SURROGATE, 1, false);
    double misled = mean(r, other, TUNER_SURROGATE, 1, true);
    double random = mean(r, NULL, TUNER_RANDOM, 1, false);

    (void)state;
    print_message("# warm %.3f, misled %.3f, random %.3f\n", warm, misled, random);
    assert_true(warm > 0.98);
    assert_true(1 - misled < 0.7 * (1 - random)); /* it finds its way back */
    recorded_free(r);
    recorded_free(other);
}

static void translates(const char *python, const char *c)
{
    struct error err = {""};
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    if (constraint_translate(python, &b, &err))
        fail_msg("%s", err.text);
    assert_string_equal(buf_text(&b), c);
    buf_release(&b);
}

static void refuses(const char *python)
{
    struct error err = {""};
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    assert_int_equal(constraint_translate(python, &b, &err), -1);
    assert_string_not_equal(err.text, "");
    buf_release(&b);
}

static void constraints_are_translated(void **state)
{
    (void)state;
    translates("a == 0 or b % 32 != 0", "(a) == (0) || (b % 32) != (0)");
    translates("not (x == 1 and y in (1, 2))", "!((((x) == (1) && ((y) == (1) || (y) == (2)))))");
    translates("1 <= a*b <= 1024", "(1) <= (a * b) && (a * b) <= (1024)");
    translates("a not in [3] and max(a, b) // 2 > True",
               "!((a) == (3)) && (max((a), (b))/2) > (1)");
    refuses("a ** 2 < 3");
    refuses("a < 0.5");
    refuses("(a < 3");
    refuses("a < 3)");
}

static void a_table_is_read(void **state)
{
    static const char text[] = "# kernel: k  device: Some GPU\n"
                               "type\tblock\tscale\ttime_ms\tbench_s\tother\n"
                               "half\t64\t0.5\t2\t1\tx\n"
                               "half\t8\t0.5\t1\t3\tx\n"
                               "float\t8\t1.5\tfail\t1\tx\n"
                               "float\t64\t1.5\t-\t1\tx\n";
    struct error err = {""};
    json_t *constraints = json_pack("{s:{s:[s,s,s]}, s:{s:s}}", "constraints", "kk", "block <= 64",
                                    "block == 64", "nothing < 3", "kernel_of_space", "s", "kk");
    struct recorded *r = recorded_parse("s", text, strlen(text), constraints, &err);
    char line[100];

    (void)state;
    assert_non_null(r);
    assert_string_equal(r->kernel, "k");
    assert_string_equal(r->device, "Some GPU");
    assert_int_equal(r->n, 4);
    assert_int_equal(r->failed, 2);
    assert_true(r->best == 1 && r->cost_mean == 1.5);
    assert_int_equal(r->spec->nwheres, 1);
    assert_int_equal(r->nleft_out, 2);
    assert_non_null(strstr(r->left_out[0], "it does not hold at type=0, block=8"));
    assert_non_null(strstr(r->left_out[1], "'nothing' has no value"));
    assert_string_equal(space_text(r->space, 0, line, sizeof line), "type=0, block=8, scale=1");
    assert_true(isinf(r->time[0]));
    recorded_free(r);
    json_decref(constraints);
}

static void bad_tables_are_refused(void **state)
{
    static const char *const texts[][2] = {
        {"", "there is no configuration"},
        {"a\tb\n1\t2\n", "s:1: there is no column time_ms"},
        {"time_ms\n1\n", "s:1: there is no parameter before time_ms"},
        {"a\ttime_ms\n1\t2\t3\n", "s:2: a row has other columns than the header"},
        {"a\ttime_ms\n1\n", "s:2: a row has other columns than the header"},
        {"a\ttime_ms\n1\tfail\n", "every configuration failed"},
        {"a\ttime_ms\n1\t2\n1\t3\n", "a configuration is there twice"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct error err = {""};
        assert_null(recorded_parse("s", texts[i][0], strlen(texts[i][0]), NULL, &err));
        assert_non_null(strstr(err.text, texts[i][1]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_surrogate_beats_the_others),
        cmocka_unit_test(the_record_of_another_gpu_helps),
        cmocka_unit_test(constraints_are_translated),
        cmocka_unit_test(a_table_is_read),
        cmocka_unit_test(bad_tables_are_refused),
    };

    return cmocka_run_group_tests_name("tune_recorded", tests, NULL, NULL);
}
