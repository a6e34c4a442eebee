/* tests/fuzz/chat_fuzz.c - any bytes as a model's stream, in both protocols, and as its refusal.
 *
 * Whatever comes, the reply is valid UTF-8 without NUL and not much longer than max_tokens allows,
 * counts are counts, an error has words, and a refusal leads to an end in a few attempts. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/model/chat.h"
#include "driver/model/refusal.h"
#include "driver/model/sse.h"
#include "runtime/base/utf8.h"

enum { MOST = 1 << 16, MAX_TOKENS = 100, REFUSALS = 30 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct stream {
    const struct protocol *protocol;
    struct turn turn;
    size_t last; /* length of the last event */
};

static int on_event(void *arg, const char *name, const char *text, size_t n)
{
    struct stream *s = arg;

    s->last = n;
    return !turn_event(&s->turn, s->protocol, name, text, n);
}

static void check_text(const struct buf *text)
{
    struct buf again;

    buf_init(&again, BUF_LIMIT);
    utf8_add(&again, buf_text(text), text->len);
    if (again.len != text->len || memcmp(buf_text(&again), buf_text(text), text->len) != 0)
        abort();
    buf_release(&again);
}

static void read_stream(const struct protocol *protocol, struct attempt *a, const char *bytes,
                        size_t n)
{
    struct stream s = {.protocol = protocol, .turn.attempt = a};
    struct sse sse;
    int rc;

    buf_init(&a->text, BUF_LIMIT);
    sse_init(&sse, MOST, on_event, &s);
    rc = sse_feed(&sse, bytes, n);
    check_text(&a->text);
    if (a->tokens_in < -1 || a->tokens_out < -1 || (rc && !a->paid) ||
        a->text.len > MAX_TOKENS * 8 + 256 + 3 * s.last || (s.turn.again && !s.turn.error.text[0]))
        abort();
    sse_release(&sse);
    buf_release(&a->text);
}

static void read_refusal(struct attempt *a, const char *bytes, size_t n)
{
    int tries = 0;

    while (refusal_judge(a, "A_KEY", 400, bytes, n) == ATTEMPT_NOW) {
        a->why.text[0] = '\0';
        if (++tries > REFUSALS)
            abort();
    }
    if (!a->why.text[0])
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct protocol *const protocols[] = {&protocol_openai, &protocol_anthropic};
    struct model_prompt prompt = {
        .system = "", .user = "", .schema = "{}", .temperature = 1, .max_tokens = MAX_TOKENS};
    struct provider provider = {.name = "openai:m", .url = "http://127.0.0.1"};

    if (size >= MOST)
        return 0;
    for (int i = 0; i < 2; i++) {
        struct attempt a = {
            .provider = &provider, .prompt = &prompt, .tokens_in = -1, .tokens_out = -1};
        read_stream(protocols[i], &a, (const char *)data, size);
        prompt.max_tokens = i ? 1 << 30 : MAX_TOKENS;
        read_refusal(&a, (const char *)data, size);
        prompt.max_tokens = MAX_TOKENS;
    }
    return 0;
}
