/* The world model: which idea is chosen. */
#include "tests/unit/check.h"
#include "tests/unit/world_fixture.h"

static void a_choice_is_a_function_of_the_seed(void **state)
{
    size_t chosen[2][8];
    bool differs = false;

    (void)state;
    for (int again = 0; again < 2; again++) {
        struct world *w = world_of(7, 1);
        for (int i = 0; i < 20; i++)
            world_insert(w, 0, 1.3, 2);
        for (int i = 0; i < 8; i++)
            chosen[again][i] = world_choose(w, 0.005);
        world_free(w);
    }
    assert_memory_equal(chosen[0], chosen[1], sizeof chosen[0]);
    for (uint64_t seed = 1; seed < 6; seed++) {
        struct world *w = world_of(seed, 1);
        for (int i = 0; i < 20; i++)
            world_insert(w, 0, 1.3, 2);
        differs = differs || world_choose(w, 0.005) != chosen[0][0];
        world_free(w);
    }
    assert_true(differs);
}

static struct world *a_search(void)
{
    struct world *w = world_of(11, 2);

    for (int i = 0; i < 12; i++)
        world_insert(w, i > 6 ? (size_t)i - 6 : 0, 1.2 + 0.1 * i, 1 + i % 5);
    for (size_t i = 0; i < 20; i++) {
        size_t id = world_choose(w, 0.005);
        world_attempt(w, id, id % 3 ? ATTEMPT_GAIN : ATTEMPT_BUILD, 10 + (double)id, 100, 0.1);
        if (id % 3)
            world_measured(w, id, (double[]){100 - (double)id, 99});
        world_close(w, id);
    }
    return w;
}

/* so that a journal of the calls brings back all of it: the best, the counts, the next choice */
static void the_same_calls_give_the_same_world(void **state)
{
    struct world *a = a_search(), *b = a_search();
    json_t *of_a = world_json(a), *of_b = world_json(b), *titles;
    size_t i;

    (void)state;
    /* the titles are numbered through by the fixture */
    json_array_foreach(json_object_get(of_a, "ideas"), i, titles)
    {
        json_object_del(titles, "title");
        json_object_del(json_array_get(json_object_get(of_b, "ideas"), i), "title");
    }
    assert_true(json_equal(of_a, of_b));
    assert_true(world_portfolio(a) < 1);
    assert_int_equal(world_choose(a, 0), world_choose(b, 0));
    json_decref(of_a);
    json_decref(of_b);
    world_free(a);
    world_free(b);
}

/* the better idea is chosen more often, but not always: nobody knows yet whose word is worth what
 */
static void choices_explore(void **state)
{
    size_t better = 0, worse = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct world *w = world_of(seed, 1);
        size_t good = world_insert(w, 0, 2.2, 1);
        size_t bad = world_insert_by(w, "knob:unroll", 0, "", 1.1, 1), id;
        id = world_choose(w, 0.005);
        assert_true(id == good || id == bad);
        assert_int_equal(world_idea(w, id)->state, IDEA_ACTIVE);
        assert_int_equal(world_idea(w, id)->cycles, 1);
        better += id == good;
        worse += id == bad;
        world_free(w);
    }
    assert_true(better > 2 * worse);
    assert_true(worse >= 10);
}

/* "a failed idea is chosen again without end": it waits, longer each time, and then is pruned */
static void a_failed_idea_gives_way_and_ends(void **state)
{
    struct world *w = world_of(3, 1);
    size_t failing = world_insert(w, 0, 9, 1), cycles = 0, last = 0, gap[8], child;

    (void)state;
    child = world_insert(w, failing, 3, 1);
    for (int i = 0; i < 30; i++)
        world_insert(w, 0, 1.1, 1);
    w->rule.wander = 0; /* by means: the failing one would be taken each time */
    for (size_t i = 1; i <= 20; i++) {
        size_t id = world_choose(w, 0);
        if (id == failing) {
            gap[cycles++] = i - last;
            last = i;
        }
        assert_int_not_equal(id, 0);
        world_attempt(w, id, id == failing ? ATTEMPT_CHECK : ATTEMPT_SLOW, 1, 0, 0);
        if (id != failing)
            world_measured(w, id, (double[]){99.9});
        world_close(w, id);
        if (id == failing && cycles < 3) {
            assert_int_equal(world_idea(w, id)->state, IDEA_OPEN);
            assert_true(world_idea(w, id)->cool_down > 0);
        }
    }
    assert_int_equal(cycles, 3);
    assert_int_equal(gap[0], 1);
    assert_true(gap[1] > 2 && gap[2] > gap[1]);
    assert_int_equal(world_idea(w, failing)->state, IDEA_PRUNED);
    assert_int_equal(world_idea(w, failing)->attempts[ATTEMPT_CHECK], 3);
    /* what was to be built on it goes with it */
    assert_int_equal(world_idea(w, child)->state, IDEA_PRUNED);
    world_free(w);
}

/* a cycle in which nothing was even tried counts as failed: no idea holds a search up */
static void cycles_without_attempts_end_too(void **state)
{
    struct world *w = world_of(3, 1);
    size_t choices = 0;

    (void)state;
    world_insert(w, 0, 2, 1);
    for (size_t id; (id = world_choose(w, 0)) && choices < 100; choices++) {
        assert_int_equal(world_idea(w, id)->cool_down, 0);
        world_close(w, id);
    }
    assert_int_equal(choices, 3);
    world_free(w);
}

static void a_child_waits_for_its_parent_and_may_stand_on_a_slow_one(void **state)
{
    struct world *w = world_of(5, 1);
    size_t parent = world_insert(w, 0, 1, 1), child = world_insert(w, parent, 3, 1);

    (void)state;
    assert_int_equal(world_choose(w, 0.005), parent);
    assert_int_equal(world_choose(w, 0.005), 0); /* what it stands on is not there yet */
    world_attempt(w, parent, ATTEMPT_SLOW, 10, 0, 0);
    world_measured(w, parent, (double[]){120});
    world_close(w, parent);
    assert_int_equal(world_choose(w, 0.005), child);
    world_free(w);
}

static void a_child_need_not_wait_for_the_end_of_a_cycle(void **state)
{
    struct world *w = world_of(5, 1);
    size_t parent = world_insert(w, 0, 1, 1), child = world_insert(w, parent, 3, 1);

    (void)state;
    world_follow(w, child); /* which is not active: nothing */
    assert_int_equal(world_choose(w, 0.005), parent);
    world_follow(w, parent);
    assert_int_equal(world_choose(w, 0.005), 0); /* nothing was measured of it */
    world_measured(w, parent, (double[]){80});
    assert_int_equal(world_choose(w, 0.005), child);
    world_measured(w, child, (double[]){40});
    assert_true(fabs(world_idea(w, child)->gain - 2) < 1e-12);
    world_measured(w, parent, (double[]){50}); /* the rest of it came back */
    assert_true(fabs(world_idea(w, child)->gain - 1.25) < 1e-12);
    assert_int_equal(world_idea(w, parent)->state, IDEA_ACTIVE);
    world_close(w, parent);
    assert_int_equal(world_idea(w, parent)->state, IDEA_CLOSED);
    world_free(w);
}

/* a step that is slower by itself is taken when what is to be built on it promises enough */
static void a_step_is_worth_what_stands_on_it(void **state)
{
    struct world *w = world_of(5, 1);
    size_t step, other;

    (void)state;
    w->rule.wander = 0;
    other = world_insert(w, 0, 1.1, 1);
    step = world_insert(w, 0, 0.9, 1);
    assert_true(world_value(w, step).value < world_value(w, other).value);
    world_insert(w, step, 6, 3);
    assert_int_equal(world_choose(w, 0.005), step);
    world_free(w);
}

/* and less where the step itself hardly ever works */
static void what_stands_on_a_step_needs_the_step(void **state)
{
    struct world *w = world_of(5, 1);
    size_t hard = world_insert(w, 0, 0.9, 5), easy = world_insert(w, 0, 0.9, 1);

    (void)state;
    w->rule.wander = 0;
    for (int i = 0; i < DIFFICULTIES; i++)
        w->rule.seconds[i] = 100;
    world_insert(w, hard, 6.2, 1);
    world_insert(w, easy, 6, 1);
    assert_int_equal(world_choose(w, 0.005), easy);
    world_free(w);
}

static void the_search_ends_when_nothing_is_worth_it(void **state)
{
    struct world *w = world_of(5, 1);

    (void)state;
    /* not at once: of an idea that promises little the little is not sure either */
    world_insert(w, 0, 1.05, 1);
    assert_int_equal(world_choose(w, 0.005), 1);
    world_cycle(w, 1, ATTEMPT_SLOW, 100);
    for (int i = 0; i < 40; i++)
        world_cycle(w, world_insert(w, 0, 1.05, 1), ATTEMPT_SLOW, 100);
    world_insert(w, 0, 1.05, 1);
    assert_int_equal(world_choose(w, 0.05), 0);
    world_insert(w, 0, 6, 1);
    assert_int_equal(world_choose(w, 0.05), 43);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_choice_is_a_function_of_the_seed),
        cmocka_unit_test(the_same_calls_give_the_same_world),
        cmocka_unit_test(choices_explore),
        cmocka_unit_test(a_failed_idea_gives_way_and_ends),
        cmocka_unit_test(cycles_without_attempts_end_too),
        cmocka_unit_test(a_child_waits_for_its_parent_and_may_stand_on_a_slow_one),
        cmocka_unit_test(a_child_need_not_wait_for_the_end_of_a_cycle),
        cmocka_unit_test(a_step_is_worth_what_stands_on_it),
        cmocka_unit_test(what_stands_on_a_step_needs_the_step),
        cmocka_unit_test(the_search_ends_when_nothing_is_worth_it),
    };

    return cmocka_run_group_tests_name("world choice", tests, NULL, NULL);
}
