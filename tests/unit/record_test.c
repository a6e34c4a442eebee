#include <math.h>
#include "tests/unit/check.h"
#include "tests/unit/sample_record.h"
#include "runtime/base/error.h"

static void a_key_covers_schema_entry_and_each_part(void **state)
{
    struct key key = sample_key("f", 1), other = key;

    (void)state;
    key_finish(&other, "f");
    assert_true(hash_equal(&key.all, &other.all));
    key_finish(&other, "g");
    assert_false(hash_equal(&key.all, &other.all));
    for (int i = 0; i < KEY_PARTS; i++) {
        other = key;
        other.part[i].byte[31] ^= 1;
        key_finish(&other, "f");
        assert_false(hash_equal(&key.all, &other.all));
    }
    other = key; /* parts do not stand for one another */
    other.part[0] = key.part[1];
    other.part[1] = key.part[0];
    key_finish(&other, "f");
    assert_false(hash_equal(&key.all, &other.all));
}

static void every_part_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < KEY_PARTS; i++) {
        assert_true(strlen(key_part_name(i)) > 5);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(key_part_name(i), key_part_name(j));
    }
}

static void a_record_comes_back_as_it_was(void **state)
{
    struct record *r = sample_record("blas::gemm<T=float>", H200, 3), *back;
    json_t *object = record_to_json(r, true);
    struct error err = {""};

    (void)state;
    back = record_from_json(object, &err);
    assert_string_equal(err.text, "");
    assert_same_record(r, back);
    assert_string_equal(back->entry, "blas::gemm<T=float>");
    assert_true(hash_equal(&back->key.part[KEY_FLAGS], &r->key.part[KEY_FLAGS]));
    assert_int_equal(back->major, 9);
    assert_int_equal(back->minor, 0);
    assert_int_equal(back->values[1].value, -8);
    assert_true(back->workloads[0].winner_us == r->workloads[0].winner_us);
    assert_int_equal(json_array_size(json_object_get(back->workloads[0].samples, "winner")), 2);
    json_decref(object);
    record_free(back);
    record_free(r);
}

static void a_lockfile_has_no_samples(void **state)
{
    struct record *r = sample_record("f", H200, 0), *back;
    json_t *object = record_to_json(r, false);

    (void)state;
    back = record_from_json(object, NULL);
    assert_non_null(back);
    assert_null(back->workloads[0].samples);
    json_decref(object);
    record_free(back);
    record_free(r);
}

static void values_have_a_text(void **state)
{
    struct record *r = sample_record("f", H200, 0), *none = record_new();
    char *text = record_values_text(r), *empty = record_values_text(none);

    (void)state;
    assert_string_equal(text, "BM=64, TN=-8");
    assert_string_equal(empty, "");
    free(text);
    free(empty);
    record_free(r);
    record_free(none);
}

static void bytes_that_json_cannot_hold_are_replaced(void **state)
{
    struct record *r = sample_record("f\xff\x01g", H200, 0), *back;
    json_t *object = record_to_json(r, true);
    struct error err = {""};

    (void)state;
    assert_non_null(object);
    back = record_from_json(object, &err);
    assert_string_equal(err.text, "");
    assert_string_equal(back->entry, "f??g");
    json_decref(object);
    record_free(back);
    record_free(r);
}

static void numbers_that_json_cannot_hold(void **state)
{
    struct record *r = sample_record("f", H200, 0);
    json_t *object;

    (void)state;
    r->high = r->workloads[0].high = INFINITY; /* no bound: too few pairs */
    object = record_to_json(r, true);
    assert_non_null(object);
    assert_true(json_number_value(json_object_get(object, "high")) == 1e9);
    json_decref(object);
    r->ratio = NAN;
    assert_null(record_to_json(r, true));
    r->ratio = 1;
    r->workloads[0].winner_us = NAN;
    assert_null(record_to_json(r, true));
    record_free(r);
}

/* the sample as JSON with `member` replaced by what `text` says (NULL: removed), read again */
static void assert_refused(const char *member, const char *text, const char *message)
{
    struct record *r = sample_record("f", H200, 0), *back;
    json_t *object = record_to_json(r, true),
           *value = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    struct error err = {""};

    assert_true(!text || value);
    if (value)
        json_object_set_new(object, member, value);
    else
        assert_int_equal(json_object_del(object, member), 0);
    back = record_from_json(object, &err);
    if (back)
        fail_msg("%s = %s was accepted", member, text ? text : "nothing");
    assert_string_equal(err.text, message);
    json_decref(object);
    record_free(r);
}

static void every_member_is_required(void **state)
{
    struct record *r = sample_record("f", H200, 0);
    json_t *object = record_to_json(r, true), *value;
    const char *name;
    char message[80];
    int n = 0;

    (void)state;
    json_object_foreach(object, name, value)
    {
        snprintf(message, sizeof message, "field '%s' is missing", name);
        assert_refused(name, NULL, message);
        n++;
    }
    assert_int_equal(n, 23);
    json_decref(object);
    record_free(r);
}

static void wrong_members_are_named(void **state)
{
    static const struct {
        const char *member, *text, *message;
    } cases[] = {
        {"entry", "7", "field 'entry' is not a string"},
        {"entry", "\"\"", "field 'entry' is empty"},
        {"entry", "\"a\\u001bb\"", "field 'entry' holds a control character"},
        {"gpu", "null", "field 'gpu' is not a string"},
        {"key", "\"12\"", "field 'key' is not 64 hexadecimal digits"},
        {"parts", "[]", "field 'parts' is not an object"},
        {"parts", "{}", "field 'parts.region' is missing"},
        {"parts", "{\"region\": \"x\"}", "field 'parts.region' is not 64 hexadecimal digits"},
        {"cc", "\"9\"", "field 'cc' is not a compute capability such as 9.0"},
        {"cc", "\"9.0x\"", "field 'cc' is not a compute capability such as 9.0"},
        {"cc", "\"09.0\"", "field 'cc' is not a compute capability such as 9.0"},
        {"cc", "\"-9.0\"", "field 'cc' is not a compute capability such as 9.0"},
        {"cc", "9.0", "field 'cc' is not a string"},
        {"win", "1", "field 'win' is neither true nor false"},
        {"values", "[]", "field 'values' is not an object"},
        {"values", "{\"a b\": 1}", "field 'values' has a member that is no identifier"},
        {"values", "{\"\": 1}", "field 'values' has a member that is no identifier"},
        {"values", "{\"BM\": 1.5}", "field 'values' has a value of 'BM' that is not an integer"},
        {"ratio", "\"1\"", "field 'ratio' is not a number"},
        {"ratio", "0", "field 'ratio' is out of range: 0"},
        {"ratio", "-1", "field 'ratio' is out of range: -1"},
        {"ratio", "1e10", "field 'ratio' is out of range: 1e+10"},
        {"low", "5", "field 'low' is above 'high'"},
        {"noise", "-0.1", "field 'noise' is out of range: -0.1"},
        {"workloads", "{}", "field 'workloads' is not an array"},
        {"workloads", "[1]", "field 'workloads' holds something that is not an object"},
        {"workloads", "[{}]", "field 'workloads[0].label' is missing"},
        {"workloads", "[{\"label\": \"\", \"weight\": 0}]",
         "field 'workloads[0].weight' is out of range: 0"},
        {"code", "\"zz\"", "field 'code' is not 64 hexadecimal digits"},
        {"space", "-1", "field 'space' is out of range: -1"},
        {"space", "1.0", "field 'space' is not an integer"},
        {"interrupted", "\"no\"", "field 'interrupted' is neither true nor false"},
        {"seconds", "-1", "field 'seconds' is out of range: -1"},
        {"driver", "3000000000", "field 'driver' is out of range: 3000000000"},
        {"gpu_uuid", "{}", "field 'gpu_uuid' is not a string"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_refused(cases[i].member, cases[i].text, cases[i].message);
}

static void samples_are_looked_at(void **state)
{
    static const char *const wrong[] = {"[]", "{\"original\":[1]}",
                                        "{\"original\":[1], \"winner\":[0]}",
                                        "{\"original\":[\"1\"], \"winner\":[1]}"};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct record *r = sample_record("f", H200, 0);
        json_t *object = record_to_json(r, true);
        struct error err = {""};

        json_object_set_new(json_array_get(json_object_get(object, "workloads"), 0), "samples",
                            json_loads(wrong[i], 0, NULL));
        assert_null(record_from_json(object, &err));
        assert_non_null(strstr(err.text, "field 'workloads[0].samples' "));
        json_decref(object);
        record_free(r);
    }
}

static void unknown_members_are_ignored(void **state)
{
    struct record *r = sample_record("f", H200, 0), *back;
    json_t *object = record_to_json(r, true);

    (void)state;
    json_object_set_new(object, "later", json_pack("{s:[i]}", "x", 1));
    back = record_from_json(object, NULL);
    assert_same_record(r, back);
    json_decref(object);
    record_free(back);
    record_free(r);
}

static void without_a_win_ratios_may_be_unmeasured(void **state)
{
    struct record *r = sample_record("f", H200, 0), *back;
    json_t *object;

    (void)state;
    r->win = false;
    r->ratio = r->low = r->high = 0;
    object = record_to_json(r, true);
    back = record_from_json(object, NULL);
    assert_non_null(back);
    json_decref(object);
    record_free(back);
    record_free(r);
}

static void what_is_no_object_is_refused(void **state)
{
    json_t *list = json_array();
    struct error err = {""};

    (void)state;
    assert_null(record_from_json(NULL, &err));
    assert_null(record_from_json(list, NULL));
    assert_string_equal(err.text, "a record is not a JSON object");
    json_decref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_covers_schema_entry_and_each_part),
        cmocka_unit_test(every_part_has_a_name),
        cmocka_unit_test(a_record_comes_back_as_it_was),
        cmocka_unit_test(a_lockfile_has_no_samples),
        cmocka_unit_test(values_have_a_text),
        cmocka_unit_test(bytes_that_json_cannot_hold_are_replaced),
        cmocka_unit_test(numbers_that_json_cannot_hold),
        cmocka_unit_test(every_member_is_required),
        cmocka_unit_test(wrong_members_are_named),
        cmocka_unit_test(samples_are_looked_at),
        cmocka_unit_test(unknown_members_are_ignored),
        cmocka_unit_test(without_a_win_ratios_may_be_unmeasured),
        cmocka_unit_test(what_is_no_object_is_refused),
    };

    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
