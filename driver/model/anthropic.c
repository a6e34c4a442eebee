/* driver/model/anthropic.c - Anthropic's messages.
 *
 * POST BASE/v1/messages; with "stream" the answer is named events: message_start (with the tokens
 * of the prompt), content_block_start, content_block_delta (text_delta is the reply; thinking_delta
 * is not), content_block_stop, message_delta (stop_reason, and the tokens of the reply so far),
 * message_stop; ping and error at any time, and others may be added. The data has the name as
 * `type`. https://platform.claude.com/docs/en/build-with-claude/streaming */
#include <string.h>
#include "driver/model/chat.h"
#include "runtime/base/utf8.h"

static const char *endpoint(struct arena *a, const char *base)
{
    size_t n = strlen(base);
    bool has_version = n > 3 && !strcmp(base + n - 3, "/v1"); /* a base as openai: has it */

    return arena_printf(a, "%s%s/messages", base, has_version ? "" : "/v1");
}

static void headers(struct arena *a, const struct provider *p, const char **out)
{
    *out++ = "anthropic-version: 2023-06-01";
    if (p->key)
        *out = arena_printf(a, "x-api-key: %s", p->key);
}

static json_t *request(const struct attempt *a)
{
    const struct model_prompt *p = a->prompt;
    int tokens = a->most_tokens ? a->most_tokens : p->max_tokens;
    json_t *json = json_pack("{s:o, s:i, s:b, s:[{s:s, s:s}]}", "model",
                             utf8_json(a->provider->what), "max_tokens", tokens, "stream", 1,
                             "messages", "role", "user", "content", p->user);
    json_t *schema = NULL;

    if (*p->system)
        json_object_set_new(json, "system", json_string(p->system));
    if (p->temperature >= 0 && !(a->without & WITHOUT_TEMPERATURE)) /* 0 to 1 here */
        json_object_set_new(json, "temperature",
                            json_real(p->temperature < 1 ? p->temperature : 1));
    if (p->schema && !(a->without & WITHOUT_SCHEMA))
        schema = json_loads(p->schema, 0, NULL);
    if (schema) /* https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
        json_object_set_new(
            json, "output_config",
            json_pack("{s:{s:s, s:o}}", "format", "type", "json_schema", "schema", schema));
    return json;
}

/* what was read from a cache, or written to one, is counted beside the rest */
static void read_prompt_usage(struct turn *t, const json_t *usage)
{
    static const char *const keys[] = {"input_tokens", "cache_creation_input_tokens",
                                       "cache_read_input_tokens"};
    int64_t in = 0;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        int64_t n = 0;
        turn_count(usage, keys[i], &n);
        in += n;
    }
    if (in > t->attempt->tokens_in && in)
        t->attempt->tokens_in = in;
}

/* not for message_start, whose output_tokens are those of the first word */
static void read_usage(struct turn *t, const json_t *usage)
{
    read_prompt_usage(t, usage);
    turn_count(usage, "output_tokens", &t->attempt->tokens_out);
}

static void read_stop(struct turn *t, const json_t *object)
{
    const char *why = json_string_value(json_object_get(object, "stop_reason"));

    if (!why)
        return;
    t->done = true;
    t->attempt->truncated |=
        !strcmp(why, "max_tokens") || !strcmp(why, "model_context_window_exceeded");
    t->declined |= !strcmp(why, "refusal");
}

static void event(struct turn *t, const char *name, const char *text, const json_t *data)
{
    const json_t *delta = json_object_get(data, "delta");
    const char *type = json_string_value(json_object_get(data, "type"));

    (void)text;
    if (!type)
        type = name;
    if (!strcmp(type, "message_start")) {
        read_prompt_usage(t, json_object_get(json_object_get(data, "message"), "usage"));
    } else if (!strcmp(type, "content_block_delta")) {
        turn_add(t, json_object_get(delta, "text"));
        t->pieces += json_string_length(json_object_get(delta, "thinking")) > 0;
    } else if (!strcmp(type, "message_delta")) {
        read_stop(t, delta);
        read_usage(t, json_object_get(data, "usage"));
    } else if (!strcmp(type, "message_stop")) {
        t->done = true;
    } else if (!strcmp(type, "error")) {
        turn_error(t, json_object_get(data, "error"));
    }
}

static void whole(struct turn *t, const json_t *answer)
{
    const json_t *blocks = json_object_get(answer, "content");

    if (!json_is_array(blocks)) {
        error_set(&t->error, "the answer has no content");
        return;
    }
    for (size_t i = 0; i < json_array_size(blocks); i++)
        turn_add(t, json_object_get(json_array_get(blocks, i), "text"));
    t->done = true;
    read_stop(t, answer);
    read_usage(t, json_object_get(answer, "usage"));
}

const struct protocol protocol_anthropic = {
    .word = "anthropic",
    .default_url = "https://api.anthropic.com",
    .key_variable = "ANTHROPIC_API_KEY",
    .endpoint = endpoint,
    .request = request,
    .headers = headers,
    .event = event,
    .whole = whole,
};

const struct provider_kind provider_anthropic = {.word = "anthropic",
                                                 .protocol = &protocol_anthropic,
                                                 .open = chat_open,
                                                 .start = chat_start,
                                                 .poll = chat_poll,
                                                 .drop = chat_drop};
