/* driver/model/chat.h - one question and its streamed answer over HTTP: what the two protocols
 * share.
 *
 * A protocol builds the request and reads events; sending, the stream, errors of HTTP and what a
 * refusal teaches are the same for both. */
#ifndef KS_MODEL_CHAT_H
#define KS_MODEL_CHAT_H

#include <jansson.h>
#include "driver/model/provider.h"

/* an answer as far as it has been read */
struct turn {
    struct attempt *attempt;
    bool done;     /* the model came to its end: whatever the connection does now */
    bool declined; /* it will not answer this: no other try helps */
    bool again;    /* the error is one that passes */
    size_t pieces; /* events that carried something, reasoning included: each a token at least */
    struct error error; /* the stream said so, or is not what it should be */
};

struct protocol {
    const char *word, *default_url, *key_variable;
    /* the URL to post to, below the base URL */
    const char *(*endpoint)(struct arena *a, const char *base);
    json_t *(*request)(const struct attempt *a);
    /* up to 3 headers, "name: value", for provider's key (which may be NULL) */
    void (*headers)(struct arena *a, const struct provider *p, const char **headers);
    /* one event of the stream; data is NULL for what is not JSON ("[DONE]") */
    void (*event)(struct turn *t, const char *name, const char *text, const json_t *data);
    /* the whole answer of a server that does not stream */
    void (*whole)(struct turn *t, const json_t *answer);
};

extern const struct protocol protocol_openai, protocol_anthropic;

/* a provider_kind's, of one with a protocol */
int chat_open(struct provider *p, struct arena *a, struct error *err);
void chat_start(struct attempt *a);
enum attempt_state chat_poll(struct attempt *a);
void chat_drop(struct attempt *a);

/* reads one event of a stream; false when the answer needs no more of it: an error, a model that
 * declines, a reply that has outgrown its max_tokens */
bool turn_event(struct turn *t, const struct protocol *protocol, const char *name, const char *text,
                size_t n);
/* for the protocols: a piece of the answer (a JSON string; anything else is passed over) */
void turn_add(struct turn *t, const json_t *text);
/* an error object, {"message": ..., "type": ..., "code": ...} or a string, in a stream */
void turn_error(struct turn *t, const json_t *error);
/* object[key] as a count of tokens into *count where it is one */
void turn_count(const json_t *object, const char *key, int64_t *count);

#endif
