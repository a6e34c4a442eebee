/* driver/model/model.h - asking language models, several at once.
 *
 * A search has one `models`: the providers that planner and coder prompts go to, their limits and
 * what they cost so far. Nothing here blocks: models_ask starts a call, models_pump moves all calls
 * on, models_next hands out what has ended, in the order in which it ended. A call ends in one of
 * the outcomes below, never in an abort; retries, Retry-After and stalled streams are dealt with
 * inside.
 *
 * | provider         | what it is                                                               |
 * | openai:MODEL     | chat completions at KSEARCH_MODEL_URL (default https://api.openai.com/v1), |
 * |                  | streamed; key from KSEARCH_MODEL_KEY, else OPENAI_API_KEY; none is fine  |
 * | anthropic:MODEL  | messages at KSEARCH_MODEL_URL (default https://api.anthropic.com),       |
 * |                  | streamed; key from KSEARCH_MODEL_KEY, else ANTHROPIC_API_KEY             |
 * | exec:COMMAND     | run by sh; the prompt on its standard input, the reply on its output     |
 * | mailbox:DIR      | DIR/NAME.prompt.md is written, DIR/NAME.reply.md is waited for           |
 *
 * What is spent is what the server counts, over all attempts of a call: a stream that was cut is
 * billed too. Limits are kept by what a call may cost at most, held while it runs; a call that has
 * to wait for others to settle waits. Keys appear in no text that comes out of here.
 */
#ifndef KS_MODEL_H
#define KS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/base/error.h"

struct models;

enum model_role { MODEL_PLANNER, MODEL_CODER, MODEL_ROLES };

struct models_config {
    const char *planner, *coder; /* "openai:gpt-5,anthropic:claude-x": comma-separated; calls of a
                                    role go round its providers, and one that a provider fails goes
                                    on to the next. coder NULL: the planner's */
    int64_t tokens;              /* that may be spent, in and out together; 0: no limit */
    double money;                /* in the unit of the price table; 0: no limit */
    int at_once;                 /* calls in flight; 0: 8 */
    bool step; /* a mailbox without the reply ends the call as MODEL_WAITS at once */
    /* without a byte (four times that before a reply's first one: models think); altogether, from
     * the first attempt with a provider on. 0: 60 and 600. A mailbox has no deadline unless
     * call_seconds is given
     */
    double stall_seconds, call_seconds;
    double backoff_seconds; /* before the second attempt, then doubled. 0: 1 */
};
/* what the environment says: KSEARCH_MODEL, KSEARCH_PLANNER, KSEARCH_TOKENS, KSEARCH_MONEY. 1, or 0
 * when it names no model, or -1 with *err. The texts are the environment's */
int models_config_read(struct models_config *config, struct error *err);

/* about a configuration, without asking anything; -1 with *err when models_open would fail */
struct models_about {
    bool is_http;      /* a provider asks over HTTP */
    bool has_key;      /* and each of those has a key */
    bool has_no_price; /* the price of one is not known */
};
int models_look(const struct models_config *config, struct models_about *about, struct error *err);

struct model_prompt {
    enum model_role role;
    const char *name; /* "0007-propose-2": of a mailbox's files and in logs; unique in the search */
    const char *system; /* what it is and what it must answer with */
    const char *user;
    const char *schema; /* JSON Schema of the reply, NULL: free text. Sent where the server can use
                           it; the text must say the same in words */
    double temperature; /* negative: the model's own */
    int max_tokens;     /* of the reply; 0: 16384 */
};

enum model_outcome {
    MODEL_REPLIED,
    MODEL_FAILED, /* after all retries with all providers: why says what the last of each met */
    MODEL_LIMIT,  /* not asked, or cut off: a limit on tokens or money would be exceeded */
    MODEL_WAITS,  /* mailbox with `step`: the prompt is there, the reply is not */
};

struct model_reply {
    size_t call; /* what models_ask returned */
    enum model_outcome outcome;
    char *text;                    /* valid UTF-8, "" when there is none */
    char *model;                   /* "openai:gpt-5", who answered */
    int64_t tokens_in, tokens_out; /* as the server counts, of all attempts; else estimated */
    double money;                  /* 0 when the price is not known */
    double seconds;                /* from models_ask to the end */
    int tries;
    bool truncated; /* the reply stopped at max_tokens or at a limit */
    struct error why;
};
void model_reply_release(struct model_reply *r);

/* NULL with *err: a provider that does not exist, a mailbox that cannot be written, no libcurl.
 * Nothing is sent yet. */
struct models *models_open(const struct models_config *config, struct error *err);
/* returns the call's number. The prompt's texts are copied */
size_t models_ask(struct models *m, const struct model_prompt *p);
/* moves all calls on; cheap, never waits */
void models_pump(struct models *m);
/* waits at most ms for anything to happen, and pumps */
void models_wait(struct models *m, int ms);
/* 1 and *out (release it) for the next call that ended; 0 when none has */
int models_next(struct models *m, struct model_reply *out);
/* calls that have not been handed out by models_next */
size_t models_pending(const struct models *m);
/* what was paid in an earlier part of this search counts against the limits too */
void models_spent_before(struct models *m, int64_t tokens, double money);
void models_spent(const struct models *m, int64_t *tokens, double *money);
/* drops all calls */
void models_free(struct models *m);

#endif
