/* driver/model/openai.c - chat completions, as OpenAI and many others speak them.
 *
 * POST BASE/chat/completions; with "stream" the answer is events of data alone, each a JSON object
 * {"choices": [{"delta": {"content": "..."}, "finish_reason": null}], "usage": null}, the last one
 * "[DONE]". With stream_options.include_usage, an object with `usage` and no choices comes before
 * it. Servers leave out one or the other: a finish_reason is an end as well.
 * https://platform.openai.com/docs/api-reference/chat */
#include <string.h>
#include "driver/model/chat.h"
#include "runtime/base/utf8.h"

static const char *endpoint(struct arena *a, const char *base)
{
    /* a bare host: all servers have it below /v1 */
    const char *path = strchr(strstr(base, "//") + 2, '/');

    return arena_printf(a, "%s%s/chat/completions", base, path ? "" : "/v1");
}

static void headers(struct arena *a, const struct provider *p, const char **out)
{
    if (p->key)
        *out = arena_printf(a, "authorization: Bearer %s", p->key);
}

static void add_schema(json_t *request, const struct attempt *a)
{
    json_t *schema = json_loads(a->prompt->schema, 0, NULL);
    /* "strict" wants every object closed; a schema that is closed at its top is written for it */
    int strict = json_is_false(json_object_get(schema, "additionalProperties"));

    if (schema)
        json_object_set_new(request, "response_format",
                            json_pack("{s:s, s:{s:s, s:b, s:o}}", "type", "json_schema",
                                      "json_schema", "name", "reply", "strict", strict, "schema",
                                      schema));
}

static json_t *request(const struct attempt *a)
{
    const struct model_prompt *p = a->prompt;
    int tokens = a->most_tokens ? a->most_tokens : p->max_tokens;
    json_t *messages = json_array(), *json = json_object();

    if (*p->system)
        json_array_append_new(messages,
                              json_pack("{s:s, s:s}", "role", "system", "content", p->system));
    json_array_append_new(messages, json_pack("{s:s, s:s}", "role", "user", "content", p->user));
    json_object_set_new(json, "model", utf8_json(a->provider->what));
    json_object_set_new(json, "messages", messages);
    json_object_set_new(json, "stream", json_true());
    json_object_set_new(json,
                        a->without & WITHOUT_MAX_TOKENS ? "max_completion_tokens" : "max_tokens",
                        json_integer(tokens));
    if (!(a->without & WITHOUT_USAGE))
        json_object_set_new(json, "stream_options", json_pack("{s:b}", "include_usage", 1));
    if (p->temperature >= 0 && !(a->without & WITHOUT_TEMPERATURE))
        json_object_set_new(json, "temperature", json_real(p->temperature));
    if (p->schema && !(a->without & WITHOUT_SCHEMA))
        add_schema(json, a);
    return json;
}

static void read_finish(struct turn *t, const json_t *choice)
{
    const char *why = json_string_value(json_object_get(choice, "finish_reason"));

    if (!why)
        return;
    t->done = true;
    t->attempt->truncated |= !strcmp(why, "length");
    t->declined |= !strcmp(why, "content_filter");
}

static void read_usage(struct turn *t, const json_t *answer)
{
    const json_t *usage = json_object_get(answer, "usage");

    turn_count(usage, "prompt_tokens", &t->attempt->tokens_in);
    turn_count(usage, "completion_tokens", &t->attempt->tokens_out);
}

static void event(struct turn *t, const char *name, const char *text, const json_t *data)
{
    const json_t *choice = json_array_get(json_object_get(data, "choices"), 0);
    const json_t *delta = json_object_get(choice, "delta"), *error = json_object_get(data, "error");

    (void)name;
    if (!data) {
        t->done |= strstr(text, "[DONE]") != NULL;
        return;
    }
    if (error && !json_is_null(error)) {
        turn_error(t, error);
        return;
    }
    turn_add(t, json_object_get(delta, "content"));
    /* not part of the reply, but as many tokens: DeepSeek's, vLLM's, Ollama's and OpenRouter's
     * names */
    t->pieces += json_string_length(json_object_get(delta, "reasoning_content")) ||
                 json_string_length(json_object_get(delta, "reasoning"));
    t->declined |= json_string_length(json_object_get(delta, "refusal")) > 0;
    read_finish(t, choice);
    read_usage(t, data);
}

static void whole(struct turn *t, const json_t *answer)
{
    const json_t *choice = json_array_get(json_object_get(answer, "choices"), 0);
    const json_t *message = json_object_get(choice, "message");

    if (!json_is_object(message)) {
        error_set(&t->error, "the answer has no message");
        return;
    }
    turn_add(t, json_object_get(message, "content"));
    t->done = true;
    t->declined |= json_string_length(json_object_get(message, "refusal")) > 0;
    read_finish(t, choice);
    read_usage(t, answer);
}

const struct protocol protocol_openai = {
    .word = "openai",
    .default_url = "https://api.openai.com/v1",
    .key_variable = "OPENAI_API_KEY",
    .endpoint = endpoint,
    .request = request,
    .headers = headers,
    .event = event,
    .whole = whole,
};

const struct provider_kind provider_openai = {.word = "openai",
                                              .protocol = &protocol_openai,
                                              .open = chat_open,
                                              .start = chat_start,
                                              .poll = chat_poll,
                                              .drop = chat_drop};
