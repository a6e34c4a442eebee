/* driver/model/models_impl.h - a search's calls as models.c, calls.c and turns.c share them. */
#ifndef KS_MODELS_IMPL_H
#define KS_MODELS_IMPL_H

#include "driver/model/budget.h"
#include "driver/model/provider.h"

struct call {
    struct call *next;
    struct arena *arena; /* of the prompt's texts */
    struct model_prompt prompt;
    struct provider *provider;
    size_t first, passed; /* of the role's list: whose turn it was; how many are behind it */
    bool runs;
    struct attempt attempt;
    unsigned without; /* what was learned so far in this call */
    int most_tokens;
    double asked, began, due; /* began 0: not yet tried with this provider */
    int failures;
    struct error before; /* why the providers before this one failed */
    struct cost held;
    struct model_reply reply; /* as far as it is known */
};

struct models {
    struct arena *arena;
    struct models_config config; /* with the defaults filled in; its texts are not ours */
    double slow_seconds;         /* of mailboxes; 0: no deadline */
    struct providers role[MODEL_ROLES];
    size_t turn[MODEL_ROLES]; /* how many calls the role has made */
    struct http *http;        /* NULL: no provider needs it */
    struct budget budget;
    struct call *calls, *ended; /* in the order of models_ask; of their end */
    size_t asked, pending;
    int running;
};

/* ---- calls.c ---- */

/* to the end of a list */
void calls_append(struct call **list, struct call *c);
/* starts a call, or looks what became of it: true when it has ended; *moved when anything happened
 */
bool calls_pump(struct models *m, struct call *c, bool *moved);
/* ends what runs of an attempt, and forgets what it gave */
void calls_drop_attempt(struct call *c);
void calls_free(struct call *c);
/* puts what went wrong before in front of it */
void calls_error_before(struct error *why, const struct error *before);

/* ---- turns.c ---- */

/* gives a new call to the provider whose turn it is */
void turns_begin(struct models *m, struct call *c);
/* the call's provider could not answer it: it may be left alone from here on */
void turns_failed(struct models *m, const struct call *c);
/* to the next provider, as a call that was never tried; false: there is none */
bool turns_hand_on(struct models *m, struct call *c);

#endif
