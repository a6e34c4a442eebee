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
    assert_int_equal(back->winners[0].values[1].value, -8);
    assert_true(back->workloads[0].winner_us == r->workloads[0].winner_us);
    assert_int_equal(json_array_size(json_object_get(back->workloads[0].samples, "winner")), 2);
    json_decref(object);
    record_free(back);
    record_free(r);
}

static void winners_for_sizes_come_back(void **state)
{
    struct record *r = sample_record("f", H200, 3), *back;
    json_t *object = record_to_json(r, true);
    struct error err = {""};

    (void)state;
    assert_null(json_object_get(json_array_get(json_object_get(object, "winners"), 0), "when"));
    json_decref(object);
    sample_regimes(r, "gr\xc3\xb6\xc3\x9f"
                      "e"); /* an identifier to nvcc, too */
    sample_winner(r, r->winners[0].param, INT64_MIN, 0, 7);
    sample_winner(r, r->winners[0].param, 8193, INT64_MAX, 8);
    object = record_to_json(r, true);
    back = record_from_json(object, &err);
    assert_string_equal(err.text, "");
    assert_same_record(r, back);
    assert_int_equal(back->nwinners, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct record_winner *a = &r->winners[i], *b = &back->winners[i];
        assert_string_equal(b->param, a->param);
        assert_true(b->low == a->low && b->high == a->high);
        assert_int_equal(b->nvalues, 2);
        assert_string_equal(b->values[0].name, "BM");
        assert_int_equal(b->values[0].value, a->values[0].value);
        assert_true(hash_equal(&b->code, &a->code));
    }
    json_decref(object);
    record_free(back);
    record_free(r);
}

static void what_a_winner_needs_comes_back(void **state)
{
    struct record *r = sample_record("f", H200, 3), *back;
    struct error err = {""};
    json_t *object;
    char *values;

    (void)state;
    sample_regimes(r, "rows");
    r->winners[1].arch = strdup("sm_90a");
    object = record_to_json(r, true);
    back = record_from_json(object, &err);
    assert_string_equal(err.text, "");
    assert_same_record(r, back);
    assert_null(back->winners[0].arch);
    assert_string_equal(back->winners[1].arch, "sm_90a");
    values = record_values_text(back);
    assert_string_equal(values, "BM=1024, TN=-8 for rows 1..16; "
                                "BM=512, TN=-8 as sm_90a for rows 8192");
    free(values);
    record_free(back);

    /* of another GPU, or of a kind that nobody knows yet */
    static const char *const others[] = {"sm_100a", "sm_90f", "sm_90", ""};
    json_t *winner = json_array_get(json_object_get(object, "winners"), 1);
    for (size_t i = 0; i < COUNT(others); i++) {
        json_object_set_new(winner, "arch", json_string(others[i]));
        err = (struct error){""};
        assert_null(record_from_json(object, &err));
        assert_non_null(strstr(err.text, "winners[1].arch"));
    }
    json_decref(object);
    record_free(r);
}

#define TEXT                                    \
    "__global__ void k() // gr\xc3\xb6\xc3\x9f" \
    "er\n{\n\tasm(\"exit;\");\n}\n"

static void name_winner(struct record *r, size_t i, const char *structure, const char *text)
{
    r->winners[i].structure = strdup(structure);
    r->winners[i].text = text ? strdup(text) : NULL;
}

static void a_text_comes_back_as_it_was(void **state)
{
    struct record *r = sample_record("f", H200, 3), *back;
    struct error err = {""};
    json_t *object, *winners;
    char *values;

    (void)state;
    sample_regimes(r, "rows");
    sample_winner(r, "rows", 20000, 30000, 64);
    name_winner(r, 0, "model:1a2b3c4d", TEXT);
    name_winner(r, 1, "model:1a2b3c4d", TEXT);
    name_winner(r, 2, "wide.cu", NULL);
    object = record_to_json(r, true);
    winners = json_object_get(object, "winners");
    assert_string_equal(json_string_value(json_object_get(json_array_get(winners, 0), "text")),
                        TEXT);
    assert_null(json_object_get(json_array_get(winners, 1), "text")); /* once is enough */
    assert_null(json_object_get(json_array_get(winners, 2), "text"));
    back = record_from_json(object, &err);
    assert_string_equal(err.text, "");
    assert_same_record(r, back);
    assert_string_equal(back->winners[0].text, TEXT);
    assert_string_equal(back->winners[1].text, TEXT);
    assert_null(back->winners[2].text);
    values = record_values_text(back);
    assert_string_equal(values, "model:1a2b3c4d with BM=1024, TN=-8 for rows 1..16; "
                                "model:1a2b3c4d with BM=512, TN=-8 for rows 8192; "
                                "wide.cu with BM=64, TN=-8 for rows 20000..30000");
    free(values);
    json_decref(object);
    record_free(back);
    record_free(r);
}

static void a_text_that_json_cannot_hold(void **state)
{
    struct record *r = sample_record("f", H200, 0);

    (void)state;
    name_winner(r, 0, "model:1a2b3c4d", "// \xff\n");
    assert_null(record_to_json(r, true)); /* another text would be another program */
    record_free(r);
}

static void the_largest_text_fits(void **state)
{
    struct record *r = sample_record("f", H200, 0), *back;
    char *text = calloc(1, RECORD_TEXT_LIMIT + 2);
    struct error err = {""};

    (void)state;
    memset(text, 'x', RECORD_TEXT_LIMIT + 1);
    for (int over = 1; over >= 0; over--) {
        json_t *object;
        text[RECORD_TEXT_LIMIT + over] = '\0';
        name_winner(r, 0, "model:1a2b3c4d", text);
        object = record_to_json(r, true);
        back = record_from_json(object, &err);
        assert_string_equal(err.text,
                            over ? "field 'winners[0].text' is longer than 262144 bytes" : "");
        err.text[0] = '\0';
        json_decref(object);
        record_free(back);
        free(r->winners[0].structure);
        free(r->winners[0].text);
        r->winners[0].structure = r->winners[0].text = NULL;
    }
    free(text);
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
    char *text = record_values_text(r), *empty = record_values_text(none), *regimes;

    (void)state;
    assert_string_equal(text, "BM=64, TN=-8");
    assert_string_equal(empty, "");
    sample_regimes(r, "rows");
    regimes = record_values_text(r);
    assert_string_equal(regimes, "BM=1024, TN=-8 for rows 1..16; BM=512, TN=-8 for rows 8192");
    free(text);
    free(empty);
    free(regimes);
    record_free(r);
    record_free(none);
}

static void an_end_by_the_budget_has_a_text(void **state)
{
    struct record *r = sample_record("f", H200, 0);
    char text[GAIN_TEXT];

    (void)state;
    r->interrupted = false;
    assert_string_equal(record_end_text(r, text), "");
    r->interrupted = true;
    r->trials = 1;
    r->space = 4;
    assert_string_equal(record_end_text(r, text), ", which its budget ended after 1 of 4 variants");
    record_free(r);
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
    assert_string_equal(back->entry, "f\xef\xbf\xbd?g");
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
        if (strcmp(name, "others") == 0) /* is there when there were some */
            continue;
        snprintf(message, sizeof message, "field '%s' is missing", name);
        assert_refused(name, NULL, message);
        n++;
    }
    assert_int_equal(n, 21);
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
        {"winners", "{}", "field 'winners' is not an array"},
        {"winners", "[1]", "field 'winners' holds something that is not an object"},
        {"winners", "[{}]", "field 'winners[0].values' is missing"},
        {"ratio", "\"1\"", "field 'ratio' is not a number"},
        {"ratio", "0", "field 'ratio' is out of range: 0"},
        {"ratio", "-1", "field 'ratio' is out of range: -1"},
        {"ratio", "1e10", "field 'ratio' is out of range: 1e+10"},
        {"low", "5", "field 'low' is above 'high'"},
        {"noise", "-0.1", "field 'noise' is out of range: -0.1"},
        {"made_of", "[]", "field 'made_of' is not {files, constants, flags}"},
        {"made_of", "{\"files\": 1}", "field 'made_of' is not {files, constants, flags}"},
        {"made_of", "{\"constants\": {\"K\": 1}}",
         "field 'made_of' is not {files, constants, flags}"},
        {"made_of", "{\"constants\": {\"K\": \"\\u001b[2J\"}}",
         "field 'made_of' is not {files, constants, flags}"},
        {"made_of", "{\"flags\": {}}", "field 'made_of' is not {files, constants, flags}"},
        {"others", "-1", "field 'others' is out of range: -1"},
        {"workloads", "{}", "field 'workloads' is not an array"},
        {"workloads", "[1]", "field 'workloads' holds something that is not an object"},
        {"workloads", "[{}]", "field 'workloads[0].label' is missing"},
        {"workloads", "[{\"label\": \"\", \"weight\": 0}]",
         "field 'workloads[0].weight' is out of range: 0"},
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

static void what_it_is_made_of_travels(void **state)
{
    struct record *r = sample_record("f", H200, 0), *back;
    json_t *object;

    (void)state;
    r->made_of = json_pack("{s:{s:s}, s:{s:s}, s:s}", "files", "a.cuh", "0123", "constants", "K",
                           "3", "flags", "-O3");
    object = record_to_json(r, true);
    back = record_from_json(object, NULL);
    assert_non_null(back);
    assert_same_record(r, back);
    assert_true(json_equal(r->made_of, back->made_of));
    json_decref(object);
    record_free(back);
    record_free(r);
}

#define CODE "\"code\": \"0123456789012345678901234567890123456789012345678901234567890123\"}"
#define WHEN(param, low, high) \
    "{\"when\": {\"param\": " param ", \"low\": " low ", \"high\": " high "}, "
#define VALUES(values) "\"values\": {" values "}, "
#define NAMED "\"structure\": \"model:1a\", "
#define BM VALUES("\"BM\": 1") CODE

static void wrong_winners_are_named(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[{\"values\": []}]", "field 'winners[0].values' is not an object"},
        {"[{" VALUES("\"a b\": 1") CODE "]",
         "field 'winners[0].values' has a member that is no identifier"},
        {"[{" VALUES("\"\": 1") CODE "]",
         "field 'winners[0].values' has a member that is no identifier"},
        {"[{" VALUES("\"1a\": 1") CODE "]",
         "field 'winners[0].values' has a member that is no identifier"},
        {"[{" VALUES("\"BM\": 1.5") CODE "]",
         "field 'winners[0].values' has a value of 'BM' that is not an integer"},
        {"[{\"values\": {\"BM\": 1}}]", "field 'winners[0].code' is missing"},
        {"[{\"values\": {\"BM\": 1}, \"code\": \"zz\"}]",
         "field 'winners[0].code' is not 64 hexadecimal digits"},
        {"[{\"when\": null, " BM "]", "field 'winners[0].when' is not an object"},
        {"[{\"when\": {}, " BM "]", "field 'winners[0].when.param' is missing"},
        {"[" WHEN("\"\"", "1", "2") BM "]", "field 'winners[0].when.param' is empty"},
        {"[" WHEN("\"a.b\"", "1", "2") BM "]", "field 'winners[0].when.param' is no identifier"},
        {"[" WHEN("\"n\"", "1.0", "2") BM "]", "field 'winners[0].when.low' is not an integer"},
        {"[" WHEN("\"n\"", "1", "null") BM "]", "field 'winners[0].when.high' is not an integer"},
        {"[" WHEN("\"n\"", "3", "2") BM "]", "field 'winners[0].when.low' is above 'high'"},
        {"[{" BM ", {" BM "]",
         "field 'winners[1].when' is missing here or before: a winner that holds everywhere is "
         "alone"},
        {"[{" BM ", " WHEN("\"n\"", "1", "2") BM "]",
         "field 'winners[1].when' is missing here or before: a winner that holds everywhere is "
         "alone"},
        {"[" WHEN("\"n\"", "1", "2") BM ", {" BM "]",
         "field 'winners[1].when' is missing here or before: a winner that holds everywhere is "
         "alone"},
        {"[" WHEN("\"n\"", "1", "2") BM ", " WHEN("\"m\"", "3", "4") BM "]",
         "field 'winners[1].when.param' is not that of the first winner, 'n'"},
        {"[" WHEN("\"n\"", "1", "2") BM ", " WHEN("\"n\"", "5", "6") BM ", " WHEN("\"n\"", "6", "9")
             BM "]",
         "field 'winners[2].when' overlaps that of winners[1]"},
        {"[" WHEN("\"n\"", "1", "9") BM ", " WHEN("\"n\"", "5", "6") BM "]",
         "field 'winners[1].when' overlaps that of winners[0]"},
        {"[" WHEN("\"n\"", "5", "6") BM ", " WHEN("\"n\"", "1", "9") BM "]",
         "field 'winners[1].when' overlaps that of winners[0]"},
        {"[" WHEN("\"n\"", "1", "2") BM ", " WHEN("\"n\"", "3", "4") VALUES("\"TN\": 1") CODE "]",
         "field 'winners[1].values' are not of the tunables of winners[0]"},
        {"[" WHEN("\"n\"", "1", "2") BM ", " WHEN("\"n\"", "3", "4") VALUES("") CODE "]",
         "field 'winners[1].values' are not of the tunables of winners[0]"},
        {"[" WHEN("\"n\"", "1", "2") VALUES("\"TN\": 1, \"BM\": 1") CODE
         ", " WHEN("\"n\"", "3", "4") VALUES("\"BM\": 1, \"BN\": 1") CODE "]",
         "field 'winners[1].values' are not of the tunables of winners[0]"},
        {"[{" NAMED "\"text\": 7, " BM "]", "field 'winners[0].text' is not a string"},
        {"[{\"text\": \"x\", " BM "]",
         "field 'winners[0].text' has no name: 'structure' is missing"},
        {"[{" NAMED "\"text\": \"a\\u001b[2J\", " BM "]",
         "field 'winners[0].text' holds a control character"},
        {"[{" NAMED "\"text\": \"a\\r\", " BM "]",
         "field 'winners[0].text' holds a control character"},
        {"[" WHEN("\"n\"", "1", "2") NAMED "\"text\": \"x\", " BM ", " WHEN("\"n\"", "3", "4") NAMED
         "\"text\": \"y\", " BM "]",
         "field 'winners[1].text' is not that of an earlier winner of 'model:1a'"},
        {"[" WHEN("\"n\"", "1", "2") NAMED BM ", " WHEN("\"n\"", "3", "4") NAMED
         "\"text\": \"y\", " BM "]",
         "field 'winners[1].text' is not that of an earlier winner of 'model:1a'"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_refused("winners", cases[i].text, cases[i].message);
}

static void tunables_may_be_in_any_order(void **state)
{
    struct record *r = sample_record("f", H200, 0), *back;
    json_t *object = record_to_json(r, true);
    struct error err = {""};

    (void)state;
    json_object_set_new(object, "winners",
                        json_loads("[" WHEN("\"n\"", "1", "2") VALUES("\"A\": 1, \"B\": 2") CODE
                                   ", " WHEN("\"n\"", "3", "4") VALUES("\"B\": 1, \"A\": 2") CODE
                                   "]",
                                   0, NULL));
    back = record_from_json(object, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(back->nwinners, 2);
    json_decref(object);
    record_free(back);
    record_free(r);
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
    drop_winners(r);
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
        cmocka_unit_test(winners_for_sizes_come_back),
        cmocka_unit_test(what_a_winner_needs_comes_back),
        cmocka_unit_test(a_text_comes_back_as_it_was),
        cmocka_unit_test(a_text_that_json_cannot_hold),
        cmocka_unit_test(the_largest_text_fits),
        cmocka_unit_test(a_lockfile_has_no_samples),
        cmocka_unit_test(values_have_a_text),
        cmocka_unit_test(an_end_by_the_budget_has_a_text),
        cmocka_unit_test(bytes_that_json_cannot_hold_are_replaced),
        cmocka_unit_test(numbers_that_json_cannot_hold),
        cmocka_unit_test(every_member_is_required),
        cmocka_unit_test(wrong_members_are_named),
        cmocka_unit_test(what_it_is_made_of_travels),
        cmocka_unit_test(wrong_winners_are_named),
        cmocka_unit_test(tunables_may_be_in_any_order),
        cmocka_unit_test(samples_are_looked_at),
        cmocka_unit_test(unknown_members_are_ignored),
        cmocka_unit_test(without_a_win_ratios_may_be_unmeasured),
        cmocka_unit_test(what_is_no_object_is_refused),
    };

    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
