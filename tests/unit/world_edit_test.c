/* Edit scripts of the world model: whole or not at all, and nothing of the machine's. */
#include "tests/unit/check.h"
#include "tests/unit/world_fixture.h"
#include "driver/search/world_field.h"

#define INSERT(more) "{\"op\":\"insert\",\"gain\":[1,1.3,2],\"difficulty\":2," more "}"
#define SCRIPT(edits) "{\"edits\":[" edits "]}"

/* what a script is refused for, each a line; and that it changed nothing */
static void refused(struct world *w, const char *script, const char *errors)
{
    json_t *before = world_json(w), *after;

    assert_string_equal(world_script(w, script), errors);
    after = world_json(w);
    assert_true(json_equal(before, after));
    json_decref(before);
    json_decref(after);
}

static void accepted(struct world *w, const char *script)
{
    assert_string_equal(world_script(w, script), "");
}

static struct world *with_one(void)
{
    struct world *w = world_of(1, 2);

    accepted(w, SCRIPT(INSERT("\"parent\":0,\"title\":\"Vector loads\"")));
    return w;
}

static void an_insert_has_what_its_author_wrote(void **state)
{
    struct world *w = with_one();
    const struct idea *i = world_idea(w, 1);

    (void)state;
    assert_string_equal(i->title, "Vector loads");
    assert_string_equal(i->rationale, "");
    assert_string_equal(i->regime, "");
    assert_string_equal(i->bottleneck, "unknown");
    assert_string_equal(i->proposer, "model");
    assert_true(i->low == 1 && i->likely == 1.3 && i->high == 2);
    assert_int_equal(i->difficulty, 2);
    assert_int_equal(i->state, IDEA_OPEN);
    assert_null(i->us);
    accepted(w, SCRIPT(INSERT("\"parent\":1,\"title\":\"Split rows \\u00e9\",\"rationale\":"
                              "\"long rows\",\"regime\":\"large\",\"bottleneck\":\"latency\"")));
    i = world_idea(w, 2);
    assert_int_equal(i->parent, 1);
    assert_string_equal(i->title, "Split rows \xc3\xa9");
    assert_string_equal(i->rationale, "long rows");
    assert_string_equal(i->regime, "large");
    assert_string_equal(i->bottleneck, "latency");
    accepted(w, SCRIPT());
    assert_int_equal(world_ideas(w), 3);
    world_free(w);
}

static void names_stand_for_ids_in_any_order(void **state)
{
    struct world *w = with_one();

    (void)state;
    accepted(w, SCRIPT(INSERT("\"parent\":\"b\",\"title\":\"leaf\"") "," INSERT(
                    "\"parent\":\"a\","
                    "\"id\":\"b\",\"title\":"
                    "\"middle\"") "," INSERT("\"parent\":1,\"id\":\"a\",\"title\":\"top\"")));
    assert_int_equal(world_ideas(w), 5);
    for (size_t i = 2; i < 5; i++) {
        const struct idea *idea = world_idea(w, i);
        if (strcmp(idea->title, "leaf") == 0)
            assert_string_equal(world_idea(w, idea->parent)->title, "middle");
        if (strcmp(idea->title, "middle") == 0)
            assert_string_equal(world_idea(w, idea->parent)->title, "top");
        if (strcmp(idea->title, "top") == 0)
            assert_int_equal(idea->parent, 1);
    }
    /* a name is of its script alone */
    refused(w, SCRIPT(INSERT("\"parent\":\"a\",\"title\":\"more\"")),
            "edits[0].parent: no insert of this script has the id \"a\"\n");
    world_free(w);
}

static void a_script_is_applied_whole_or_not_at_all(void **state)
{
    struct world *w = with_one();

    (void)state;
    refused(
        w,
        SCRIPT(INSERT("\"parent\":0,\"title\":\"fine\"") "," INSERT(
            "\"parent\":9,\"title\":\"nowhere\"") ","
                                                  "{\"op\":\"revise\",\"id\":7,\"title\":\"none\"},"
                                                  "{\"op\":\"prune\",\"id\":1},"
                                                  "{\"op\":\"delete\"},3"),
        "edits[3].why: it is missing\n"
        "edits[4].op: \"delete\" is none of \"insert\", \"revise\", \"prune\"\n"
        "edits[5]: it must be an object\n"
        "edits[1].parent: there is no idea 9\n"
        "edits[2].id: there is no idea 7\n");
    /* the try after it inserts what it says once; sent again, it is nothing but duplicates */
    accepted(w, SCRIPT(INSERT("\"parent\":0,\"title\":\"fine\"") "," INSERT(
                    "\"parent\":1,\"title\":\"fine\"")));
    assert_int_equal(world_ideas(w), 4);
    refused(w,
            SCRIPT(INSERT("\"parent\":0,\"title\":\"fine\"") "," INSERT(
                "\"parent\":1,\"title\":\" FINE \"")),
            "edits[0].title: idea 2 under the same parent has this title\n"
            "edits[1].title: idea 3 under the same parent has this title\n");
    world_free(w);
}

static void the_machines_fields_cannot_be_written(void **state)
{
    static const char *const fields[] = {"state",   "attempts", "cycles", "cool_down", "us",
                                         "seconds", "money",    "tokens", "measured",  "best",
                                         "score",   "solution", "trial",  "proposer"};
    struct world *w = with_one();
    char script[256], error[256];

    (void)state;
    for (size_t i = 0; i < COUNT(fields); i++) {
        snprintf(script, sizeof script,
                 SCRIPT("{\"op\":\"revise\",\"id\":1,\"title\":\"x\",\"%s\":1}"), fields[i]);
        snprintf(error, sizeof error, "edits[0].%s: it is measured, nobody can write it\n",
                 fields[i]);
        refused(w, script, error);
    }
    refused(w, SCRIPT(INSERT("\"parent\":0,\"title\":\"y\",\"state\":\"closed\"")),
            "edits[0].state: it is measured, nobody can write it\n");
    refused(w, SCRIPT("{\"op\":\"revise\",\"id\":1,\"speed\\n\":3,\"title\":\"x\"}"),
            "edits[0].speed?: there is no such field\n");
    refused(w, SCRIPT("{\"op\":\"revise\",\"id\":1,\"parent\":0,\"title\":\"x\"}"),
            "edits[0].parent: \"revise\" does not take it\n");
    refused(w, "{\"edits\":[],\"best\":1}", "best: there is no such field\n");
    world_free(w);
}

static void a_revision_keeps_what_happened(void **state)
{
    struct world *w = with_one();
    const struct idea *i = world_idea(w, 1);

    (void)state;
    world_cycle(w, 1, ATTEMPT_BUILD, 0);
    accepted(w, SCRIPT("{\"op\":\"revise\",\"id\":1,\"gain\":[1,1.1,1.2],\"difficulty\":4}"));
    assert_true(i->likely == 1.1 && i->high == 1.2);
    assert_int_equal(i->difficulty, 4);
    assert_string_equal(i->title, "Vector loads");
    assert_int_equal(i->attempts[ATTEMPT_BUILD], 1);
    assert_int_equal(i->cycles, 1);
    assert_true(i->cool_down > 0);
    refused(w, SCRIPT("{\"op\":\"revise\",\"id\":1}"), "edits[0]: it revises nothing\n");
    world_free(w);
}

static void only_open_ideas_are_edited(void **state)
{
    struct world *w = with_one();

    (void)state;
    for (int i = 0; i < 3; i++)
        world_insert(w, 0, 1.5, 1);
    world_cycle(w, 2, ATTEMPT_GAIN, 90);
    w->nodes[3]->idea.state = IDEA_ACTIVE;
    accepted(w, SCRIPT("{\"op\":\"prune\",\"id\":4,\"why\":\"no\"}"));
    refused(w,
            SCRIPT("{\"op\":\"revise\",\"id\":2,\"gain\":[5,5,5]},"
                   "{\"op\":\"prune\",\"id\":3,\"why\":\"x\"},"
                   "{\"op\":\"revise\",\"id\":4,\"title\":\"x\"}," INSERT(
                       "\"parent\":4,\"title\":\"x\"")),
            "edits[0].id: idea 2 is closed: only open ideas can be edited\n"
            "edits[1].id: idea 3 is active: only open ideas can be edited\n"
            "edits[2].id: idea 4 is pruned: only open ideas can be edited\n"
            "edits[3].parent: idea 4 is pruned\n");
    refused(w, SCRIPT("{\"op\":\"prune\",\"id\":0,\"why\":\"x\"}"),
            "edits[0].id: it must be the number of an idea, from 1\n");
    /* closed and active ones can be built on */
    accepted(w, SCRIPT(INSERT("\"parent\":2,\"title\":\"x\"") "," INSERT(
                    "\"parent\":3,\"title\":\"x\"")));
    world_free(w);
}

static void a_pruned_idea_takes_along_what_stands_on_it(void **state)
{
    struct world *w = with_one();

    (void)state;
    accepted(w, SCRIPT(INSERT("\"parent\":1,\"title\":\"child\"") "," INSERT(
                    "\"parent\":0,\"title\":\"other\"")));
    refused(w,
            SCRIPT("{\"op\":\"prune\",\"id\":1,\"why\":\"no\"}," INSERT(
                "\"parent\":1,\"title\":\"x\"") "," INSERT("\"parent\":2,\"title\":\"x\"")),
            "edits[1].parent: idea 1 is pruned\n"
            "edits[2].parent: idea 2 is pruned\n");
    accepted(w, SCRIPT("{\"op\":\"prune\",\"id\":1,\"why\":\"no\"}"));
    assert_int_equal(world_idea(w, 1)->state, IDEA_PRUNED);
    assert_int_equal(world_idea(w, 2)->state, IDEA_PRUNED);
    assert_int_equal(world_idea(w, 3)->state, IDEA_OPEN);
    /* it does not come back under the same words */
    refused(w, SCRIPT(INSERT("\"parent\":0,\"title\":\"vector  LOADS\"")),
            "edits[0].title: idea 1 under the same parent has this title\n");
    world_free(w);
}

static void scripts_that_contradict_themselves_are_refused(void **state)
{
    struct world *w = with_one();

    (void)state;
    refused(w,
            SCRIPT(INSERT("\"parent\":\"b\",\"id\":\"a\",\"title\":\"x\"") "," INSERT(
                "\"parent\":\"a\",\"id\":\"b\",\"title\":\"y\"")),
            "edits[0].parent: it leads back to itself\n"
            "edits[1].parent: it leads back to itself\n");
    refused(w,
            SCRIPT(INSERT("\"parent\":0,\"id\":\"a\",\"title\":\"x\"") "," INSERT(
                "\"parent\":0,\"id\":\"a\",\"title\":\"x\"")),
            "edits[1].id: edits[0] has the same name\n"
            "edits[1].title: edits[0] has this title under that parent\n");
    refused(w,
            SCRIPT("{\"op\":\"revise\",\"id\":1,\"title\":\"x\"},"
                   "{\"op\":\"prune\",\"id\":1,\"why\":\"x\"}"),
            "edits[1].id: edits[0] edits idea 1 already\n");
    refused(w,
            SCRIPT("{\"op\":\"revise\",\"id\":1,\"title\":\"x\"}," INSERT(
                "\"parent\":0,\"title\":\"x\"")),
            "edits[1].title: idea 1 under the same parent has this title\n");
    /* the title that a revision gives up is free */
    accepted(w, SCRIPT("{\"op\":\"revise\",\"id\":1,\"title\":\"x\"}," INSERT(
                    "\"parent\":0,\"title\":\"Vector loads\"")));
    world_free(w);
}

static void values_are_checked(void **state)
{
    static const struct {
        const char *member, *error;
    } cases[] = {
        {"\"gain\":2", "gain: it must be [low, likely, high], rising factors from 0.01 to 1000 "
                       "(1.3 is 30 % faster)"},
        {"\"gain\":[2,1,3]", "gain: it must be [low"},
        {"\"gain\":[0,1,3]", "gain: it must be [low"},
        {"\"gain\":[1,1,1e9]", "gain: it must be [low"},
        {"\"gain\":[1,\"2\",3]", "gain: it must be [low"},
        {"\"difficulty\":0", "difficulty: it must be a whole number from 1 to 5"},
        {"\"difficulty\":6", "difficulty: it must be a whole"},
        {"\"difficulty\":2.5", "difficulty: it must be a whole"},
        {"\"regime\":\"tiny\"", "regime: \"tiny\" is none of \"small\", \"large\""},
        {"\"bottleneck\":\"me\"", "bottleneck: \"me\" is none of \"memory\", \"latency\""},
        {"\"title\":\"\"", "title: it is empty"},
        {"\"title\":\"  \"", "title: it is empty"},
        {"\"title\":7", "title: it must be a string"},
        {"\"title\":\"a\\nb\"", "title: it must have no control characters and be one line"},
        {"\"title\":\"a\\u0000b\"", "title: it must have no control"},
        {"\"title\":\"a\\u0085b\"", "title: it must have no control"},
        {"\"title\":\"a\\u2028b\"", "title: it must have no control"},
        {"\"title\":\"a\\u202eb\"", "title: it must have no control"},
        {"\"rationale\":\"a\\tb\"", "rationale: it must have no control"},
        {"\"rationale\":null", "rationale: it must be a string"},
    };
    struct world *w = with_one();
    char script[512], want[256];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *got;
        snprintf(script, sizeof script, SCRIPT("{\"op\":\"revise\",\"id\":1,%s}"), cases[i].member);
        snprintf(want, sizeof want, "edits[0].%s", cases[i].error);
        got = world_script(w, script);
        if (strncmp(got, want, strlen(want)) != 0)
            fail_msg("%s: %s", cases[i].member, got);
    }
    world_free(w);
}

/* a text of n two-byte characters for a member */
static const char *long_script(const char *member, size_t n)
{
    static char script[8192];
    size_t at = (size_t)snprintf(script, sizeof script,
                                 SCRIPT("{\"op\":\"revise\",\"id\":1,\"%s\":\""), member);

    at -= 2; /* without what closes the script */
    for (size_t i = 0; i < n; i++)
        at += (size_t)sprintf(script + at, "\xc3\xa9");
    strcpy(script + at, "\"}]}");
    return script;
}

static void lengths_are_in_characters(void **state)
{
    struct world *w = with_one();

    (void)state;
    accepted(w, long_script("title", 120));
    refused(w, long_script("title", 121), "edits[0].title: it is longer than 120 characters\n");
    accepted(w, long_script("rationale", 2000));
    refused(w, long_script("rationale", 2001),
            "edits[0].rationale: it is longer than 2000 characters\n");
    world_free(w);
}

/* jansson can be made to carry what is no UTF-8; a script from elsewhere than its parser might */
static void text_that_is_no_utf8_is_refused(void **state)
{
    static const char *const texts[] = {
        "\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\xe2\x82"};
    struct world *w = with_one();

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        json_t *edit = json_pack("{s:s,s:i}", "op", "revise", "id", 1);
        json_t *script = json_pack("{s:[o]}", "edits", edit);
        struct buf errors;
        buf_init(&errors, 1000);
        json_object_set_new(edit, "title", json_string_nocheck(texts[i]));
        assert_int_equal(world_edit(w, script, "model", &errors), -1);
        assert_string_equal(buf_text(&errors), "edits[0].title: it is not UTF-8\n");
        buf_release(&errors);
        json_decref(script);
    }
    world_free(w);
}

static void the_tree_has_an_end(void **state)
{
    struct world_config c = world_plain(1, 1);
    struct world *w;
    char script[8192] = "{\"edits\":[";

    (void)state;
    c.most = 3;
    w = world_new(&c);
    accepted(w, SCRIPT(INSERT("\"parent\":0,\"title\":\"a\"") "," INSERT(
                    "\"parent\":0,\"title\":\"b\"")));
    refused(
        w,
        SCRIPT(INSERT("\"parent\":0,\"title\":\"c\"") "," INSERT("\"parent\":0,\"title\":\"d\"")),
        "edits: they insert 2 ideas where the tree has room for 1: revise or prune open ones "
        "instead\n");
    accepted(w, SCRIPT(INSERT("\"parent\":0,\"title\":\"c\"")));
    world_free(w);
    /* and so has what is said of a script */
    w = world_of(1, 1);
    for (int i = 0; i < 64; i++)
        strcat(script, i ? ",{}" : "{}");
    strcat(script, "]}");
    assert_non_null(strstr(world_script(w, script), "\nand 14 more\n"));
    script[strlen(script) - 2] = '\0';
    strcat(script, ",{}]}");
    refused(w, script, "edits: there are more than 64\n");
    refused(w, "[]", "edits: the script must be an object with an array of this name\n");
    refused(w, "{\"edits\":{}}",
            "edits: the script must be an object with an array of this name\n");
    world_free(w);
}

/* a value that a member may have, by the schema of its kind of edit */
static json_t *example(const char *op, const char *name, const json_t *schema)
{
    const char *type = json_string_value(json_object_get(schema, "type"));

    if (strcmp(name, "op") == 0)
        return json_string(op);
    if (strcmp(name, "bottleneck") == 0)
        return json_string("memory");
    if (strcmp(name, "gain") == 0)
        return json_pack("[f,f,f]", 1.0, 1.5, 2.0);
    if (strcmp(name, "parent") == 0)
        return json_integer(0);
    if (type && strcmp(type, "string") == 0)
        return json_string(strcmp(name, "regime") == 0 ? "" : "words");
    return json_integer(1);
}

static int edit_of(const json_t *edit, struct buf *errors)
{
    struct world *w = with_one();
    json_t *script = json_pack("{s:[O]}", "edits", edit);
    int rc;

    buf_clear(errors);
    rc = world_edit(w, script, "model", errors);
    json_decref(script);
    world_free(w);
    return rc;
}

/* an edit with all the members that a kind allows is taken; without a required one it is not */
static void check_kind(const json_t *kind)
{
    json_t *properties = json_object_get(kind, "properties"), *edit = json_object(), *value;
    const char *op = json_string_value(json_object_get(json_object_get(properties, "op"), "const")),
               *name;
    struct buf errors;
    size_t i;

    buf_init(&errors, 4000);
    json_object_foreach(properties, name, value)
        json_object_set_new(edit, name, example(op, name, value));
    if (edit_of(edit, &errors) < 0)
        fail_msg("%s", buf_text(&errors));
    json_array_foreach(json_object_get(kind, "required"), i, value)
    {
        json_t *fewer = json_copy(edit);
        json_object_del(fewer, json_string_value(value));
        assert_int_equal(edit_of(fewer, &errors), -1);
        assert_non_null(strstr(buf_text(&errors), "it is missing"));
        json_decref(fewer);
    }
    buf_release(&errors);
    json_decref(edit);
}

static void the_schema_says_what_is_checked(void **state)
{
    json_t *schema = json_loads(world_edit_schema(), 0, NULL), *kinds = NULL;

    (void)state;
    assert_int_equal(
        json_unpack(schema, "{s:{s:{s:{s:o}}}}", "properties", "edits", "items", "anyOf", &kinds),
        0);
    assert_int_equal(json_array_size(kinds), 3);
    for (size_t i = 0; i < 3; i++)
        check_kind(json_array_get(kinds, i));
    json_decref(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_insert_has_what_its_author_wrote),
        cmocka_unit_test(names_stand_for_ids_in_any_order),
        cmocka_unit_test(a_script_is_applied_whole_or_not_at_all),
        cmocka_unit_test(the_machines_fields_cannot_be_written),
        cmocka_unit_test(a_revision_keeps_what_happened),
        cmocka_unit_test(only_open_ideas_are_edited),
        cmocka_unit_test(a_pruned_idea_takes_along_what_stands_on_it),
        cmocka_unit_test(scripts_that_contradict_themselves_are_refused),
        cmocka_unit_test(values_are_checked),
        cmocka_unit_test(lengths_are_in_characters),
        cmocka_unit_test(text_that_is_no_utf8_is_refused),
        cmocka_unit_test(the_tree_has_an_end),
        cmocka_unit_test(the_schema_says_what_is_checked),
    };

    return cmocka_run_group_tests_name("world_edit", tests, NULL, NULL);
}
