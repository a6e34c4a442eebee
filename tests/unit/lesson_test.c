/* What one space says of another: which of their tunables are alike, and how far that is believed.
 */
#include "driver/search/tune_lesson.h"
#include <math.h>
#include "driver/search/teach.h"
#include "driver/search/tune.h"
#include "tests/unit/check.h"
#include "tests/unit/sample_spec.h"

struct sample {
    struct sample_spec *spec;
    struct space *space;
};

static struct sample make(const char *line)
{
    static const struct gpu gpu = {.major = 9};
    struct sample s = {.spec = sample_spec_new(line)};

    s.space = space_new(&s.spec->spec, &gpu, &s.spec->diag);
    assert_non_null(s.space);
    return s;
}

static void drop(struct sample *s)
{
    space_free(s->space);
    sample_spec_free(s->spec);
}

static float slot_of(const struct slots *s, const char *name, size_t point)
{
    float x[SLOTS_MOST];

    if (slots_find(s, name) == slots_count(s))
        fail_msg("there is no slot %s", name);
    slots_of(s, point, x);
    return x[slots_find(s, name)];
}

static void kinds_are_told_by_names_and_values(void **state)
{
    struct sample one = make("BLOCK_X = 16 32; block_size_y = 4 8; TILE_X = 1 2 4; UNROLL = 1 2; "
                             "use_padding = 0 1; VEC = 1 4; STAGES = 2 3; method = 0 1 2");
    struct sample two = make("BM = 64 128; BN = 64 128; BK = 8 16; TM = 4 8; warps = 2 4");
    struct slots *s = slots_new(one.space), *t = slots_new(two.space);
    size_t last = space_known(one.space) - 1;

    (void)state;
    assert_true(slot_of(s, "block0", last) == 5 && slot_of(s, "block1", last) == 3);
    assert_true(slot_of(s, "threads", last) == 8 && slot_of(s, "threads", 0) == 6);
    assert_true(slot_of(s, "tile0", last) == 2 && slot_of(s, "work", last) == 2);
    assert_true(slot_of(s, "padding0", last) == 1 && slot_of(s, "vector0", last) == 2);
    assert_true(slot_of(s, "=method", last) == 2 && slot_of(s, "stages0", last) == 3);
    slot_of(s, "unroll0", last);
    last = space_known(two.space) - 1;
    assert_true(slot_of(t, "group1", last) == 7 && slot_of(t, "depth0", last) == 4);
    assert_true(slot_of(t, "threads", last) == 7 && slot_of(t, "work", last) == 3);
    slots_free(s);
    slots_free(t);
    drop(&one);
    drop(&two);
}

/* best at 128 threads, a tile of 4, and with padding */
static double time_of(const int64_t *v)
{
    return exp(0.3 * fabs(log2((double)(v[0] * v[1])) - 7) + 0.2 * fabs(log2((double)v[2]) - 2) -
               0.1 * (double)v[3]);
}

/* what a search of this space leaves, of which every `step`th point was tried */
static struct lesson *learn(struct space *space, size_t step, double sign)
{
    struct tuner *t = tuner_new(space, TUNER_RANDOM, 1, 1);
    struct lesson *l;

    for (size_t p = 0; p < space_known(space); p += step)
        tuner_know(t, p, false, pow(time_of(space_values(space, p)), sign));
    l = tuner_lesson(t, "k.cu: k");
    tuner_free(t);
    return l;
}

#define SMALL "block_x = 16 32 64 128; block_y = 1 2 4 8; tile = 1 2 4 8; pad = 0 1"
#define LARGE \
    "bx = 8 16 32 64 128 256; by = 1 2 4 8 16; items = 1 2 4 8 16 32; padded = 0 1; order = 0..7"

/* best possible score over the best that a tuner finds with these lessons */
static double found(struct space *space, const struct lesson *const *lessons, size_t n,
                    size_t evals, uint64_t seed)
{
    struct tuner *t = tuner_new(space, TUNER_SURROGATE, seed, 100);
    double best = HUGE_VAL, least = HUGE_VAL;
    size_t point;

    tuner_teach(t, lessons, n);
    for (size_t i = 0; i < evals && tuner_suggest(t, &point, 1); i++) {
        double score = time_of(space_values(space, point));
        tuner_report(t, point, false, score);
        best = score < best ? score : best;
    }
    tuner_free(t);
    for (size_t p = 0; p < space_known(space); p++)
        least = fmin(least, time_of(space_values(space, p)));
    return least / best;
}

static double mean_found(struct space *space, const struct lesson *lesson, size_t evals)
{
    double sum = 0;

    for (uint64_t seed = 1; seed <= 20; seed++)
        sum += found(space, &lesson, lesson != NULL, evals, seed) / 20;
    return sum;
}

static void a_lesson_helps_where_it_holds_and_harms_little_where_not(void **state)
{
    struct sample small = make(SMALL), large = make(LARGE);
    struct lesson *right = learn(small.space, 1, 1), *wrong = learn(small.space, 1, -1);
    double with = mean_found(large.space, right, 12), misled = mean_found(large.space, wrong, 16);
    double without = mean_found(large.space, NULL, 12), later = mean_found(large.space, NULL, 16);

    (void)state;
    print_message("# 12 evaluations: %.3f, without %.3f; 16, misled: %.3f, without %.3f\n", with,
                  without, misled, later);
    assert_true(with > without + 0.02);
    assert_true(misled > later - 0.03);
    lesson_free(right);
    lesson_free(wrong);
    drop(&small);
    drop(&large);
}

static void few_trials_make_no_lesson(void **state)
{
    struct sample s = make(SMALL);

    (void)state;
    assert_null(learn(s.space, 10, 1));
    assert_null(learn(s.space, 1, 0)); /* all the same */
    drop(&s);
}

static void a_lesson_is_kept_as_json(void **state)
{
    struct sample s = make(SMALL);
    struct lesson *l = learn(s.space, 1, 1), *again;
    struct slots *slots = slots_new(s.space);
    json_t *json = lesson_to_json(l);

    (void)state;
    again = lesson_from_json(json);
    assert_non_null(again);
    assert_string_equal(again->name, "k.cu: k");
    assert_true(lesson_likeness(again, slots) == 1);
    for (size_t p = 0; p < space_known(s.space); p++) {
        float x[SLOTS_MOST];
        slots_of(slots, p, x);
        assert_true(fabs(lesson_value(l, slots, x) - lesson_value(again, slots, x)) < 0.005);
    }
    json_decref(json);
    lesson_free(l);
    lesson_free(again);
    slots_free(slots);
    drop(&s);
}

static void what_is_no_lesson_is_none(void **state)
{
    static const char *const texts[] = {"[]", "{}", "{\"name\": \"x\"}",
                                        "{\"name\": 3, \"curves\": {\"a\": []}}",
                                        "{\"name\": \"x\", \"curves\": [1, 2]}"};
    json_t *odd =
        json_loads("{\"name\": \"x\", \"curves\": {\"threads\": [1, null, \"2\"]}}", 0, NULL);
    struct lesson *l = lesson_from_json(odd);

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        json_t *json = json_loads(texts[i], 0, NULL);
        assert_non_null(json);
        assert_null(lesson_from_json(json));
        json_decref(json);
    }
    assert_non_null(l);
    assert_true(l->curve[0].at[0] == 1 && l->curve[0].at[1] == 0 && l->curve[0].at[10] == 0);
    lesson_free(l);
    json_decref(odd);
}

static void a_new_lesson_takes_the_place_of_its_like(void **state)
{
    json_t *all = NULL;

    (void)state;
    for (int i = 0; i < 60; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i % 40);
        json_t *made = json_pack("[{s:s, s:i}]", "name", name, "n", i);
        json_t *merged = teach_merged(made, all);
        json_decref(made);
        json_decref(all);
        all = merged;
    }
    assert_in_range(json_array_size(all), 2, 39); /* the oldest went */
    assert_int_equal(json_integer_value(json_object_get(json_array_get(all, 0), "n")), 59);
    for (size_t i = 1; i < json_array_size(all); i++)
        assert_string_not_equal(json_string_value(json_object_get(json_array_get(all, i), "name")),
                                "19");
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_told_by_names_and_values),
        cmocka_unit_test(a_lesson_helps_where_it_holds_and_harms_little_where_not),
        cmocka_unit_test(few_trials_make_no_lesson),
        cmocka_unit_test(a_lesson_is_kept_as_json),
        cmocka_unit_test(what_is_no_lesson_is_none),
        cmocka_unit_test(a_new_lesson_takes_the_place_of_its_like),
    };

    return cmocka_run_group_tests_name("lesson", tests, NULL, NULL);
}
