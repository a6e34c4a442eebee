/* What earlier searches tried: which records stay beside those of a new one. */
#include "driver/search/recall.h"
#include <stdio.h>
#include "tests/unit/check.h"

static json_t *record(const char *form, const char *gpu, const char *key, int points)
{
    return json_pack("{s:s, s:s, s:s, s:i}", "form", form, "gpu", gpu, "key", key, "points",
                     points);
}

static void assert_points(const json_t *all, size_t i, int points)
{
    assert_int_equal(json_integer_value(json_object_get(json_array_get(all, i), "points")), points);
}

static void a_new_record_takes_the_place_of_its_like(void **state)
{
    json_t *made = json_pack("[o]", record("own", "A", "1", 10));
    json_t *older =
        json_pack("[o, o, o, o]", record("own", "A", "1", 20), record("own", "B", "1", 30),
                  record("own", "A", "2", 40), record("file:x", "A", "1", 50));
    json_t *all = recall_merged(made, older);

    (void)state;
    assert_int_equal(json_array_size(all), 4);
    assert_points(all, 0, 10);
    assert_points(all, 1, 30);
    assert_points(all, 2, 40);
    assert_points(all, 3, 50);
    json_decref(made);
    json_decref(older);
    json_decref(all);
}

static void the_oldest_go(void **state)
{
    json_t *all = NULL;

    (void)state;
    for (int i = 0; i < 20; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        json_t *made = json_pack("[o]", record("own", "A", key, i));
        json_t *merged = recall_merged(made, all);
        json_decref(made);
        json_decref(all);
        all = merged;
    }
    assert_in_range(json_array_size(all), 2, 19);
    assert_points(all, 0, 19);
    assert_points(all, 1, 18);
    json_decref(all);
}

static void nothing_is_fine(void **state)
{
    json_t *all = recall_merged(NULL, NULL);

    (void)state;
    assert_int_equal(json_array_size(all), 0);
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_record_takes_the_place_of_its_like),
        cmocka_unit_test(the_oldest_go),
        cmocka_unit_test(nothing_is_fine),
    };

    return cmocka_run_group_tests_name("recall", tests, NULL, NULL);
}
