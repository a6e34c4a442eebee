/* driver/model/refusal.c - errors in the words of a dozen servers.
 *
 * There is no common code for "I do not know this parameter": OpenAI names it in `param`, vLLM and
 * LiteLLM in a sentence. All of them write the parameter's name, so the text is searched for the
 * names of what was sent and can be left out. */
#include "driver/model/refusal.h"

#include <string.h>
#include "runtime/base/utf8.h"

enum { FEWEST_TOKENS = 1024, SHOWN = 300 };

static bool says(const char *text, const char *const *words)
{
    for (; *words; words++) {
        if (strcasestr(text, *words))
            return true;
    }
    return false;
}

#define SAYS(text, ...) says(text, (const char *const[]){__VA_ARGS__, NULL})

bool refusal_is_final(const char *text)
{
    /* 429 too is how an empty account is told: https://platform.openai.com/docs/guides/error-codes
     */
    return SAYS(text, "insufficient_quota", "spend_limit", "invalid_request",
                "authentication_error", "permission_error", "billing_error", "context_length");
}

static void add_word(struct buf *out, const json_t *word)
{
    if (json_string_length(word) && !strstr(buf_text(out), json_string_value(word)))
        buf_addf(out, " (%s)", json_string_value(word));
}

void refusal_text(const json_t *error, struct buf *out)
{
    const json_t *message = json_object_get(error, "message");

    if (json_is_string(error))
        buf_adds(out, json_string_value(error));
    else if (json_is_string(message))
        buf_adds(out, json_string_value(message));
    if (!json_is_object(error))
        return;
    add_word(out, json_object_get(error, "type"));
    add_word(out, json_object_get(error, "code"));
    add_word(out, json_object_get(error, "param"));
    add_word(out, json_object_get(json_object_get(error, "details"), "error_code"));
}

/* the error in a body: {"error": {...}}, {"error": "..."}, {"message"}, {"detail"}, or any text */
static void body_text(const char *body, size_t n, struct buf *out)
{
    static const char *const keys[] = {"error", "message", "detail"};
    json_t *json = json_loadb(body, n, JSON_ALLOW_NUL, NULL);

    for (size_t i = 0; i < sizeof keys / sizeof *keys && !out->len; i++)
        refusal_text(json_object_get(json, keys[i]), out);
    if (!out->len)
        utf8_add(out, body, n < SHOWN ? n : SHOWN);
    json_decref(json);
}

/* what the next attempt does without, or with less of; 0 when there is nothing to try */
static int leave_out(struct attempt *a, const char *text)
{
    bool is_size = SAYS(text, "too large", "too high", "maximum", "at most", "exceed", "less than");
    int tokens = a->most_tokens ? a->most_tokens : a->prompt->max_tokens;
    unsigned out = 0;

    if (SAYS(text, "stream_options", "include_usage"))
        out = WITHOUT_USAGE;
    else if (strcasestr(text, "max_completion_tokens") && !is_size)
        out = WITHOUT_MAX_TOKENS;
    else if (strcasestr(text, "temperature") && a->prompt->temperature >= 0)
        out = WITHOUT_TEMPERATURE;
    else if (SAYS(text, "max_tokens", "max_completion_tokens") && is_size &&
             tokens > FEWEST_TOKENS) {
        a->most_tokens = tokens / 2;
        return 1;
    } else if (a->prompt->schema && !SAYS(text, "context_length", "context length"))
        out = WITHOUT_SCHEMA; /* named or not: it is what servers differ in most */
    if (!out || (a->without & out))
        return 0;
    a->without |= out;
    return 1;
}

/* it is about the account, the key or the model, and so of every call */
static bool is_hopeless(int status)
{
    return (status >= 401 && status <= 404) || status == 429;
}

/* what to do about it; NULL: the server's words say it */
static const char *advice(const struct attempt *a, int status)
{
    switch (status) {
    case 401:
    case 403:
        return a->provider->key ? "is the key in KSEARCH_MODEL_KEY or %s right?"
                                : "no key is set: put it into %s";
    case 402:
        return "the account has nothing left";
    case 404:
        return "are the model's name and KSEARCH_MODEL_URL right?";
    case 413:
        return "the prompt is too long for this server";
    default:
        return NULL;
    }
}

static bool is_passing(int status)
{
    return status == 408 || status == 409 || status == 425 || status == 429 || status >= 500;
}

enum attempt_state refusal_judge(struct attempt *a, const char *key_variable, int status,
                                 const char *body, size_t n)
{
    const char *hint = advice(a, status);
    enum attempt_state end = ATTEMPT_FAILED;
    struct buf said, what;

    buf_init(&said, 1 << 20);
    buf_init(&what, 4096);
    body_text(body, n, &said);
    if ((status == 400 || status == 422) && leave_out(a, buf_text(&said)))
        end = ATTEMPT_NOW;
    else if (is_passing(status) && !(status == 429 && refusal_is_final(buf_text(&said))))
        end = ATTEMPT_AGAIN;
    a->hopeless = end == ATTEMPT_FAILED && is_hopeless(status);
    if (hint) {
        buf_adds(&what, ": ");
        if (strstr(hint, "%s"))
            buf_addf(&what, "%.*s%s%s", (int)(strstr(hint, "%s") - hint), hint, key_variable,
                     strstr(hint, "%s") + 2);
        else
            buf_adds(&what, hint);
    }
    error_set(&a->why, "%d from %s%s%s%.*s", status, a->provider->url, buf_text(&what),
              said.len ? ": " : "", SHOWN, buf_text(&said));
    buf_release(&what);
    buf_release(&said);
    return end;
}
