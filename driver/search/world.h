/* driver/search/world.h - the world model: a tree of ideas and what the search has learned about
 * its own predictions (after arXiv 2602.19128).
 *
 * An idea is an intent in words with predictions; those its author (a language model, or the
 * built-in knobs) writes. What happened to it is the machine's alone: no edit can touch it. The
 * root, idea 0, is the original. A child builds on its parent's best structure, even where that is
 * slower than the best known.
 *
 * Everything is a function of the calls made and of the seed, so that a search can be run again. */
#ifndef KS_WORLD_H
#define KS_WORLD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/base/buf.h"
#include "runtime/base/error.h"

struct world;

enum idea_state { IDEA_OPEN, IDEA_ACTIVE, IDEA_CLOSED, IDEA_PRUNED };

/* what became of one attempt to realise an idea */
enum attempt { ATTEMPT_SCREEN, ATTEMPT_BUILD, ATTEMPT_CHECK, ATTEMPT_SLOW, ATTEMPT_GAIN, ATTEMPTS };

struct idea {
    size_t id, parent; /* parent of the root: itself */
    /* its author's: */
    const char *title, *rationale;
    const char *regime;       /* label of the workload it is for; "" all */
    double low, likely, high; /* expected gain over the parent, a factor: 1.3 is 30 % faster */
    int difficulty;           /* 1 to 5 */
    const char *bottleneck;   /* expected after it: memory, latency, compute, launch, unknown */
    const char *proposer;     /* "model", or "knob:unroll" */
    /* the machine's: */
    enum idea_state state;
    size_t attempts[ATTEMPTS];
    size_t cycles;         /* times it was chosen */
    size_t cool_down;      /* choices for which it may not be chosen */
    const double *us;      /* its best time for each workload; NULL: nothing that works yet */
    double gain;           /* measured over the parent, 0: none yet */
    double seconds, money; /* spent on it */
    int64_t tokens;
};

struct world_config {
    uint64_t seed;
    size_t workloads;
    const char *const *labels; /* of the workloads */
    const double *weight;      /* one a workload */
    const double *original_us; /* one a workload */
    const char *kernel_class;  /* for the priors: "reduction", "gemm", ... or "any" */
    const char *bottleneck;    /* of the original */
    const char *arch;          /* "sm_90" */
    json_t *priors; /* of earlier searches, as world_priors gave them; NULL: none. Borrowed */
    size_t most;    /* ideas at most; 0: 200 */
};

/* copies what it needs */
struct world *world_new(const struct world_config *c);
void world_free(struct world *w);

/* what limits the original, where that is found out later */
void world_limit(struct world *w, const char *bottleneck);
size_t world_ideas(const struct world *w);
const struct idea *world_idea(const struct world *w, size_t id); /* NULL: there is none */

/* An edit script of an author, applied whole or not at all:
 *   {"edits": [{"op":"insert","id":"NAME","parent":N or "NAME", "title","rationale","regime",
 *               "gain":[low,likely,high],"difficulty","bottleneck"},
 *              {"op":"revise","id":N, any of those fields but parent},
 *              {"op":"prune","id":N,"why":"..."}]}
 * Names stand for ids within one script, in any order. Fields that are the machine's, unknown
 * fields, ids that are not there, edits of ideas that are not open, parents that are pruned,
 * cycles, duplicates of an idea's title under the same parent, more ideas than allowed are errors.
 * Pruning an idea prunes the open ones below it. -1: nothing has changed, and `errors` holds one
 * line for each of them, with the path of what it is about ("edits[2].gain: ...") */
int world_edit(struct world *w, const json_t *script, const char *proposer, struct buf *errors);
/* the JSON Schema of an edit script, for servers that take one */
const char *world_edit_schema(void);

/* what an idea is worth, and why: for reports and tests */
struct idea_value {
    double works;       /* probability that a cycle gives something right, mean */
    double gain;        /* over what it is built on, corrected, as a factor: 1.3 is 30 % faster */
    double improvement; /* expected, of the portfolio: log of the factor */
    double cost;        /* expected seconds */
    double value;       /* improvement x works / cost */
};
struct idea_value world_value(const struct world *w, size_t id);
/* Thompson: samples each open idea's posteriors and returns the best, which becomes active;
 * 0 when nothing is open, or no idea's expected improvement is above least (a fraction, 0.005) */
size_t world_choose(struct world *w, double least);
/* the fate of one proposal of an active idea, and what it cost */
void world_attempt(struct world *w, size_t id, enum attempt outcome, double seconds, int64_t tokens,
                   double money);
/* the best time for each workload that the idea reached so far (entries <= 0: not measured) */
void world_measured(struct world *w, size_t id, const double *us);
/* ideas on top of this active one may be chosen as soon as something was measured of it, before its
 * cycle ends */
void world_follow(struct world *w, size_t id);
/* ends its cycle: closed when it works, open with a cool-down when it does not but may be tried
 * again, pruned after too many failures */
void world_close(struct world *w, size_t id);

/* whether it is time to ask for more ideas, after the cycle of `closed` (0: of none): there is
 * something new to build on, or few ideas can be chosen */
bool world_wants_ideas(const struct world *w, size_t closed);

/* the weighted geometric mean over workloads of the best time of any idea, over the original's:
 * 1 at the start, smaller is better */
double world_portfolio(const struct world *w);
/* the idea whose best structure leads on most of the weight, the original last among equals; 0: the
 * original */
size_t world_best(const struct world *w);

/* The tree as a person and a model read it, whole nodes within `bytes`: the path of `active` (may
 * be 0) and the best path always, then by value; what is left out is said ("12 closed ideas not
 * shown"). Never cuts a node */
void world_project(const struct world *w, size_t active, size_t bytes, struct buf *out);
/* all of it, for reports */
json_t *world_json(const struct world *w);

/* What this search adds to what was known: attempts and gains by (kernel class, bottleneck, arch,
 * proposer, difficulty), measured on predicted gain by proposer. A new object, `priors` of the next
 * search; its size does not grow with the number of searches */
json_t *world_priors(const struct world *w);

#endif
