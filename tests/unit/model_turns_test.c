/* several providers: who is asked when one does not answer */
#include "tests/unit/heard.h"
#include "tests/unit/server.h"

static const char several[] = "openai:a,anthropic:b";

/* the next call's reply, whose prompt has these commands */
static struct model_reply ask_of(struct models *m, const char *commands)
{
    struct model_prompt prompt = prompt_of(commands);

    models_ask(m, &prompt);
    return next_reply(m);
}

static void what_one_fails_the_next_answers(void **state)
{
    static const struct {
        const char *commands;
        int tries;
    } cases[] = {{"fail 401 1", 2},        {"fail 404 1", 2}, {"fail 413 1", 2},
                 {"quota\nfail 429 1", 2}, {"drop 6", 7},     {"fail 500 6", 7},
                 {"fail 429 1 3600", 2},   {"stall 6", 7}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct models_config config = quick(several);
        struct model_prompt prompt = prompt_of(cases[i].commands);
        struct model_reply r;
        config.stall_seconds = strstr(cases[i].commands, "stall") ? 0.2 : config.stall_seconds;
        r = ask_with(&config, &prompt);
        assert_string_equal(r.model, "anthropic:b");
        assert_int_equal(r.tries, cases[i].tries);
        expect_reply(&r, "hello");
    }
}

static void each_has_all_of_the_time(void **state)
{
    struct models_config config = quick("exec:sleep 9,exec:sleep 8; true,openai:c");
    struct model_prompt prompt = prompt_of("pause 10\nchunk 100");
    struct model_reply r;

    (void)state;
    config.call_seconds = 0.5;
    r = ask_with(&config, &prompt);
    assert_true(r.seconds >= 1);
    assert_string_equal(r.model, "openai:c");
    expect_reply(&r, "hello");
}

static void nobody_answers(void **state)
{
    struct models_config config = quick(several);
    struct models *m = open_models(&config);
    struct model_reply r = ask_of(m, "fail 401 2");

    (void)state;
    assert_int_equal(r.tries, 2);
    assert_non_null(strstr(r.why.text, "openai:a: 401"));
    expect_why(&r, MODEL_FAILED, "; anthropic:b: 401");
    /* the last one is asked all the same, and that alone */
    r = ask_of(m, "fail 401 1");
    assert_int_equal(r.tries, 1);
    assert_null(strstr(r.why.text, "openai:a"));
    expect_why(&r, MODEL_FAILED, "anthropic:b: 401");
    r = ask_of(m, "");
    assert_string_equal(r.model, "anthropic:b");
    expect_reply(&r, "hello");
    models_free(m);
}

/* asks one after the other with the same models; what was said meanwhile */
static const char *said_by(const char *models, const char *const *commands, size_t n,
                           struct model_reply *r)
{
    struct models_config config = quick(models);
    struct models *m;

    hear_begin(NULL);
    m = open_models(&config);
    for (size_t i = 0; i < n; i++)
        r[i] = ask_of(m, commands[i]);
    models_free(m);
    hear_end(NULL);
    return heard.text;
}

static size_t lines_of(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void who_cannot_answer_is_left_alone(void **state)
{
    static const char *const wrong_key[] = {"fail 401 1", "", "", ""};
    static const char *const often[] = {"fail 400 1", "", "fail 400 1", "", "fail 400 1", "", ""};
    static const char *const seldom[] = {"fail 400 1", "",           "fail 400 1", "", "",
                                         "",           "fail 400 1", "",           ""};
    struct model_reply r[9];
    const char *said = said_by(several, wrong_key, COUNT(wrong_key), r);

    (void)state;
    assert_int_equal(lines_of(said), 1);
    assert_non_null(strstr(said, "warning: openai:a: 401 from "));
    assert_non_null(strstr(said, "; it is not asked any more in this search"));
    assert_null(strstr(said, "secret")); /* the key is in the server's answer */
    for (size_t i = 0; i < COUNT(wrong_key); i++) {
        assert_string_equal(r[i].model, "anthropic:b");
        assert_int_equal(r[i].tries, i ? 1 : 2);
        expect_reply(&r[i], "hello");
    }
    said = said_by("exec:no-such-program-here,openai:m", wrong_key + 1, 3, r);
    assert_int_equal(lines_of(said), 1);
    assert_non_null(strstr(said, "warning: exec:no-such-program-here: the command "));
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(r[i].tries, i ? 1 : 2);
        expect_reply(&r[i], "hello");
    }
    /* three calls in a row, each of which its turn brought to it */
    said = said_by(several, often, COUNT(often), r);
    assert_int_equal(lines_of(said), 1);
    assert_non_null(strstr(said, "; its last calls all failed, so it is not asked any more"));
    for (size_t i = 0; i < COUNT(often); i++) {
        assert_string_equal(r[i].model, "anthropic:b");
        assert_int_equal(r[i].tries, i == 6 || i % 2 ? 1 : 2);
        expect_reply(&r[i], "hello");
    }
    said = said_by(several, seldom, COUNT(seldom), r);
    assert_string_equal(said, "");
    for (size_t i = 0; i < COUNT(seldom); i++) {
        assert_string_equal(r[i].model, i == 4 || i == 8 ? "openai:a" : "anthropic:b");
        expect_reply(&r[i], "hello");
    }
}

/* an outage that fails calls side by side is one failure; calls queued for who is left alone go to
 * the other */
static void calls_that_fail_together(void **state)
{
    struct models_config config = quick(several);
    struct models *m = open_models(&config);
    static const char *const names[] = {"openai:a", "anthropic:b"};
    int by_b = 0;

    (void)state;
    for (int i = 0; i < 8; i++) {
        struct model_prompt prompt = prompt_of("fail 400 1");
        models_ask(m, &prompt);
    }
    for (int i = 0; i < 8; i++) { /* each by the other one */
        struct model_reply r = next_reply(m);
        assert_string_equal(r.model, names[r.call % 2 == 0]);
        expect_reply(&r, "hello");
    }
    for (int i = 0; i < 40; i++) {
        struct model_prompt prompt = prompt_of(i ? "pause 5\nchunk 100" : "fail 401 1");
        models_ask(m, &prompt);
    }
    for (int i = 0; i < 40; i++) {
        struct model_reply r = next_reply(m);
        by_b += strcmp(r.model, "anthropic:b") == 0;
        expect_reply(&r, "hello");
    }
    assert_true(by_b > 20 + 10); /* those that a had begun to answer are its */
    models_free(m);
}

static void limits_hold_for_who_takes_over(void **state)
{
    static const char prices[] = "{\"prices\": {\"openai:a\": {\"in\": 1, \"out\": 1}}}";
    struct models_config config = quick(several);
    struct model_prompt prompt = prompt_of("fail 401 1");
    struct model_reply r;

    (void)state;
    assert_int_equal(fs_write(in_dir("prices.json"), prices, sizeof prices - 1, NULL), 0);
    setenv("KSEARCH_PRICES", in_dir("prices.json"), 1);
    config.money = 100;
    r = ask_with(&config, &prompt);
    assert_int_equal(r.tries, 1);
    expect_why(&r, MODEL_LIMIT, "the price of anthropic:b is not known");
    unsetenv("KSEARCH_PRICES");
    config.money = 0;
    config.tokens = 400;
    prompt = prompt_of("cut 6\nreply 0123456789\nrepeat 60");
    prompt.max_tokens = 250; /* two attempts would be more than 400 */
    r = ask_with(&config, &prompt);
    assert_int_equal(r.tries, 1);
    expect_why(&r, MODEL_LIMIT, "would pass the limit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_one_fails_the_next_answers, hear_begin, hear_end),
        cmocka_unit_test(each_has_all_of_the_time),
        cmocka_unit_test_setup_teardown(nobody_answers, hear_begin, hear_end),
        cmocka_unit_test(who_cannot_answer_is_left_alone),
        cmocka_unit_test_setup_teardown(calls_that_fail_together, hear_begin, hear_end),
        cmocka_unit_test_setup_teardown(limits_hold_for_who_takes_over, hear_begin, hear_end),
    };

    return cmocka_run_group_tests_name("model turns", tests, start_server, stop_server);
}
