/* driver/model/chat.c - sends a request, reads the stream that answers it, and says how it ended.
 *
 * An answer that came to its end counts whatever the connection does afterwards; one without an
 * end is a cut stream and is asked for again. Servers that do not stream are read as they are. */
#include "driver/model/chat.h"

#include <stdlib.h>
#include <string.h>
#include "driver/model/refusal.h"
#include "driver/model/sse.h"
#include "driver/model/text.h"
#include "runtime/base/log.h"
#include "runtime/base/utf8.h"

#define RESPONSE_MOST ((size_t)64 << 20)
#define EVENT_MOST ((size_t)4 << 20)
#define BODY_MOST ((size_t)4 << 20)

enum {
    FIRST_TIMES = 4, /* a model may think for minutes before its first word */
    BYTES_A_TOKEN =
        8, /* no reply has that many on average: past it the server ignores max_tokens */
    SLACK_BYTES = 256,
    SLACK_PIECES = 64,
};

#define AFTER_DONE 0.5 /* seconds that a connection gets to end well once the answer is there */

struct chat {
    const struct protocol *protocol;
    struct http_call *call;
    struct arena *arena;
    struct sse sse;
    struct buf body; /* of a response that is not a stream, as far as it is of use */
    struct turn turn;
    bool is_stream, cut;
    double done_at;
};

/* ---- opening ------------------------------------------------------------------------------ */

static const char *trimmed(struct arena *a, const char *s)
{
    size_t n;

    s += strspn(s, " \t\r\n");
    for (n = strlen(s); n && strchr(" \t\r\n", s[n - 1]); n--)
        ;
    return arena_copy(a, s, n);
}

static int key_read(struct provider *p, struct arena *a, struct error *err)
{
    const char *variable = "KSEARCH_MODEL_KEY", *key = getenv(variable);

    if (!key || !*key) {
        variable = p->kind->protocol->key_variable;
        key = getenv(variable);
    }
    key = key ? trimmed(a, key) : "";
    for (const char *c = key; *c; c++) {
        if (*c <= ' ' || *c > '~')
            return error_set(err, "%s holds what no key can: a blank or a control character",
                             variable);
    }
    p->key = *key ? key : NULL;
    return 0;
}

int chat_open(struct provider *p, struct arena *a, struct error *err)
{
    const char *url = getenv("KSEARCH_MODEL_URL"), *host;
    char *base;

    if (strchr(p->what, ',') || strpbrk(p->what, " \t"))
        return error_set(err, "%s: a model's name has no commas and no blanks", p->name);
    if (!url || !*url)
        url = p->kind->protocol->default_url;
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return error_set(err, "KSEARCH_MODEL_URL=%s does not begin with https:// or http://", url);
    host = strstr(url, "//") + 2;
    if (strcspn(host, "/") > strcspn(host, "@"))
        return error_set(err, "KSEARCH_MODEL_URL has a password: keys go into KSEARCH_MODEL_KEY");
    base = arena_dup(a, trimmed(a, url));
    while (*base && base[strlen(base) - 1] == '/')
        base[strlen(base) - 1] = '\0';
    p->url = base;
    return key_read(p, a, err);
}

/* ---- reading ------------------------------------------------------------------------------ */

void turn_add(struct turn *t, const json_t *text)
{
    size_t n = json_string_length(text);

    if (!n)
        return;
    t->pieces++;
    utf8_add(&t->attempt->text, json_string_value(text), n);
}

void turn_count(const json_t *object, const char *key, int64_t *count)
{
    const json_t *value = json_object_get(object, key);

    if (json_is_integer(value) && json_integer_value(value) >= 0)
        *count = json_integer_value(value);
}

void turn_error(struct turn *t, const json_t *error)
{
    struct buf said;

    buf_init(&said, 4096);
    refusal_text(error, &said);
    t->again = !refusal_is_final(buf_text(&said));
    error_set(&t->error, "the server broke off: %s", buf_text(&said));
    buf_release(&said);
}

/* JSON of text that may not be UTF-8 throughout; NULL when it is not JSON */
static json_t *json_of(const char *text, size_t n)
{
    struct buf valid;
    json_t *json;

    buf_init(&valid, 3 * n + 1);
    utf8_add(&valid, text, n);
    json = json_loadb(buf_text(&valid), valid.len, JSON_ALLOW_NUL, NULL);
    buf_release(&valid);
    return json;
}

/* does the reply go on where the model should have been stopped? */
static bool has_outgrown(const struct turn *t)
{
    size_t most = (size_t)t->attempt->prompt->max_tokens;

    return t->attempt->text.len > most * BYTES_A_TOKEN + SLACK_BYTES ||
           t->pieces > 2 * most + SLACK_PIECES;
}

bool turn_event(struct turn *t, const struct protocol *protocol, const char *name, const char *text,
                size_t n)
{
    bool is_json = text[strspn(text, " \t\n")] != '['; /* [DONE] */
    json_t *data = is_json ? json_of(text, n) : NULL;

    t->attempt->paid = true;
    if (is_json && !json_is_object(data)) {
        t->again = true;
        error_set(&t->error, "the stream has an event that is not JSON: %.60s", text);
    } else {
        protocol->event(t, name, text, data);
    }
    json_decref(data);
    return !t->error.text[0] && !t->declined && !has_outgrown(t);
}

static int on_event(void *arg, const char *name, const char *text, size_t n)
{
    struct chat *c = arg;
    bool goes_on = turn_event(&c->turn, c->protocol, name, text, n);

    c->cut = has_outgrown(&c->turn);
    return !goes_on;
}

static int on_bytes(void *arg, const char *bytes, size_t n)
{
    struct chat *c = arg;
    int status = http_status(c->call), rc;
    size_t room = c->body.limit - c->body.len;

    c->is_stream =
        status / 100 == 2 && strncasecmp(http_content_type(c->call), "text/event-stream", 17) == 0;
    if (!c->is_stream) { /* the beginning of an error's page is enough */
        buf_add(&c->body, bytes, n < room ? n : room);
        return 0;
    }
    rc = sse_feed(&c->sse, bytes, n);
    if (rc < 0) {
        c->turn.again = true;
        error_set(&c->turn.error, "the stream has an event of more than %zu bytes", EVENT_MOST);
    }
    return rc;
}

/* ---- an attempt --------------------------------------------------------------------------- */

void chat_start(struct attempt *a)
{
    const struct protocol *protocol = a->provider->kind->protocol;
    struct chat *c = calloc(1, sizeof *c);
    const char *headers[5] = {"content-type: application/json"};
    json_t *json = protocol->request(a);
    char *body = json_dumps(json, JSON_COMPACT);
    struct http_request r = {.headers = headers, .body = body, .most = RESPONSE_MOST};

    if (!c || !body)
        fatal("out of memory");
    a->state = c;
    c->protocol = protocol;
    c->turn.attempt = a;
    c->arena = arena_new();
    sse_init(&c->sse, EVENT_MOST, on_event, c);
    buf_init(&c->body, BODY_MOST);
    protocol->headers(c->arena, a->provider, headers + 1);
    r.url = protocol->endpoint(c->arena, a->provider->url);
    r.body_len = strlen(body);
    r.seconds = a->seconds;
    r.stall_seconds = a->stall_seconds;
    r.first_seconds = FIRST_TIMES * a->stall_seconds;
    r.sink = on_bytes;
    r.arg = c;
    c->call = http_start(a->http, &r);
    free(body);
    json_decref(json);
}

void chat_drop(struct attempt *a)
{
    struct chat *c = a->state;

    if (!c)
        return;
    http_drop(c->call);
    sse_release(&c->sse);
    buf_release(&c->body);
    arena_free(c->arena);
    free(c);
    a->state = NULL;
}

static void read_whole(struct chat *c)
{
    struct turn *t = &c->turn;
    json_t *answer = json_of(buf_text(&c->body), c->body.len);
    const json_t *error = json_object_get(answer, "error");

    t->attempt->paid = true;
    if (json_is_object(answer) && error && !json_is_null(error)) {
        turn_error(t, error);
    } else if (json_is_object(answer)) {
        c->protocol->whole(t, answer);
    } else {
        bool is_json = strncasecmp(http_content_type(c->call), "application/json", 16) == 0;
        t->again = is_json;
        t->attempt->hopeless = !is_json;
        error_set(&t->error, is_json ? "the answer is not whole"
                                     : "the answer is neither a stream "
                                       "of events nor JSON: is KSEARCH_MODEL_URL right?");
    }
    json_decref(answer);
    c->cut = has_outgrown(t);
}

static enum attempt_state replied(struct chat *c)
{
    struct attempt *a = c->turn.attempt;
    size_t most = (size_t)a->prompt->max_tokens * BYTES_A_TOKEN + SLACK_BYTES, n = a->text.len;

    if (c->cut) {
        a->truncated = true;
        if (n > most) { /* one event may bring any amount: cut between characters */
            for (n = most; n && ((unsigned char)a->text.data[n] & 0xC0) == 0x80; n--)
                ;
            a->text.data[a->text.len = n] = '\0';
        }
    }
    return ATTEMPT_REPLIED;
}

/* the end of a response with a good status */
static enum attempt_state judge_turn(struct chat *c, enum http_state state, const struct error *why)
{
    struct turn *t = &c->turn;
    struct attempt *a = t->attempt;

    if (state == HTTP_DONE && !c->is_stream && !t->error.text[0])
        read_whole(c);
    if (c->cut)
        return replied(c);
    if (t->declined) {
        error_set(&a->why, "the model declines to answer");
        return ATTEMPT_FAILED;
    }
    if (t->error.text[0]) {
        error_set(&a->why, "%s", t->error.text);
        return t->again ? ATTEMPT_AGAIN : ATTEMPT_FAILED;
    }
    if (t->done)
        return replied(c);
    a->paid |= state == HTTP_STALLED || state == HTTP_LATE;
    error_set(&a->why, "%s",
              state == HTTP_DONE ? "the stream ended before the answer did" : why->text);
    return state == HTTP_LATE || state == HTTP_LARGE || state == HTTP_WRONG ? ATTEMPT_FAILED
                                                                            : ATTEMPT_AGAIN;
}

static enum attempt_state judge(struct chat *c, enum http_state state, const struct error *why)
{
    struct attempt *a = c->turn.attempt;
    int status = http_status(c->call);

    a->hopeless |= state == HTTP_WRONG || status / 100 == 3;
    if (status == 0 && (state == HTTP_BROKEN || state == HTTP_WRONG))
        error_set(&a->why, "cannot reach %s: %s", a->provider->url, why->text);
    if (status / 100 == 2 || status == 0)
        return judge_turn(c, state, why);
    if (status / 100 == 3) {
        error_set(&a->why,
                  "%s sends us on to %s, where no key of yours goes unasked: set "
                  "KSEARCH_MODEL_URL",
                  a->provider->url, http_redirect(c->call));
        return ATTEMPT_FAILED;
    }
    a->retry_after = http_retry_after(c->call);
    return refusal_judge(a, c->protocol->key_variable, status, buf_text(&c->body), c->body.len);
}

enum attempt_state chat_poll(struct attempt *a)
{
    struct chat *c = a->state;
    struct error why = {""};
    enum http_state state = http_state(c->call, &why);
    enum attempt_state end;

    if (state == HTTP_RUNS) {
        if (!c->turn.done)
            return ATTEMPT_RUNS;
        if (c->done_at <= 0)
            c->done_at = now_seconds();
        if (now_seconds() - c->done_at < AFTER_DONE)
            return ATTEMPT_RUNS;
        state = HTTP_DONE;
    }
    end = judge(c, state, &why);
    if (a->tokens_out < 0 && a->paid) /* cut off, or a server that does not count */
        a->tokens_out = text_tokens(a->text.len) > (int64_t)c->turn.pieces
                            ? text_tokens(a->text.len)
                            : (int64_t)c->turn.pieces;
    return end;
}
