/* driver/model/provider.h - between the scheduler of calls (calls.c) and what answers them.
 *
 * A call is one or more attempts with one provider, and where these came to nothing, as many with
 * the next one of the list. An attempt is started, polled until it is over,
 * and dropped; nothing of it blocks. What a server turned out not to take (a schema, a temperature)
 * is learned by an attempt and kept in the provider once an attempt without it has succeeded, so
 * that a server's refusal of something else teaches nothing. */
#ifndef KS_MODEL_PROVIDER_H
#define KS_MODEL_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>
#include "driver/model/http.h"
#include "driver/model/model.h"
#include "driver/model/price.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/proc.h"

/* what can be left out of a request */
enum {
    WITHOUT_SCHEMA = 1,
    WITHOUT_TEMPERATURE = 2,
    WITHOUT_USAGE = 4,      /* stream_options */
    WITHOUT_MAX_TOKENS = 8, /* max_completion_tokens stands for it */
};

struct provider {
    const struct provider_kind *kind;
    const char *name;      /* "openai:gpt-5" */
    const char *what;      /* the model, the command, the folder */
    const char *url, *key; /* where it asks; NULL: no key */
    bool has_price;
    struct price price;
    unsigned without;  /* learned */
    int most_tokens;   /* of a reply, learned; 0: not known */
    double not_before; /* a server that asked for a pause */
    int failed;        /* calls in a row that it failed */
    double failed_at;  /* the last of them */
    bool is_left;      /* it is not asked any more as long as another one is there */
};

enum attempt_state {
    ATTEMPT_RUNS,
    ATTEMPT_REPLIED,
    ATTEMPT_AGAIN, /* worth another try, later */
    ATTEMPT_NOW,   /* the same without something, at once */
    ATTEMPT_FAILED,
    ATTEMPT_WAITS, /* MODEL_WAITS */
};

struct attempt {
    const struct provider *provider;
    const struct model_prompt *prompt; /* max_tokens is set */
    struct http *http;
    bool step;
    double seconds, stall_seconds; /* seconds 0: no deadline */
    unsigned without;
    int most_tokens;
    /* what became of it */
    struct buf text;
    int64_t tokens_in, tokens_out; /* -1: the server did not say */
    bool paid;                     /* the prompt was taken, so it will be billed */
    bool truncated;
    double retry_after; /* seconds, 0: as you like */
    struct error why;
    bool hopeless;     /* no other call would fare better: the key, the URL, the command is wrong */
    struct proc *proc; /* a child to wait for, NULL: none */
    void *state;       /* the kind's own */
};

struct provider_kind {
    const char *word;                /* before the colon */
    const struct protocol *protocol; /* chat.h: it is a server; NULL: it is none */
    bool is_slow; /* a person answers: no deadline of ours, no place among the calls in flight */
    /* checks and completes a provider, and touches nothing; may be NULL */
    int (*open)(struct provider *p, struct arena *a, struct error *err);
    /* what there must be before anything is asked; may be NULL */
    int (*prepare)(const struct provider *p, struct error *err);
    /* begins; a failure is told by the first poll */
    void (*start)(struct attempt *a);
    enum attempt_state (*poll)(struct attempt *a);
    void (*drop)(struct attempt *a);
};

extern const struct provider_kind provider_openai, provider_anthropic, provider_exec,
    provider_mailbox;

/* the providers of a list ("openai:gpt-5, anthropic:x"), appended; -1 with *err */
struct providers {
    struct provider **all;
    size_t n;
};
int providers_parse(struct arena *a, const char *list, struct providers *out, struct error *err);

#endif
