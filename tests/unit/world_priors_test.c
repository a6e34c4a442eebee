/* What a search leaves to the next, and what that makes of it. */
#include "tests/unit/check.h"
#include "tests/unit/world_fixture.h"

static void learn(struct world *w, int failures)
{
    for (int i = 0; i < 8; i++) {
        world_cycle(w, world_insert(w, 0, 2, 2), ATTEMPT_SLOW, 100 / 1.05 - 0.01 * i);
        world_cycle(w, world_insert_by(w, "knob:unroll", 0, "", 1.2, 1), ATTEMPT_GAIN, 60);
    }
    for (int i = 0; i < failures; i++)
        world_cycle(w, world_insert(w, 0, 2, 2), ATTEMPT_BUILD, 0);
}

static void a_second_search_starts_wiser(void **state)
{
    struct world_config c = world_plain(1, 1);
    struct world *first = world_new(&c), *without = world_new(&c), *with, *far;
    size_t model = 1, knob = 2;
    json_t *priors;

    (void)state;
    learn(first, 20);
    priors = world_priors(first);
    c.priors = priors;
    with = world_new(&c);
    c.kernel_class = "gemm";
    c.arch = "sm_100";
    far = world_new(&c);
    json_decref(priors); /* borrowed only */
    struct world *const all[] = {without, with, far};
    for (int i = 0; i < 3; i++) {
        world_insert(all[i], 0, 2, 2);
        world_insert_by(all[i], "knob:unroll", 0, "", 1.2, 1);
        all[i]->rule.wander = 0;
    }
    assert_true(world_value(with, model).works < world_value(without, model).works - 0.05);
    assert_true(world_value(with, model).gain < world_value(without, model).gain);
    assert_true(world_value(with, knob).gain > world_value(without, knob).gain);
    /* coarser keys count, less */
    assert_true(world_value(far, model).works < world_value(without, model).works);
    assert_true(world_value(far, model).works > world_value(with, model).works);
    assert_int_equal(world_choose(without, 0), model);
    assert_int_equal(world_choose(with, 0), knob);
    world_free(first);
    world_free(without);
    world_free(with);
    world_free(far);
}

/* a hundred searches that said one thing do not outvote one that says another for long, and their
 * record does not grow */
static void old_evidence_fades(void **state)
{
    struct world_config c = world_plain(1, 1);
    json_t *priors = NULL;
    struct world *w;
    double gloomy, after;
    size_t size = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        json_t *next;
        c.priors = priors;
        w = world_new(&c);
        for (int k = 0; k < 10; k++)
            world_cycle(w, world_insert(w, 0, 3, 1), ATTEMPT_CHECK, 0);
        next = world_priors(w);
        json_decref(priors);
        priors = next;
        if (i == 1)
            size = json_dumpb(priors, NULL, 0, JSON_COMPACT);
        world_free(w);
    }
    assert_true(json_dumpb(priors, NULL, 0, JSON_COMPACT) < size + 100);
    assert_true(
        json_number_value(json_array_get(
            json_object_get(json_array_get(json_object_get(priors, "entries"), 0), "attempts"),
            3)) <= 48);
    c.priors = priors;
    w = world_new(&c);
    w->rule.attempts = 1; /* as there are here: the chance of a cycle is that of an attempt */
    gloomy = world_value(w, world_insert(w, 0, 3, 1)).works;
    for (int k = 0; k < 12; k++)
        world_cycle(w, world_insert(w, 0, 3, 1), ATTEMPT_GAIN, 50);
    after = world_value(w, 1).works;
    assert_true(after > gloomy + 0.2);
    world_free(w);
    json_decref(priors);
}

#define FAILED(class)                                                        \
    "{\"class\":\"" class "\",\"bottleneck\":\"memory\",\"arch\":\"sm_90\"," \
                          "\"proposer\":\"model\",\"difficulty\":1,\"attempts\":[0,0,0,40]}"
#define WORKED(class)                                                        \
    "{\"class\":\"" class "\",\"bottleneck\":\"memory\",\"arch\":\"sm_90\"," \
                          "\"proposer\":\"model\",\"difficulty\":1,\"attempts\":[40,0,0,0]}"

/* what the closest kernels say is enough where there is enough of it */
static void far_evidence_does_not_count_where_close_is_plenty(void **state)
{
    static const char *const priors[] = {
        "{\"version\":1,\"entries\":[" FAILED("reduction") "]}",
        "{\"version\":1,\"entries\":[" FAILED("reduction") "," WORKED("gemm") "]}",
        "{\"version\":1,\"entries\":[" WORKED("gemm") "]}",
    };
    struct world_config c = world_plain(1, 1);
    double works[COUNT(priors)];

    (void)state;
    for (size_t i = 0; i < COUNT(priors); i++) {
        struct world *w;
        c.priors = json_loads(priors[i], 0, NULL);
        w = world_new(&c);
        works[i] = world_value(w, world_insert(w, 0, 2, 1)).works;
        world_free(w);
        json_decref(c.priors);
    }
    assert_true(fabs(works[0] - works[1]) < 1e-12);
    assert_true(works[2] > works[0] + 0.1);
}

static void priors_are_bounded_and_read_back(void **state)
{
    struct world_config c = world_plain(1, 1);
    json_t *priors, *again;
    struct world *w;
    char proposer[32];

    (void)state;
    c.most = 1000;
    w = world_new(&c);
    for (int i = 0; i < 400; i++) {
        snprintf(proposer, sizeof proposer, "knob:%d", i);
        world_cycle(w, world_insert_by(w, proposer, 0, "", 2, 1), ATTEMPT_GAIN, 90);
    }
    priors = world_priors(w);
    assert_int_equal(json_array_size(json_object_get(priors, "entries")), 256);
    world_free(w);
    c.priors = priors;
    w = world_new(&c);
    again = world_priors(w);
    assert_true(json_equal(priors, again));
    world_free(w);
    json_decref(priors);
    json_decref(again);
}

#define ENTRY(numbers)                                                                 \
    ("{\"version\":1,\"entries\":[{\"class\":\"reduction\",\"bottleneck\":\"memory\"," \
     "\"arch\":\"sm_90\",\"proposer\":\"model\"," numbers "}]}")

static void broken_priors_are_as_none(void **state)
{
    static const char *const broken[] = {
        "[]",
        "{}",
        "{\"version\":2,\"entries\":[]}",
        "{\"version\":1,\"entries\":{}}",
        "{\"version\":1,\"entries\":[3,null,{},{\"class\":\"reduction\"}]}",
        ENTRY("\"difficulty\":1,\"attempts\":[-5,0,0,1],\"cost\":[1,1e300,1],"
              "\"gain\":[1,0,0,-1,5,0]"),
        ENTRY("\"difficulty\":9,\"attempts\":[0,0,0,40]"),
    };
    struct world_config c = world_plain(1, 1);
    struct world *plain = world_new(&c);
    struct idea_value want = world_value(plain, world_insert(plain, 0, 2, 1));

    (void)state;
    for (size_t i = 0; i < COUNT(broken); i++) {
        struct idea_value got;
        struct world *w;
        c.priors = json_loads(broken[i], 0, NULL);
        assert_non_null(c.priors);
        w = world_new(&c);
        got = world_value(w, world_insert(w, 0, 2, 1));
        assert_memory_equal(&got, &want, sizeof got);
        world_free(w);
        json_decref(c.priors);
    }
    world_free(plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_search_starts_wiser),
        cmocka_unit_test(old_evidence_fades),
        cmocka_unit_test(far_evidence_does_not_count_where_close_is_plenty),
        cmocka_unit_test(priors_are_bounded_and_read_back),
        cmocka_unit_test(broken_priors_are_as_none),
    };

    return cmocka_run_group_tests_name("world_priors", tests, NULL, NULL);
}
