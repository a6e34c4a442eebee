/* models that are commands and mailboxes, and what the environment and lists of models say */
#include "tests/unit/server.h"

/* ---- commands ----------------------------------------------------------------------------- */

static void commands_answer(void **state)
{
    struct model_reply r =
        ask("exec:sed 's/test/TEST/' | head -n 3; printf '\\377'", "what, a test?");

    (void)state;
    assert_int_equal(r.tries, 1);
    assert_true(r.tokens_in > 5 && r.tokens_out > 5);
    assert_string_equal(r.model, "exec:sed 's/test/TEST/' | head -n 3; printf '\\377'");
    expect_reply(&r, "You are a TEST.\n\nwhat, a TEST?\n\xEF\xBF\xBD");
}

static void commands_fail(void **state)
{
    struct models_config config = quick("exec:sleep 100");
    struct model_prompt prompt = prompt_of("");
    struct model_reply r = ask("exec:echo first >&2; echo 'no such agent' >&2; echo; exit 3", "");

    (void)state;
    assert_int_equal(r.tries, 1);
    expect_why(&r, MODEL_FAILED, "the command exited with 3: no such agent");
    r = ask("exec:no-such-program-here", "");
    expect_why(&r, MODEL_FAILED, "not found");
    config.call_seconds = 0.2;
    r = ask_with(&config, &prompt);
    assert_true(r.seconds < 50);
    expect_why(&r, MODEL_FAILED, "ran out of its 0.2");
}

static void commands_run_side_by_side(void **state)
{
    /* each waits until all three have begun */
    struct models_config config =
        quick(arena_printf(arena,
                           "exec:cd %s; touch $$.began; until [ $(ls *.began | wc -l) -ge 3 ]; do "
                           "sleep 0.01; done; echo ok",
                           dir));
    struct models *m = open_models(&config);

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct model_prompt prompt = prompt_of("");
        models_ask(m, &prompt);
    }
    for (int i = 0; i < 3; i++) {
        struct model_reply r = next_reply(m);
        expect_reply(&r, "ok\n");
    }
    models_free(m);
}

static void no_more_than_at_once(void **state)
{
    struct models_config config =
        quick(arena_printf(arena, "exec:mkdir %s/alone && sleep 0.05 && rmdir %s/alone", dir, dir));
    struct models *m;

    (void)state;
    config.at_once = 1;
    m = open_models(&config);
    for (int i = 0; i < 4; i++) {
        struct model_prompt prompt = prompt_of("");
        models_ask(m, &prompt);
    }
    for (int i = 0; i < 4; i++) {
        struct model_reply r = next_reply(m);
        expect_reply(&r, "");
    }
    models_free(m);
}

/* ---- mailboxes ---------------------------------------------------------------------------- */

static const char *read_file(const char *path)
{
    struct buf b;
    const char *text;

    buf_init(&b, 1 << 20);
    if (fs_read(path, &b, NULL) < 0)
        return NULL;
    text = arena_dup(arena, buf_text(&b));
    buf_release(&b);
    return text;
}

static void write_file(const char *path, const char *text)
{
    assert_int_equal(fs_write(path, text, strlen(text), NULL), 0);
}

static struct models_config mailbox(const char *name)
{
    return (struct models_config){.planner = arena_printf(arena, "mailbox:%s/%s", dir, name),
                                  .at_once = 1};
}

static void letters_are_answered(void **state)
{
    struct models_config config = mailbox("box");
    struct models *m = open_models(&config);
    struct model_reply r;
    const char *text;

    (void)state;
    for (int i = 0; i < 3; i++) { /* all of them are written, whatever may run at once */
        struct model_prompt prompt = prompt_of("Which tile?");
        prompt.name = arena_printf(arena, "000%d-propose", i);
        prompt.schema = "{\"type\": \"object\"}";
        prompt.role = MODEL_CODER;
        models_ask(m, &prompt);
    }
    models_pump(m);
    text = read_file(in_dir("box/0002-propose.prompt.md"));
    assert_non_null(text);
    assert_non_null(strstr(text, "# 0002-propose (coder)"));
    assert_non_null(strstr(text, "`0002-propose.reply.md`"));
    assert_non_null(strstr(text, "You are a test."));
    assert_non_null(strstr(text, "Which tile?"));
    assert_non_null(strstr(text, "{\"type\": \"object\"}"));
    assert_int_equal(models_next(m, &r), 0);
    write_file(in_dir("box/0001-propose.reply.md"), ""); /* somebody begins to write */
    models_pump(m);
    assert_int_equal(models_next(m, &r), 0);
    write_file(in_dir("box/0001-propose.reply.md"), "64 by 64 \xFF");
    r = next_reply(m);
    assert_int_equal(r.call, 1);
    expect_reply(&r, "64 by 64 \xEF\xBF\xBD");
    assert_int_equal(models_pending(m), 2);
    models_free(m);
}

static void steps_do_not_wait(void **state)
{
    struct models_config config = mailbox("steps");
    struct model_prompt prompt = prompt_of("one");
    struct model_reply r;

    (void)state;
    prompt.name = "../0001"; /* stays in its folder */
    config.step = true;
    for (int i = 0; i < 2; i++) { /* asked again, it waits for the same reply */
        struct models *m = open_models(&config);
        models_ask(m, &prompt);
        models_pump(m);
        assert_int_equal(models_next(m, &r), 1);
        assert_int_equal(r.outcome, MODEL_WAITS);
        assert_string_equal(r.text, "");
        assert_int_equal(r.tokens_in + r.tokens_out, 0);
        model_reply_release(&r);
        models_free(m);
    }
    write_file(in_dir("steps/_._0001.reply.md"), "yes");
    r = ask_with(&config, &prompt);
    expect_reply(&r, "yes");
    r = ask_with(&config, &prompt); /* and it stays there */
    expect_reply(&r, "yes");
}

static void replies_to_other_words_are_put_away(void **state)
{
    struct models_config config = mailbox("old");
    struct model_prompt prompt = prompt_of("old words");
    struct model_reply r;

    (void)state;
    config.step = true;
    prompt.name = "0001";
    r = ask_with(&config, &prompt);
    assert_int_equal(r.outcome, MODEL_WAITS);
    model_reply_release(&r);
    write_file(in_dir("old/0001.reply.md"), "old reply");
    prompt.user = "new words";
    r = ask_with(&config, &prompt);
    assert_int_equal(r.outcome, MODEL_WAITS);
    model_reply_release(&r);
    assert_string_equal(read_file(in_dir("old/0001.reply.md.old")), "old reply");
}

static void mailboxes_may_have_deadlines(void **state)
{
    struct models_config config = mailbox("late");
    struct model_prompt prompt = prompt_of("");
    struct model_reply r;

    (void)state;
    config.call_seconds = 0.1;
    r = ask_with(&config, &prompt);
    expect_why(&r, MODEL_FAILED, "no reply in 0.1 s");
}

static void mailboxes_that_cannot_be_written(void **state)
{
    struct models_config config = {.planner = "mailbox:/dev/null/box"};
    struct error err = {""};

    (void)state;
    assert_null(models_open(&config, &err));
    assert_non_null(strstr(err.text, "/dev/null/box"));
}

/* ---- what is named ------------------------------------------------------------------------ */

static void lists_of_models(void **state)
{
    struct models_config config =
        quick("exec:echo a,b , exec:echo 'c:,d' http://x:80/,y:/z,\n exec: echo e ,"
              "exec:/bin/echo f");
    struct models *m = open_models(&config);
    static const char *const replies[] = {"a,b\n", "c:,d http://x:80/,y:/z\n", "e\n", "f\n"};

    (void)state;
    config.at_once = 1;
    for (int i = 0; i < 8; i++) {
        struct model_prompt prompt = prompt_of("");
        struct model_reply r;
        models_ask(m, &prompt);
        r = next_reply(m);
        expect_reply(&r, replies[i % 4]);
    }
    models_free(m);
}

static void roles_have_their_own(void **state)
{
    struct models_config config = {.planner = "exec:echo plan", .coder = "exec:echo code"};
    struct model_prompt prompt = prompt_of("");
    struct model_reply r = ask_with(&config, &prompt);

    (void)state;
    expect_reply(&r, "plan\n");
    prompt.role = MODEL_CODER;
    r = ask_with(&config, &prompt);
    expect_reply(&r, "code\n");
    config.coder = NULL;
    r = ask_with(&config, &prompt);
    expect_reply(&r, "plan\n");
}

static void mistakes_are_said(void **state)
{
    static const char *const cases[][2] = {
        {"gpt-5", "gpt-5: a model is openai:MODEL"},
        {"opnai:gpt-5", "opnai:gpt-5: a model is"},
        {"openai:gpt-5,opnai:x", "opnai:x: a model is"},
        {"openai:", "nothing is named"},
        {"", "nothing: a model is"},
        {"openai:a,b", "no commas"},
        {"exec: , exec:true", "nothing is named"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct models_config config = {.planner = cases[i][0]};
        struct models_about about;
        struct error err = {""}, same = {""};
        assert_null(models_open(&config, &err));
        if (!strstr(err.text, cases[i][1]))
            fail_msg("%s", err.text);
        assert_int_equal(models_look(&config, &about, &same), -1);
        assert_string_equal(err.text, same.text);
    }
    assert_null(models_open(&(struct models_config){0}, NULL));
}

static void urls_are_checked(void **state)
{
    static const char *const cases[][2] = {
        {"localhost:8000", "does not begin with https://"},
        {"file:///etc/passwd", "does not begin with https://"},
        {"https://user:pass@host/v1", "keys go into KSEARCH_MODEL_KEY"},
    };
    char *kept = arena_dup(arena, getenv("KSEARCH_MODEL_URL"));
    struct models_config config = {.planner = "openai:m"};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error err = {""};
        setenv("KSEARCH_MODEL_URL", cases[i][0], 1);
        assert_null(models_open(&config, &err));
        assert_non_null(strstr(err.text, cases[i][1]));
        assert_null(strstr(err.text, "pass@"));
    }
    setenv("KSEARCH_MODEL_URL", kept, 1);
}

static void the_environment_names_models(void **state)
{
    static const char *const wrong[][2] = {
        {"KSEARCH_TOKENS", "many"}, {"KSEARCH_TOKENS", "-5"}, {"KSEARCH_TOKENS", "5x"},
        {"KSEARCH_MONEY", "0"},     {"KSEARCH_MONEY", "nan"}, {"KSEARCH_MONEY", "5 dollars"}};
    struct models_config c;
    struct error err = {""};

    (void)state;
    assert_int_equal(models_config_read(&c, &err), 0);
    setenv("KSEARCH_MODEL", "openai:a", 1);
    assert_int_equal(models_config_read(&c, &err), 1);
    assert_string_equal(c.planner, "openai:a");
    assert_string_equal(c.coder, "openai:a");
    assert_true(c.tokens == 0 && c.money == 0);
    setenv("KSEARCH_PLANNER", "anthropic:b", 1);
    setenv("KSEARCH_TOKENS", "1.5M", 1);
    setenv("KSEARCH_MONEY", "0.50", 1);
    assert_int_equal(models_config_read(&c, &err), 1);
    assert_string_equal(c.planner, "anthropic:b");
    assert_string_equal(c.coder, "openai:a");
    assert_true(c.tokens == 1500000 && c.money == 0.5);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        char *kept = arena_dup(arena, getenv(wrong[i][0]));
        err.text[0] = '\0';
        setenv(wrong[i][0], wrong[i][1], 1);
        assert_int_equal(models_config_read(&c, &err), -1);
        assert_non_null(strstr(err.text, wrong[i][1]));
        setenv(wrong[i][0], kept, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_answer),
        cmocka_unit_test(commands_fail),
        cmocka_unit_test(commands_run_side_by_side),
        cmocka_unit_test(no_more_than_at_once),
        cmocka_unit_test(letters_are_answered),
        cmocka_unit_test(steps_do_not_wait),
        cmocka_unit_test(replies_to_other_words_are_put_away),
        cmocka_unit_test(mailboxes_may_have_deadlines),
        cmocka_unit_test(mailboxes_that_cannot_be_written),
        cmocka_unit_test(lists_of_models),
        cmocka_unit_test(roles_have_their_own),
        cmocka_unit_test(mistakes_are_said),
        cmocka_unit_test(urls_are_checked),
        cmocka_unit_test(the_environment_names_models),
    };
    static const char *const names[] = {"KSEARCH_MODEL", "KSEARCH_PLANNER", "KSEARCH_TOKENS",
                                        "KSEARCH_MONEY"};

    for (size_t i = 0; i < COUNT(names); i++)
        unsetenv(names[i]);
    return cmocka_run_group_tests_name("model_files", tests, start_server, stop_server);
}
