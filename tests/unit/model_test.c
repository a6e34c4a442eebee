/* models over HTTP: both protocols against a server that does all that servers do */
#include <math.h>
#include "tests/unit/heard.h"
#include "tests/unit/server.h"

static void replies_come_in_pieces(void **state)
{
    static const char *const forms[] = {"",      "delta 1\nchunk 1", "delta 3\nchunk 7\npause 1",
                                        "plain", "nodone",           "nofinish"};

    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        for (size_t k = 0; k < COUNT(forms); k++) {
            struct model_reply r = ask(
                both[i],
                arena_printf(arena, "reply gr\xC3\xBC\xC3\x9F\x65 \xF0\x9F\x98\x80 \"q\" \\\n%s",
                             forms[k]));
            assert_int_equal(r.tokens_in, 100);
            assert_int_equal(r.tokens_out, !i || k != 5 ? 20 : 7);
            assert_int_equal(r.tries, 1);
            assert_false(r.truncated);
            assert_string_equal(r.model, both[i]);
            expect_reply(&r, "gr\xC3\xBC\xC3\x9F\x65 \xF0\x9F\x98\x80 \"q\" \\");
        }
    }
}

static void requests_say_what_was_asked(void **state)
{
    static const char *const wanted[][2] = {
        {"{\"max_tokens\":77,\"model\":\"m\",\"response_format\":{\"json_schema\":{\"name\":"
         "\"reply\","
         "\"schema\":{\"additionalProperties\":false,\"type\":\"object\"},\"strict\":true},"
         "\"type\":"
         "\"json_schema\"},\"stream\":true,\"stream_options\":{\"include_usage\":true},"
         "\"temperature\":0.5}",
         "[{\"content\":\"You are a test.\",\"role\":\"system\"},"},
        {"{\"max_tokens\":77,\"model\":\"m\",\"output_config\":{\"format\":{\"schema\":"
         "{\"additionalProperties\":false,\"type\":\"object\"},\"type\":\"json_schema\"}},"
         "\"stream\":true,\"system\":\"You are a test.\",\"temperature\":0.5}",
         "\"system\":\"You are a test.\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        struct models_config config = quick(both[i]);
        struct model_prompt prompt = prompt_of("request");
        struct model_reply r;
        prompt.schema = "{\"type\": \"object\", \"additionalProperties\": false}";
        prompt.max_tokens = 77;
        prompt.temperature = 0.5;
        r = ask_with(&config, &prompt);
        expect_reply(&r, wanted[i][0]);
        r = ask(both[i], "prompt");
        assert_non_null(strstr(r.text, wanted[i][1]));
        model_reply_release(&r);
        /* a prompt that is not UTF-8 is asked all the same */
        r = ask(both[i], "prompt\nm\xFC"
                         "de");
        assert_non_null(strstr(r.text, "m\xEF\xBF\xBD"
                                       "de"));
        model_reply_release(&r);
    }
}

static void counts_are_estimated_where_there_are_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        struct model_reply r = ask(both[i], "nousage\nreply 0123456789\nrepeat 30");
        assert_true(r.tokens_in >= 10 && r.tokens_in <= 30);
        assert_int_equal(r.tokens_out, 101);
        model_reply_release(&r);
    }
}

static void ends_have_reasons(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        struct model_reply r = ask(both[i], "length");
        assert_true(r.truncated);
        expect_reply(&r, "hello");
        r = ask(both[i], "declined");
        expect_why(&r, MODEL_FAILED, "declines");
    }
}

static void bytes_that_are_not_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        struct model_reply r = ask(both[i], "badutf8\nreply aabb\ndelta 2");
        expect_reply(&r, "aa<\xEF\xBF\xBD\xEF\xBF\xBD>bb");
        r = ask(both[i], "nul\nreply aabb\ndelta 2");
        expect_reply(&r, "aaa\xEF\xBF\xBD"
                         "bbb");
    }
}

static void what_passes_is_tried_again(void **state)
{
    static const char *const troubles[] = {
        "fail 500 2", "fail 503 2", "fail 429 2", "fail 408 2", "fail 409 2",        "fail 529 2",
        "drop 2",     "cut 2",      "badjson 2",  "broken 2",   "plain\ntruncated 2"};

    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        for (size_t k = 0; k < COUNT(troubles); k++) {
            struct model_reply r = ask(both[i], troubles[k]);
            assert_int_equal(r.tries, 3);
            expect_reply(&r, "hello");
        }
    }
}

static void attempts_that_broke_are_billed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        struct model_reply r = ask(both[i], "cut 2\nreply 0123456789\nrepeat 60");
        /* chat completions count at the end, which two did not reach; messages at the beginning */
        assert_true(i ? r.tokens_in == 300 : r.tokens_in > 110 && r.tokens_in < 180);
        assert_true(r.tokens_out >= 20 + 200 && r.tokens_out < 20 + 230);
        model_reply_release(&r);
        r = ask(both[i], "fail 500 2\nreply 0123456789");
        assert_int_equal(r.tokens_in, 100);
        assert_int_equal(r.tokens_out, 20);
        model_reply_release(&r);
    }
}

static void what_does_not_pass_is_said(void **state)
{
    static const char *const cases[][2] = {
        {"fail 400 9", "400 from http://127.0.0.1"},
        {"fail 401 9", "is the key in KSEARCH_MODEL_KEY or "},
        {"fail 403 9", "is the key in KSEARCH_MODEL_KEY or "},
        {"fail 404 9", "are the model's name and KSEARCH_MODEL_URL right?"},
        {"fail 413 9", "too long"},
        {"quota\nfail 429 9", "no quota"},
        {"redirect", "sends us on to https://elsewhere.invalid/v1"},
        {"html", "is KSEARCH_MODEL_URL right?"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        for (size_t k = 0; k < COUNT(cases); k++) {
            struct model_reply r = ask(both[i], cases[k][0]);
            assert_int_equal(r.tries, 1);
            expect_why(&r, MODEL_FAILED, cases[k][1]);
        }
    }
}

static void tries_come_to_an_end(void **state)
{
    struct model_reply r = ask("openai:m", "fail 500 99");

    (void)state;
    assert_int_equal(r.tries, 6);
    expect_why(&r, MODEL_FAILED, "as you asked of *** (an_error) (tried 6 times)");
}

static void servers_say_when_to_come_again(void **state)
{
    struct models_config config = quick("openai:m");
    struct models *m = open_models(&config);
    /* in seconds; as a date; past the deadline, which is not waited for */
    static const char *const commands[] = {"fail 429 1 1", "fail 503 1 date+2", "fail 429 1 3600"};

    (void)state;
    for (size_t i = 0; i < COUNT(commands); i++) {
        struct model_prompt prompt = prompt_of(commands[i]);
        models_ask(m, &prompt);
    }
    for (size_t i = 0; i < COUNT(commands); i++) {
        struct model_reply r = next_reply(m);
        assert_int_equal(r.tries, r.call == 2 ? 1 : 2);
        if (r.call == 2) {
            expect_why(&r, MODEL_FAILED, "no time for another try, in 3.6e+03 s");
        } else {
            assert_true(r.seconds >= 0.9); /* the back-off alone is a hundredth of it */
            expect_reply(&r, "hello");
        }
    }
    models_free(m);
}

static void deadlines_hold(void **state)
{
    struct models_config config = quick("openai:m");
    struct model_prompt prompt = prompt_of("endless\npause 5");
    struct model_reply r;

    (void)state;
    config.call_seconds = 0.4;
    r = ask_with(&config, &prompt);
    assert_int_equal(r.tries, 1);
    assert_true(r.tokens_out > 0); /* what came was paid for */
    expect_why(&r, MODEL_FAILED, "no end after 0.4 s");
    config = quick("openai:m");
    config.stall_seconds = 0.1;
    prompt = prompt_of("stall 99");
    r = ask_with(&config, &prompt);
    assert_int_equal(r.tries, 6);
    expect_why(&r, MODEL_FAILED, "nothing came for 0.1 s");
    prompt = prompt_of("mute 1"); /* a model may think before it says anything */
    r = ask_with(&config, &prompt);
    assert_true(r.tries > 1 && r.seconds >= 0.4);
    expect_reply(&r, "hello");
    prompt = prompt_of("stall 1");
    r = ask_with(&config, &prompt);
    assert_true(r.tries > 1);
    expect_reply(&r, "hello");
    /* an answer that is whole needs no end of its connection */
    config = quick("openai:m");
    prompt = prompt_of("linger");
    r = ask_with(&config, &prompt);
    assert_int_equal(r.tries, 1);
    assert_true(r.seconds < config.stall_seconds);
    expect_reply(&r, "hello");
}

static void replies_without_end_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        for (int k = 0; k < 2; k++) {
            struct models_config config = quick(both[i]);
            struct model_prompt prompt = prompt_of(
                k ? "endless\nreply \xE2\x82\xAC\xE2\x82\xAC\ndelta 3000" : "endless\ndelta 1");
            struct model_reply r;
            prompt.max_tokens = 50;
            r = ask_with(&config, &prompt);
            assert_int_equal(r.outcome, MODEL_REPLIED);
            assert_true(r.truncated);
            assert_true(strlen(r.text) >= 100 && strlen(r.text) <= 50 * 8 + 256);
            assert_true(r.tokens_out >= 100 && r.tokens_out < 400);
            model_reply_release(&r);
        }
    }
}

/* what a server refuses is left out, and not sent again by the next call */
static void refusals_are_learned(void **state)
{
    static const struct {
        int provider;
        const char *commands, *left_out, *instead;
    } cases[] = {
        {0, "refuse response_format", "response_format", ""},
        {1, "refuse output_config", "output_config", ""},
        {0, "refuse temperature", "temperature", ""},
        {1, "refuse temperature", "temperature", ""},
        {0, "refuse max_tokens", "max_tokens", "\"max_completion_tokens\":5000"},
        {0, "refuse stream_options", "stream_options", ""},
        {0, "most 2000", "5000", "\"max_tokens\":1250"},
        {1, "most 2000", "5000", "\"max_tokens\":1250"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct models_config config = quick(both[cases[i].provider]);
        struct models *m = open_models(&config);
        for (int k = 0; k < 2; k++) {
            struct model_prompt prompt =
                prompt_of(arena_printf(arena, "request\n%s", cases[i].commands));
            struct model_reply r;
            prompt.schema = "{\"type\": \"object\"}";
            prompt.temperature = 0.25;
            prompt.max_tokens = 5000;
            models_ask(m, &prompt);
            r = next_reply(m);
            assert_int_equal(r.outcome, MODEL_REPLIED);
            assert_int_equal(r.tries, k                                                      ? 1
                                      : cases[i].instead[0] && strchr(cases[i].instead, '2') ? 3
                                                                                             : 2);
            assert_null(strstr(r.text, cases[i].left_out));
            assert_non_null(strstr(r.text, cases[i].instead));
            assert_int_equal(r.tokens_in,
                             strstr(cases[i].commands, "stream_options") ? r.tokens_in : 100);
            model_reply_release(&r);
        }
        models_free(m);
    }
}

/* a 400 for anything else takes nothing from the next call */
static void refusals_teach_nothing_else(void **state)
{
    struct models_config config = quick("openai:m");
    struct models *m = open_models(&config);
    const char *commands[] = {"fail 400 9", "request"};
    struct model_reply r;

    (void)state;
    for (int k = 0; k < 2; k++) {
        struct model_prompt prompt = prompt_of(commands[k]);
        prompt.schema = "{}";
        models_ask(m, &prompt);
        r = next_reply(m);
        assert_int_equal(r.outcome, k ? MODEL_REPLIED : MODEL_FAILED);
        assert_int_equal(r.tries, k ? 1 : 2);
        if (k)
            assert_non_null(strstr(r.text, "response_format"));
        model_reply_release(&r);
    }
    models_free(m);
}

static int stat_of(const char *name)
{
    struct model_reply r = ask("openai:m", "stats");
    const char *at = strstr(r.text, name);
    int n = at ? atoi(at + strlen(name) + 1) : -1;

    model_reply_release(&r);
    return n;
}

static void calls_run_side_by_side(void **state)
{
    struct models_config config = quick("openai:m,anthropic:m");
    int before = stat_of("connections"), requests = stat_of("requests"), after;
    struct models *m = open_models(&config);
    bool seen[40] = {false};

    (void)state;
    for (size_t i = 0; i < COUNT(seen); i++) {
        struct model_prompt prompt =
            prompt_of(arena_printf(arena, "reply answer %zu\npause 5\nchunk 100", i));
        prompt.role = i % 2 ? MODEL_CODER : MODEL_PLANNER;
        assert_int_equal(models_ask(m, &prompt), i);
    }
    assert_int_equal(models_pending(m), 40);
    for (size_t i = 0; i < COUNT(seen); i++) {
        struct model_reply r = next_reply(m);
        assert_true(r.call < 40 && !seen[r.call]);
        seen[r.call] = true;
        /* each role goes round on its own */
        assert_string_equal(r.model, both[r.call / 2 % 2]);
        expect_reply(&r, arena_printf(arena, "answer %zu", r.call));
    }
    assert_int_equal(models_pending(m), 0);
    models_free(m);
    after = stat_of("connections");
    assert_int_equal(stat_of("peak"), 8);
    assert_int_equal(stat_of("requests") - requests, 40 + 3);
    /* the two of stat_of have connections of their own */
    assert_true(after - before <= 8 + 2);
}

/* a connection is kept open for the next call, and is no business of programs that we start */
static void connections_are_not_inherited(void **state)
{
    struct models_config config = quick("openai:m");
    struct models *m;
    char sockets[2][16];

    (void)state;
    config.coder = "exec:ls -l /proc/self/fd | grep -c socket; true";
    m = open_models(&config);
    for (int i = 0; i < 3; i++) {
        struct model_prompt prompt = prompt_of("");
        struct model_reply r;
        prompt.role = i == 1 ? MODEL_PLANNER : MODEL_CODER;
        models_ask(m, &prompt);
        r = next_reply(m);
        assert_int_equal(r.outcome, MODEL_REPLIED);
        if (i != 1)
            snprintf(sockets[i / 2], sizeof sockets[0], "%s", r.text);
        model_reply_release(&r);
    }
    assert_string_equal(sockets[0], sockets[1]);
    models_free(m);
}

static void asking_does_not_wait(void **state)
{
    struct models_config config = quick("openai:m");
    struct models *m = open_models(&config);
    struct model_prompt prompt = prompt_of("stall 9");
    struct model_reply r;

    (void)state;
    models_ask(m, &prompt);
    for (int i = 0; i < 10; i++)
        models_pump(m);
    assert_int_equal(models_next(m, &r), 0);
    assert_int_equal(models_pending(m), 1);
    models_free(m); /* with a call that runs */
}

static void nothing_listens(void **state)
{
    const char *url = getenv("KSEARCH_MODEL_URL");
    char *kept = arena_dup(arena, url);
    struct model_reply r;

    (void)state;
    setenv("KSEARCH_MODEL_URL", "http://127.0.0.1:1/v1", 1);
    r = ask("openai:m", "");
    assert_int_equal(r.tries, 6);
    assert_int_equal(r.tokens_in + r.tokens_out, 0);
    expect_why(&r, MODEL_FAILED, "cannot reach http://127.0.0.1:1/v1: ");
    setenv("KSEARCH_MODEL_URL", arena_printf(arena, "%.*s", (int)strlen(kept) - 3, kept), 1);
    for (size_t i = 0; i < COUNT(both); i++) { /* without /v1 it is meant all the same */
        r = ask(both[i], "");
        expect_reply(&r, "hello");
    }
    setenv("KSEARCH_MODEL_URL", kept, 1);
}

/* ---- keys --------------------------------------------------------------------------------- */

/* all that is said on standard error while `commands` is asked with this key */
static const char *said_with_key(const char *key, const char *model, const char *commands,
                                 struct model_reply *r)
{
    setenv("KSEARCH_MODEL_KEY", key, 1);
    setenv("KSEARCH_DEBUG", "1", 1);
    hear_begin(NULL);
    *r = ask(model, commands);
    hear_end(NULL);
    unsetenv("KSEARCH_DEBUG");
    setenv("KSEARCH_MODEL_KEY", KEY, 1);
    return heard.text;
}

static void keys_are_seen_nowhere(void **state)
{
    static const char wrong[] = "sk-wrong-but-secret-9876543210";
    struct model_reply r;
    const char *said;

    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        said = said_with_key(wrong, both[i], "", &r); /* the server repeats it */
        assert_null(strstr(said, "secret"));
        assert_null(strstr(r.why.text, "secret"));
        assert_null(strstr(r.why.text, "3210"));
        expect_why(&r, MODEL_FAILED, "Incorrect API key provided: ***");
        said = said_with_key(KEY, both[i], "fail 500 2\n" KEY, &r);
        assert_non_null(strstr(said, "again in"));
        assert_null(strstr(said, "secret"));
        expect_reply(&r, "hello");
        said = said_with_key(KEY, both[i], "reply so " KEY, &r); /* it could be written to a file */
        expect_reply(&r, "so ***");
    }
    assert_int_equal(stat_of("wrong"), 2);
}

static void keys_come_from_the_environment(void **state)
{
    struct models_config config = quick("openai:m");
    struct models_about about;
    struct model_reply r;
    struct error err = {""};

    (void)state;
    setenv("KSEARCH_MODEL_KEY", "", 1);
    r = ask("openai:m", "");
    expect_why(&r, MODEL_FAILED, "no key is set: put it into OPENAI_API_KEY");
    assert_int_equal(models_look(&config, &about, &err), 0);
    assert_true(about.is_http && !about.has_key && about.has_no_price);
    setenv("OPENAI_API_KEY", " " KEY "\n", 1); /* as `$(cat key)` and editors leave it */
    r = ask("openai:m", "");
    expect_reply(&r, "hello");
    r = ask("anthropic:m", "");
    expect_why(&r, MODEL_FAILED, "put it into ANTHROPIC_API_KEY");
    setenv("OPENAI_API_KEY", "two\r\nx-more: lines", 1);
    assert_null(models_open(&config, &err));
    assert_non_null(strstr(err.text, "OPENAI_API_KEY holds what no key can"));
    assert_null(strstr(err.text, "lines"));
    unsetenv("OPENAI_API_KEY");
    setenv("KSEARCH_MODEL_KEY", KEY, 1);
}

/* ---- limits ------------------------------------------------------------------------------- */

static void limits_on_tokens_hold(void **state)
{
    struct models_config config = quick("openai:m");
    struct models *m;
    int64_t tokens;
    double money;
    int replied = 0;

    (void)state;
    config.tokens = 1000; /* a call is 120, and may be 200 and a prompt */
    m = open_models(&config);
    models_spent_before(m, 300, 0);
    for (int i = 0; i < 8; i++) {
        struct model_prompt prompt = prompt_of("pause 2\nchunk 200");
        prompt.max_tokens = 200;
        models_ask(m, &prompt);
    }
    for (int i = 0; i < 8; i++) {
        struct model_reply r = next_reply(m);
        replied += r.outcome == MODEL_REPLIED;
        if (r.outcome == MODEL_REPLIED) {
            expect_reply(&r, "hello");
        } else {
            assert_int_equal(r.tries, 0);
            expect_why(&r, MODEL_LIMIT, "tokens");
        }
        models_spent(m, &tokens, &money);
        assert_true(tokens <= 1000);
    }
    /* 300, 420, 540, 660: a fifth could come to more than 1000 with 780 spent */
    assert_int_equal(replied, 4);
    models_spent(m, &tokens, &money);
    assert_int_equal(tokens, 300 + 4 * 120);
    models_free(m);
}

static void limits_on_money_hold(void **state)
{
    static const char prices[] = "{\"prices\": {\"openai:m\": {\"in\": 1000, \"out\": 10000}}}";
    struct models_config config = quick("openai:m");
    struct model_prompt prompt = prompt_of("");
    struct model_reply r;

    (void)state;
    config.money = 5;
    r = ask_with(&config, &prompt);
    expect_why(&r, MODEL_LIMIT, "KSEARCH_PRICES with {\"prices\": {\"openai:m\": {\"in\": 1");
    assert_int_equal(fs_write(in_dir("prices.json"), prices, sizeof prices - 1, NULL), 0);
    setenv("KSEARCH_PRICES", in_dir("prices.json"), 1);
    r = ask_with(&config, &prompt); /* 16384 tokens could cost 164 */
    expect_why(&r, MODEL_LIMIT, "of money would pass the limit");
    prompt.max_tokens = 300;
    r = ask_with(&config, &prompt);
    assert_true(fabs(r.money - (100 * 0.001 + 20 * 0.01)) < 1e-9);
    expect_reply(&r, "hello");
    config.money = 3; /* 300 are 3.00 at least */
    r = ask_with(&config, &prompt);
    expect_why(&r, MODEL_LIMIT, "of money would pass the limit");
    unsetenv("KSEARCH_PRICES");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_come_in_pieces),
        cmocka_unit_test(requests_say_what_was_asked),
        cmocka_unit_test(counts_are_estimated_where_there_are_none),
        cmocka_unit_test(ends_have_reasons),
        cmocka_unit_test(bytes_that_are_not_utf8),
        cmocka_unit_test(what_passes_is_tried_again),
        cmocka_unit_test(attempts_that_broke_are_billed),
        cmocka_unit_test(what_does_not_pass_is_said),
        cmocka_unit_test(tries_come_to_an_end),
        cmocka_unit_test(servers_say_when_to_come_again),
        cmocka_unit_test(deadlines_hold),
        cmocka_unit_test(replies_without_end_are_cut),
        cmocka_unit_test(refusals_are_learned),
        cmocka_unit_test(refusals_teach_nothing_else),
        cmocka_unit_test(calls_run_side_by_side),
        cmocka_unit_test(connections_are_not_inherited),
        cmocka_unit_test(asking_does_not_wait),
        cmocka_unit_test(nothing_listens),
        cmocka_unit_test(keys_are_seen_nowhere),
        cmocka_unit_test(keys_come_from_the_environment),
        cmocka_unit_test(limits_on_tokens_hold),
        cmocka_unit_test(limits_on_money_hold),
    };

    return cmocka_run_group_tests_name("model", tests, start_server, stop_server);
}
