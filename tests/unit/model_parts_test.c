/* the parser of event streams, price tables, texts and budgets: what needs no server */
#include <stdio.h>
#include <unistd.h>
#include "tests/unit/check.h"
#include "driver/model/budget.h"
#include "driver/model/price.h"
#include "driver/model/sse.h"
#include "driver/model/text.h"
#include "runtime/base/fs.h"

static int note(void *arg, const char *name, const char *text, size_t n)
{
    struct buf *b = arg;

    buf_addf(b, "[%s|%.*s]", name, (int)n, text);
    return strcmp(name, "stop") == 0 ? 7 : 0;
}

/* the events of a stream that comes in pieces of `chunk` bytes, as one text; free() it */
static char *events_of(const char *stream, size_t chunk, int *rc)
{
    struct buf b;
    struct sse s;

    buf_init(&b, BUF_LIMIT);
    sse_init(&s, 1000, note, &b);
    *rc = 0;
    for (size_t at = 0, n = strlen(stream); at < n && *rc == 0; at += chunk)
        *rc = sse_feed(&s, stream + at, n - at < chunk ? n - at : chunk);
    sse_release(&s);
    return buf_steal(&b);
}

static void streams_of_the_standard(void **state)
{
    /* those of https://html.spec.whatwg.org/multipage/server-sent-events.html, and line breaks */
    static const char *const cases[][2] = {
        {"data: YHOO\ndata: +2\ndata: 10\n\n", "[message|YHOO\n+2\n10]"},
        {": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third "
         "event\n\n",
         "[message|first event][message|second event][message| third event]"},
        {"data\n\ndata\ndata\n\ndata:", "[message|][message|\n]"},
        {"data:test\n\ndata: test\n\n", "[message|test][message|test]"},
        {"event: add\r\ndata: 73857293\r\n\r\nevent: remove\rdata: 2153\r\r",
         "[add|73857293][remove|2153]"},
        {"event: lost\n\ndata: a\n\n", "[message|a]"},
        {"\xEF\xBB\xBF"
         "data: b\n\n\xEF\xBB\xBF"
         "data: c\n\n",
         "[message|b]"},
        {"\xEF\xBB"
         "data: d\n\ndata: e\n\n",
         "[message|e]"},
        {"DATA: no\nother: no\ndata: \xC3\xBC\n\n", "[message|\xC3\xBC]"},
        {"data: cut off", ""},
        {"event: stop\ndata: x\n\ndata: y\n\n", "[stop|x]"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t chunk = 1; chunk < 40; chunk += chunk < 4 ? 1 : 12) {
            int rc;
            char *got = events_of(cases[i][0], chunk, &rc);
            assert_string_equal(got, cases[i][1]);
            assert_int_equal(rc, strstr(cases[i][0], "stop") ? 7 : 0);
            free(got);
        }
    }
}

static void a_line_without_end_is_refused(void **state)
{
    char text[2001];
    int rc;
    char *got;

    (void)state;
    memset(text, 'x', sizeof text);
    text[2000] = '\0';
    got = events_of(text, 100, &rc);
    assert_int_equal(rc, -1);
    free(got);
    for (size_t i = 0; i + 10 <= 2000; i += 10) /* and so is an event of many lines */
        memcpy(text + i, "data: abc\n", 10);
    got = events_of(text, 100, &rc);
    assert_int_equal(rc, 0); /* 200 lines of 3 and a break are 800 */
    free(got);
    for (size_t i = 0; i + 10 <= 2000; i += 10)
        memcpy(text + i, "data:abcd\n", 10);
    got = events_of(text, 100, &rc);
    assert_int_equal(rc, 0);
    free(got);
    for (size_t i = 0; i + 20 <= 2000; i += 20)
        memcpy(text + i, "data:abcdefghijklmn\n", 20);
    got = events_of(text, 100, &rc);
    assert_int_equal(rc, -1);
    free(got);
}

static void keys_are_taken_out(void **state)
{
    static const char *const cases[][3] = {
        {"sk-abcdefghijklmnop", "key sk-abcdefghijklmnop is wrong", "key *** is wrong"},
        {"sk-abcdefghijklmnop", "sk-abc**********mnop. sk-abcdefghijklmnop", "*** ***"},
        {"sk-abcdefghijklmnop", "\"sk-abcdefghijklmnop\",sk-abcd", "\"***\",***"},
        {"sk-abcdefghijklmnop", "sk-ab is short", "sk-ab is short"},
        {"a,b)c d\"efghijkl", "it was a,b)c d\"efghijkl", "it was ***"},
        {"none", "there is none, none", "there is ***, ***"},
        {"abc", "abc", "abc"}, /* no secret */
        {NULL, "text", "text"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[100];
        snprintf(text, sizeof text, "%s", cases[i][1]);
        text_scrub(text, cases[i][0]);
        assert_string_equal(text, cases[i][2]);
    }
}

static const struct prices *own_prices(const char *json, struct error *err)
{
    static char path[] = "/tmp/ks-prices-XXXXXX";
    static bool made;
    struct prices *p;

    if (!made)
        close(mkstemp(path));
    made = true;
    assert_int_equal(fs_write(path, json, strlen(json), NULL), 0);
    p = prices_open(path, err);
    unlink(path);
    return p;
}

static void prices_of_models(void **state)
{
    struct prices *p = prices_open(NULL, NULL);
    struct price price;

    (void)state;
    assert_non_null(p);
    assert_true(prices_find(p, "openai:gpt-5", &price));
    assert_true(price.in == 1.25 && price.out == 10);
    assert_true(prices_find(p, "openai:gpt-5-2025-08-07", &price) && price.in == 1.25);
    assert_true(prices_find(p, "openai:gpt-5-mini", &price) && price.in == 0.25);
    assert_true(prices_find(p, "anthropic:claude-opus-4-5-20251101", &price) && price.out == 25);
    /* others of the family cost what they cost */
    assert_false(prices_find(p, "openai:gpt-5-pro", &price));
    assert_false(prices_find(p, "openai:gpt-5-1", &price));
    assert_false(prices_find(p, "openai:gpt-50", &price));
    assert_true(prices_find(p, "exec:./agent --fast", &price) && price.in == 0);
    assert_true(price_of(&(struct price){2, 10}, 500000, 100000) == 2.0);
    prices_free(p);
}

static void prices_of_your_own(void **state)
{
    struct error err = {""};
    struct price price;
    struct prices *p = (struct prices *)own_prices(
        "{\"note\": \"mine\", \"prices\": {\"openai:*\": {\"in\": 1, \"out\": 2},"
        " \"openai:gpt-5\": {\"in\": 7, \"out\": 8}}}",
        &err);

    (void)state;
    assert_non_null(p);
    assert_true(prices_find(p, "openai:gpt-5", &price) && price.in == 7);
    assert_true(prices_find(p, "openai:gpt-5-mini", &price) && price.in == 1);
    assert_true(prices_find(p, "anthropic:claude-opus-4-5", &price) && price.in == 5);
    prices_free(p);
}

static void wrong_tables_are_named(void **state)
{
    static const char *const cases[][2] = {
        {"{\"prices\": {\"a:b\": {\"in\": -1, \"out\": 2}}}", "a:b: a price is"},
        {"{\"prices\": {\"a:b\": {\"in\": 1}}}", "a:b: a price is"},
        {"{\"prices\": [1]}", "a table of prices is"},
        {"{\n\"prices\": x}", ":2:"},
    };
    struct error err = {""};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        err.text[0] = '\0';
        assert_null(own_prices(cases[i][0], &err));
        assert_non_null(strstr(err.text, cases[i][1]));
    }
    err.text[0] = '\0';
    assert_null(prices_open("/nowhere/prices.json", &err));
    assert_non_null(strstr(err.text, "/nowhere/prices.json"));
}

static void budgets_hold_what_runs(void **state)
{
    struct budget b = {.limit = {1000, 1.0}};

    (void)state;
    assert_int_equal(budget_ask(&b, (struct cost){600, 0.1}), BUDGET_YES);
    budget_hold(&b, (struct cost){600, 0.1});
    assert_int_equal(budget_ask(&b, (struct cost){600, 0.1}), BUDGET_LATER);
    assert_int_equal(budget_ask(&b, (struct cost){400, 0.95}), BUDGET_LATER);
    assert_int_equal(budget_ask(&b, (struct cost){1001, 0.1}), BUDGET_NO);
    assert_int_equal(budget_ask(&b, (struct cost){1, 1.1}), BUDGET_NO);
    budget_settle(&b, (struct cost){600, 0.1}, (struct cost){300, 0.05});
    assert_int_equal(budget_ask(&b, (struct cost){600, 0.1}), BUDGET_YES);
    assert_int_equal(budget_ask(&b, (struct cost){701, 0.1}), BUDGET_NO);
    assert_int_equal(budget_ask(&(struct budget){0}, (struct cost){1000000000, 1e9}), BUDGET_YES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_of_the_standard), cmocka_unit_test(a_line_without_end_is_refused),
        cmocka_unit_test(keys_are_taken_out),      cmocka_unit_test(prices_of_models),
        cmocka_unit_test(prices_of_your_own),      cmocka_unit_test(wrong_tables_are_named),
        cmocka_unit_test(budgets_hold_what_runs),
    };

    return cmocka_run_group_tests_name("model_parts", tests, NULL, NULL);
}
