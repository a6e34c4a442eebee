/* The tree as text: whole ideas, the two paths always, whatever the budget. */
#include "tests/unit/check.h"
#include "tests/unit/world_fixture.h"

static const char *project(const struct world *w, size_t active, size_t bytes)
{
    static char text[1 << 20];
    struct buf out;

    buf_init(&out, BUF_LIMIT);
    world_project(w, active, bytes, &out);
    snprintf(text, sizeof text, "%s", buf_text(&out));
    buf_release(&out);
    return text;
}

static void a_small_tree_is_shown_whole(void **state)
{
    struct world *w = world_of(1, 2);
    const char *text;

    (void)state;
    assert_string_equal(world_script(w, "{\"edits\":[{\"op\":\"insert\",\"id\":\"a\",\"parent\":0,"
                                        "\"title\":\"Vector \\\"loads\\\"\",\"gain\":[1.1,1.5,2],"
                                        "\"difficulty\":2},"
                                        "{\"op\":\"insert\",\"parent\":\"a\",\"title\":\"Unroll\","
                                        "\"gain\":[1,1.2,1.3],\"difficulty\":1,\"regime\":"
                                        "\"small\"},"
                                        "{\"op\":\"insert\",\"parent\":0,\"title\":\"Other\","
                                        "\"gain\":[1,1.2,1.3],\"difficulty\":1}]}"),
                        "");
    w->nodes[1]->idea.state = IDEA_ACTIVE;
    w->nodes[1]->idea.cycles = 1;
    world_attempt(w, 1, ATTEMPT_BUILD, 1, 0, 0);
    world_attempt(w, 1, ATTEMPT_GAIN, 1, 0, 0);
    world_measured(w, 1, (double[]){80, 110});
    world_close(w, 1);
    text = project(w, 2, 4000);
    assert_string_equal(
        text,
        "3 ideas; the best of all take 0.894 of the original's time; #1 leads\n"
        "active: #0 > #1 > #2\n"
        "best: #0 > #1\n"
        "#0 the original | us: large 100*, small 100\n"
        " #1<#0 closed \"Vector \\\"loads\\\"\" gain 1.5 [1.1 to 2] measured 1.07 difficulty 2"
        " | 1 cycle: 1 build, 1 gain | us: small 80*, large 110\n"
        "  #2<#1 open \"Unroll\" for \"small\" gain 1.2 [1 to 1.3] difficulty 1 believed 0.892,"
        " works 0.98\n"
        " #3<#0 open \"Other\" gain 1.2 [1 to 1.3] difficulty 1 believed 0.933, works 0.98\n");
    assert_string_equal(world_script(w, "{\"edits\":[{\"op\":\"prune\",\"id\":3,\"why\":\"tried "
                                        "before\"}]}"),
                        "");
    assert_non_null(strstr(project(w, 0, 4000), "#3<#0 pruned \"Other\""));
    assert_non_null(strstr(project(w, 0, 4000), " | why: tried before\n"));
    world_free(w);
}

/* every line is a whole one of those that a large budget shows, or a short form of it */
static void assert_whole(const struct world *w, size_t active, size_t bytes)
{
    char *all = strdup(project(w, active, 1 << 19)), *some = strdup(project(w, active, bytes));
    char *rest = some, *line, want[512];

    while ((line = strsep(&rest, "\n")) && *line) {
        snprintf(want, sizeof want, "%s\n", line);
        if (strncmp(line, "not shown: ", 11) == 0 || strstr(all, want))
            continue;
        snprintf(want, sizeof want, "%s gain", line);
        if (!strstr(all, want))
            fail_msg("not in the tree: %s", line);
    }
    free(all);
    free(some);
}

/* a chain of 60 ideas, and 240 others around */
static struct world *deep(size_t *last)
{
    struct world_config c = world_plain(1, 2);
    struct world *w;

    c.most = 1000;
    w = world_new(&c);
    *last = 0;
    for (int i = 0; i < 60; i++) {
        size_t id = world_insert(w, *last, 1.2, 2);
        for (int k = 0; k < 4; k++)
            world_insert(w, *last, 1.2, 1 + k);
        *last = id;
        if (i < 59)
            world_cycle(w, id, ATTEMPT_SLOW, 100 + i);
    }
    w->nodes[*last]->idea.state = IDEA_ACTIVE;
    return w;
}

static void however_deep_the_active_idea_is_seen(void **state)
{
    size_t last;
    struct world *w = deep(&last);
    const char *text = project(w, last, 2600);
    char want[64];

    (void)state;
    assert_int_equal(world_ideas(w), 301);
    assert_int_equal(w->nodes[last]->depth, 60);
    assert_true(strlen(text) <= 2600);
    snprintf(want, sizeof want, "#%zu<#%zu active \"", last, world_idea(w, last)->parent);
    assert_non_null(strstr(text, want));
    /* the whole path to it, as numbers */
    snprintf(want, sizeof want, " > #%zu > #%zu\n", world_idea(w, last)->parent, last);
    assert_non_null(strstr(text, "active: #0 > #1 > #6 > #11 > "));
    assert_non_null(strstr(text, want));
    assert_non_null(strstr(text, "\nbest: #0\n"));
    assert_non_null(strstr(text, "\nnot shown: "));
    for (size_t bytes = 1000; bytes < 60000; bytes += 1777) {
        assert_true(strlen(project(w, last, bytes)) <= bytes);
        assert_whole(w, last, bytes);
    }
    assert_null(strstr(project(w, last, 1 << 19), "not shown"));
    world_free(w);
}

/* too small a budget still shows the active idea, and only it */
static void the_active_idea_may_pass_the_budget(void **state)
{
    size_t last;
    struct world *w = deep(&last);
    const char *text = project(w, last, 10);
    char want[64];

    (void)state;
    snprintf(want, sizeof want, "\n        #%zu<#%zu active \"", last, world_idea(w, last)->parent);
    assert_non_null(strstr(text, want));
    assert_null(strstr(text, " closed "));
    assert_null(strstr(text, "the original |"));
    world_free(w);
}

static void what_is_left_out_is_counted(void **state)
{
    struct world *w = world_of(1, 1);
    const char *text, *at;
    size_t shown = 0;
    unsigned left;

    (void)state;
    for (int i = 0; i < 40; i++)
        world_insert(w, 0, 1.01 + i * 0.01, 1);
    text = project(w, 0, 1500);
    for (at = text; (at = strstr(at, "<#0 open")); at++)
        shown++;
    assert_non_null(at = strstr(text, "not shown: "));
    assert_int_equal(sscanf(at, "not shown: %u open\n", &left), 1);
    assert_int_equal(shown + left, 40);
    assert_true(shown > 3);
    /* the most valuable ones are there */
    assert_non_null(strstr(text, "#40<#0"));
    assert_null(strstr(text, "#1<#0"));
    /* an idea that is not there is no active one */
    assert_string_equal(project(w, 4711, 1500), text);
    world_free(w);
}

static void the_json_has_everything(void **state)
{
    size_t last;
    struct world *w = deep(&last);
    json_t *all = world_json(w), *idea;

    (void)state;
    assert_int_equal(json_array_size(json_object_get(all, "ideas")), 301);
    idea = json_array_get(json_object_get(all, "ideas"), 1);
    assert_int_equal(json_integer_value(json_object_get(idea, "id")), 1);
    assert_string_equal(json_string_value(json_object_get(idea, "state")), "closed");
    assert_true(json_real_value(json_array_get(json_object_get(idea, "us"), 1)) == 100);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(idea, "attempts"), "slow")),
                     1);
    assert_null(json_object_get(idea, "value"));
    idea = json_array_get(json_object_get(all, "ideas"), 2);
    assert_true(json_is_null(json_object_get(idea, "us")));
    assert_true(json_real_value(json_object_get(json_object_get(idea, "value"), "works")) > 0);
    json_decref(all);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_tree_is_shown_whole),
        cmocka_unit_test(however_deep_the_active_idea_is_seen),
        cmocka_unit_test(the_active_idea_may_pass_the_budget),
        cmocka_unit_test(what_is_left_out_is_counted),
        cmocka_unit_test(the_json_has_everything),
    };

    return cmocka_run_group_tests_name("world_project", tests, NULL, NULL);
}
