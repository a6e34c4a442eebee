/* The tuners over recorded spaces, where neither luck nor a GPU decides; and how those are read. */
#include <math.h>
#include "driver/search/space_impl.h"
#include "driver/search/tune.h"
#include "runtime/base/arena.h"
#include "tests/bench/constraint.h"
#include "tests/bench/peer.h"
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

    tuner_teach(t, NULL, 0); /* what it ships with was learned from these very spaces */
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

/* ---- the genetic algorithm is Kernel Tuner's ---- */

enum { GA_SEEDS = 50 };

/* mean and standard error at the peer's marks; of seeds from `first` on, others in each space: in
 * two spaces that are alike the same ones would have the same luck */
static void ga_means(struct recorded *r, uint64_t first, double *mean, double *error)
{
    double squares[PEER_MARKS] = {0};

    for (size_t i = 0; i < PEER_MARKS; i++)
        mean[i] = 0;
    for (uint64_t seed = first; seed < first + GA_SEEDS; seed++) {
        struct tuner *t = tuner_new(r->space, TUNER_GA, seed * 1000003 + 1, 200);
        double found = HUGE_VAL;
        size_t point, n = 0;
        while (tuner_suggest(t, &point, 1)) {
            tuner_report(t, point, !isfinite(r->time[point]), r->time[point]);
            found = r->time[point] < found ? r->time[point] : found;
            n++;
            for (size_t i = 0; i < PEER_MARKS; i++) {
                mean[i] += n == PEER_MARK[i] ? r->best / found / GA_SEEDS : 0;
                squares[i] += n == PEER_MARK[i] ? pow(r->best / found, 2) / GA_SEEDS : 0;
            }
        }
        assert_int_equal(n, 200);
        tuner_free(t);
    }
    for (size_t i = 0; i < PEER_MARKS; i++)
        error[i] = sqrt(fmax(0, squares[i] - mean[i] * mean[i]) / (GA_SEEDS - 1));
}

/* Over ten spaces and four marks, no two means are further apart than chance puts them: 3.5
 * standard errors of one, which one pair of 2000 exceeds, and 2.5 of the mean over spaces */
static void the_genetic_algorithm_does_what_kernel_tuners_does(void **state)
{
    double sum[PEER_MARKS] = {0}, variance[PEER_MARKS] = {0};
    struct error err = {""};
    struct peer peer;

    (void)state;
    if (peer_read(&peer, "tests/data/kernel_tuner_ga.tsv", &err))
        fail_msg("%s", err.text);
    assert_int_equal(peer.n, 10);
    for (size_t k = 0; k < peer.n; k++) {
        double mean[PEER_MARKS], error[PEER_MARKS];
        char path[128];
        snprintf(path, sizeof path, "tests/data/spaces/%s.tsv.gz", peer.row[k].space);
        struct recorded *r = read_space(path);
        ga_means(r, k * GA_SEEDS, mean, error);
        for (size_t i = 0; i < PEER_MARKS; i++) {
            double theirs = peer.row[k].mean[i], spread = peer.row[k].sd[i],
                   both = error[i] * error[i] + spread * spread / (double)peer.seeds + 1e-7;
            if (fabs(mean[i] - theirs) > 3.5 * sqrt(both))
                fail_msg("%s at %zu: %.4f, Kernel Tuner's %.4f, standard error %.4f", r->name,
                         PEER_MARK[i], mean[i], theirs, sqrt(both));
            sum[i] += mean[i] - theirs;
            variance[i] += both;
        }
        recorded_free(r);
    }
    for (size_t i = 0; i < PEER_MARKS; i++) {
        print_message("# at %zu ours is %+.4f, standard error %.4f\n", PEER_MARK[i], sum[i] / 10,
                      sqrt(variance[i]) / 10);
        assert_true(fabs(sum[i]) < 2.5 * sqrt(variance[i]));
    }
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
        cmocka_unit_test(the_genetic_algorithm_does_what_kernel_tuners_does),
        cmocka_unit_test(constraints_are_translated),
        cmocka_unit_test(a_table_is_read),
        cmocka_unit_test(bad_tables_are_refused),
    };

    return cmocka_run_group_tests_name("tune_recorded", tests, NULL, NULL);
}
