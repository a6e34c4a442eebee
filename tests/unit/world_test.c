/* The world model: what ideas are worth. */
#include "tests/unit/check.h"
#include "tests/unit/world_fixture.h"

static void the_original_is_there_and_is_the_best(void **state)
{
    struct world *w = world_of(1, 2);
    const struct idea *root = world_idea(w, 0);

    (void)state;
    assert_int_equal(world_ideas(w), 1);
    assert_int_equal(root->parent, 0);
    assert_int_equal(root->state, IDEA_CLOSED);
    assert_true(root->us[0] == 100 && root->us[1] == 100);
    assert_true(world_portfolio(w) == 1);
    assert_int_equal(world_best(w), 0);
    assert_int_equal(world_choose(w, 0.005), 0);
    assert_null(world_idea(w, 1));
    world_free(w);
}

/* each workload has its own best, and slower ideas change nothing */
static void the_portfolio_counts_the_best_for_each_workload(void **state)
{
    struct world_config c = world_plain(1, 2);
    static const double weight[] = {3, 1};
    double fast_small[] = {50, 200}, fast_large[] = {0, 80};
    struct world *w;
    size_t a, b;

    (void)state;
    c.weight = weight;
    w = world_new(&c);
    a = world_insert(w, 0, 1.5, 1);
    b = world_insert(w, 0, 1.5, 1);
    world_measured(w, a, fast_small);
    assert_true(fabs(world_portfolio(w) - pow(0.5, 0.75)) < 1e-12);
    world_measured(w, b, fast_large);
    assert_true(fabs(world_portfolio(w) - pow(0.5, 0.75) * pow(0.8, 0.25)) < 1e-12);
    assert_int_equal(world_best(w), a);
    /* the best of all reports stays, and a time that was not measured stays so */
    assert_true(world_idea(w, b)->us[0] == 0);
    world_measured(w, b, (double[]){20, 300});
    assert_true(world_idea(w, b)->us[1] == 80);
    assert_int_equal(world_best(w), b);
    world_free(w);
}

/* the original competes: nothing slower than it is ever the best */
static void the_original_competes(void **state)
{
    struct world *w = world_of(1, 2);

    (void)state;
    world_cycle(w, world_insert(w, 0, 5, 1), ATTEMPT_SLOW, 100.1);
    world_cycle(w, world_insert(w, 1, 5, 1), ATTEMPT_GAIN, 100.05);
    assert_int_equal(world_best(w), 0);
    assert_true(world_portfolio(w) == 1);
    world_free(w);
}

static void a_gain_is_over_what_it_was_built_on(void **state)
{
    struct world *w = world_of(1, 2);
    size_t a = world_insert(w, 0, 1.5, 1), b = world_insert(w, a, 1.5, 1),
           c = world_insert_by(w, "model", a, "large", 2, 1);

    (void)state;
    world_cycle(w, a, ATTEMPT_SLOW, 200);
    assert_true(fabs(world_idea(w, a)->gain - 0.5) < 1e-12);
    assert_int_equal(world_idea(w, a)->state, IDEA_CLOSED);
    world_cycle(w, b, ATTEMPT_GAIN, 50);
    assert_true(fabs(world_idea(w, b)->gain - 4) < 1e-12);
    /* what it does to other workloads than its own says nothing of its author's word */
    w->nodes[c]->idea.state = IDEA_ACTIVE;
    world_measured(w, c, (double[]){1000, 100});
    assert_true(fabs(world_idea(w, c)->gain - 2) < 1e-12);
    world_free(w);
}

/* ---- value ---- */

static void harder_ideas_work_less_often_and_cost_more(void **state)
{
    struct world *w = world_of(1, 1);

    (void)state;
    for (int d = 1; d <= 5; d++)
        world_insert(w, 0, 1.5, d);
    for (size_t i = 2; i <= 5; i++) {
        assert_true(world_value(w, i).works < world_value(w, i - 1).works);
        assert_true(world_value(w, i).cost > world_value(w, i - 1).cost);
        assert_true(world_value(w, i).value < world_value(w, i - 1).value);
    }
    world_free(w);
}

static void failures_lower_what_is_expected_most_of_all_the_own(void **state)
{
    struct world *w = world_of(1, 1), *fresh = world_of(1, 1);
    size_t failed = world_insert(w, 0, 1.5, 2), same = world_insert(w, 0, 1.5, 2),
           other = world_insert_by(w, "knob:unroll", 0, "", 1.5, 2),
           easy = world_insert(w, 0, 1.5, 1);
    double before = world_value(fresh, world_insert(fresh, 0, 1.5, 2)).works;
    double easy_before = world_value(w, easy).works;

    (void)state;
    assert_true(fabs(world_value(w, same).works - before) < 1e-12);
    world_cycle(w, failed, ATTEMPT_BUILD, 0);
    w->nodes[failed]->idea.attempts[ATTEMPT_BUILD] = 6;
    w->nodes[failed]->ended = 2;
    assert_true(world_value(w, failed).works < world_value(w, same).works);
    assert_true(world_value(w, same).works < world_value(w, other).works);
    assert_true(world_value(w, other).works < before);
    /* another difficulty learns nothing of it but how many attempts there are */
    assert_true(fabs(world_value(w, easy).works - easy_before) < 0.02);
    world_free(w);
    world_free(fresh);
}

/* who promises 2 and delivers 1.1 is believed so; who delivers what it promises more than at first
 */
static void promises_are_held_against_what_was_measured(void **state)
{
    struct world *w = world_of(1, 1);
    size_t promised = world_insert(w, 0, 2, 1),
           kept = world_insert_by(w, "knob:unroll", 0, "", 2, 1);
    double at_first = world_value(w, promised).gain, improvement;

    (void)state;
    assert_true(at_first > 1.39 && at_first < 1.43); /* half, in logarithms */
    improvement = world_value(w, promised).improvement;
    for (int i = 0; i < 10; i++) {
        world_cycle(w, world_insert(w, 0, 2, 2), ATTEMPT_SLOW, 100 / 1.1 - 0.01 * i);
        world_cycle(w, world_insert_by(w, "knob:unroll", 0, "", 1.8, 2), ATTEMPT_SLOW, 100 / 1.8);
    }
    assert_true(world_value(w, promised).gain < 1.2);
    assert_true(world_value(w, promised).gain > 1.0);
    assert_true(world_value(w, kept).gain > 1.7);
    assert_true(world_value(w, promised).improvement < improvement);
    world_free(w);
}

/* much for little work: less than of hard work until such promises were kept, then as much */
static void what_is_too_good_to_be_true_is_learned(void **state)
{
    struct world *w = world_of(1, 1);
    size_t easy = world_insert(w, 0, 5, 1), hard = world_insert(w, 0, 5, 4);
    size_t modest = world_insert(w, 0, 1.9, 1), modest_hard = world_insert(w, 0, 1.9, 4);

    (void)state;
    assert_true(world_value(w, easy).gain < 0.6 * world_value(w, hard).gain);
    assert_float_equal(world_value(w, modest).gain, world_value(w, modest_hard).gain, 1e-9);
    for (int i = 0; i < 10; i++)
        world_cycle(w, world_insert(w, 0, 5, 1), ATTEMPT_SLOW, 20);
    assert_true(world_value(w, easy).gain > 3);
    world_free(w);
}

/* where children of fast structures bring little, those of slow ones still may */
static void what_was_gained_already_counts(void **state)
{
    struct world *w = world_of(1, 1);
    size_t fast = world_insert(w, 0, 1.5, 3), slow = world_insert(w, 0, 1.5, 3);
    double before;

    (void)state;
    world_cycle(w, fast, ATTEMPT_SLOW, 40);
    world_cycle(w, slow, ATTEMPT_SLOW, 100);
    before = world_value(w, world_insert(w, fast, 1.5, 3)).gain /
             world_value(w, world_insert(w, slow, 1.5, 3)).gain;
    assert_true(before < 1);
    for (int i = 0; i < 8; i++) {
        world_cycle(w, world_insert(w, fast, 1.5, 3), ATTEMPT_SLOW, 44);
        world_cycle(w, world_insert(w, slow, 1.5, 3), ATTEMPT_SLOW, 67);
    }
    assert_true(world_value(w, world_insert(w, fast, 1.5, 3)).gain <
                0.9 * before * world_value(w, world_insert(w, slow, 1.5, 3)).gain);
    world_free(w);
}

static void ideas_are_wanted_to_build_on_and_when_they_are_few(void **state)
{
    struct world *w = world_of(1, 1);
    size_t good = world_insert(w, 0, 2, 1), slow = world_insert(w, 0, 2, 1),
           bad = world_insert(w, 0, 2, 1);

    (void)state;
    world_cycle(w, good, ATTEMPT_SLOW, 50);
    world_cycle(w, slow, ATTEMPT_SLOW, 90);
    world_cycle(w, bad, ATTEMPT_CHECK, 0);
    assert_true(world_wants_ideas(w, 0)); /* one is open */
    for (int i = 0; i < 8; i++)
        world_insert(w, 0, 2, 1);
    assert_false(world_wants_ideas(w, 0));
    assert_true(world_wants_ideas(w, good));
    assert_false(world_wants_ideas(w, slow));
    assert_false(world_wants_ideas(w, bad));
    assert_false(world_wants_ideas(w, 10000));
    world_free(w);
}

/* who promises 2x whatever it is loses the 2x, not the order of its ideas */
static void what_a_boaster_thinks_more_of_goes_on_to_count(void **state)
{
    struct world *w = world_of(1, 1);
    size_t more = world_insert(w, 0, 3, 3), less = world_insert(w, 0, 1.8, 3);

    (void)state;
    for (int i = 0; i < 12; i++)
        world_cycle(w, world_insert(w, 0, 1.9 + 0.02 * i, 2), ATTEMPT_SLOW, 100);
    assert_true(world_value(w, less).gain < 1.1);
    assert_true(world_value(w, more).gain > 1.15 * world_value(w, less).gain);
    world_free(w);
}

static void an_idea_for_one_workload_improves_only_that(void **state)
{
    struct world *w = world_of(1, 4);
    size_t all = world_insert(w, 0, 1.5, 1), one = world_insert_by(w, "model", 0, "huge", 1.5, 1);

    (void)state;
    assert_true(fabs(world_value(w, one).improvement - world_value(w, all).improvement / 4) < 1e-9);
    /* once another idea is far ahead on that workload, not even that */
    world_measured(w, all, (double[]){0, 0, 10, 0});
    assert_true(world_value(w, one).improvement < 1e-3);
    world_free(w);
}

/* the closed form of the expected improvement, against a sum over the normal */
static void the_expected_improvement_is_right(void **state)
{
    struct world *w = world_of(1, 1);
    size_t ahead = world_insert(w, 0, 1.5, 1), id = world_insert(w, 0, 1.4, 2);
    struct idea_value v;
    double sum = 0, noise, base;

    (void)state;
    w->rule.slope = 0.5; /* so that the mean is half of the logarithm, for sure */
    w->rule.slope_sd = 1e-6;
    w->rule.offset = 0;
    w->rule.offset_sd = 1e-6;
    w->rule.noise_worth = 1e9;
    w->rule.spread = 0;
    world_measured(w, ahead, (double[]){90});
    v = world_value(w, id);
    assert_true(fabs(log(v.gain) - 0.5 * log(1.4)) < 1e-6);
    noise = w->rule.noise;
    base = log(100.0 / 90);
    for (double z = -8; z < 8; z += 1e-4) {
        double g = log(v.gain) + noise * z - base;
        sum += g > 0 ? g * exp(-z * z / 2) / sqrt(2 * M_PI) * 1e-4 : 0;
    }
    assert_true(fabs(v.improvement - sum) < 1e-6);
    assert_true(fabs(v.value - v.improvement * v.works / v.cost) < 1e-12);
    world_free(w);
}

static void cost_follows_what_cycles_took(void **state)
{
    struct world *w = world_of(1, 1);
    size_t two = world_insert(w, 0, 1.5, 2), three = world_insert(w, 0, 1.5, 3);
    double before2 = world_value(w, two).cost, before3 = world_value(w, three).cost;

    (void)state;
    for (int i = 0; i < 6; i++) {
        size_t id = world_insert(w, 0, 1.5, 2);
        w->nodes[id]->idea.state = IDEA_ACTIVE;
        world_attempt(w, id, ATTEMPT_SLOW, 1000, 0, 0);
        world_measured(w, id, (double[]){100});
        world_close(w, id);
    }
    assert_true(world_value(w, two).cost > 5 * before2);
    assert_true(world_value(w, two).cost < 1300);
    /* the whole search is slow: other difficulties are told by it, less surely */
    assert_true(world_value(w, three).cost > 2 * before3);
    /* money and tokens count too */
    assert_true(world_idea(w, 3)->seconds == 1000);
    world_free(w);
}

static void a_limit_may_be_found_later(void **state)
{
    struct world *w = world_of(5, 1);
    json_t *priors, *entry;

    (void)state;
    world_insert(w, 0, 1.5, 1);
    assert_string_not_equal(world_idea(w, 0)->bottleneck, "launch");
    world_limit(w, "launch");
    assert_string_equal(world_idea(w, 0)->bottleneck, "launch");
    world_cycle(w, 1, ATTEMPT_GAIN, 50);
    priors = world_priors(w); /* what it brought is kept under it */
    entry = json_array_get(json_object_get(priors, "entries"), 0);
    assert_string_equal(json_string_value(json_object_get(entry, "bottleneck")), "launch");
    json_decref(priors);
    world_free(w);
}

/* ---- callers' mistakes ---- */

static void nonsense_changes_nothing(void **state)
{
    struct world *w = world_of(1, 2);
    size_t id = world_insert(w, 0, 2, 1);
    json_t *before = world_json(w), *after;

    (void)state;
    world_attempt(w, 99, ATTEMPT_GAIN, 1, 1, 1);
    world_attempt(w, 0, ATTEMPT_GAIN, 1, 1, 1);
    world_attempt(w, id, ATTEMPTS, 1, 1, 1);
    world_measured(w, 99, world_times);
    world_measured(w, 0, (double[]){1, 1});
    world_measured(w, id, NULL);
    world_measured(w, id, (double[]){NAN, -1});
    world_measured(w, id, (double[]){INFINITY, 1e-300});
    world_close(w, 99);
    world_close(w, 0);
    world_close(w, id); /* it is not active */
    assert_true(world_value(w, 99).value == 0);
    after = world_json(w);
    assert_true(json_equal(before, after));
    json_decref(before);
    json_decref(after);
    world_attempt(w, id, ATTEMPT_BUILD, NAN, -5, -INFINITY);
    assert_true(world_idea(w, id)->seconds == 0 && world_idea(w, id)->money == 0);
    assert_int_equal(world_idea(w, id)->tokens, 0);
    assert_int_equal(world_idea(w, id)->attempts[ATTEMPT_BUILD], 1);
    world_free(w);
}

static void a_world_without_workloads_or_times_still_chooses(void **state)
{
    static const double bad[] = {NAN, -3, 0, INFINITY};
    struct world_config c = {.seed = 1}, odd = world_plain(1, 4);
    struct world *w = world_new(&c);
    size_t id = world_insert(w, 0, 2, 1);

    (void)state;
    assert_int_equal(world_choose(w, 0.005), id);
    world_measured(w, id, bad);
    world_attempt(w, id, ATTEMPT_GAIN, 1, 0, 0);
    world_close(w, id);
    assert_int_equal(world_idea(w, id)->state, IDEA_CLOSED);
    assert_true(world_portfolio(w) == 1);
    world_free(w);
    odd.weight = bad;
    odd.original_us = bad;
    w = world_new(&odd);
    id = world_insert(w, 0, 2, 1);
    assert_true(world_value(w, id).value > 0);
    assert_int_equal(world_choose(w, NAN), id);
    world_measured(w, id, (double[]){5, 5, 5, 5});
    assert_true(world_portfolio(w) == 1); /* of no workload is it known what it took before */
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_original_is_there_and_is_the_best),
        cmocka_unit_test(the_portfolio_counts_the_best_for_each_workload),
        cmocka_unit_test(the_original_competes),
        cmocka_unit_test(a_gain_is_over_what_it_was_built_on),
        cmocka_unit_test(harder_ideas_work_less_often_and_cost_more),
        cmocka_unit_test(failures_lower_what_is_expected_most_of_all_the_own),
        cmocka_unit_test(promises_are_held_against_what_was_measured),
        cmocka_unit_test(what_is_too_good_to_be_true_is_learned),
        cmocka_unit_test(what_was_gained_already_counts),
        cmocka_unit_test(ideas_are_wanted_to_build_on_and_when_they_are_few),
        cmocka_unit_test(what_a_boaster_thinks_more_of_goes_on_to_count),
        cmocka_unit_test(an_idea_for_one_workload_improves_only_that),
        cmocka_unit_test(the_expected_improvement_is_right),
        cmocka_unit_test(cost_follows_what_cycles_took),
        cmocka_unit_test(a_limit_may_be_found_later),
        cmocka_unit_test(nonsense_changes_nothing),
        cmocka_unit_test(a_world_without_workloads_or_times_still_chooses),
    };

    return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
