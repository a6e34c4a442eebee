/* driver/search/propose.h - where structures and ideas come from: a model, or what is built in. */
#ifndef KS_PROPOSE_H
#define KS_PROPOSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "runtime/base/buf.h"

struct form;
struct search;
struct trial;

/* ---- propose.c: structures from a coder, edits of the tree from a planner ---- */

struct request {      /* for one structure */
    const char *name; /* of the prompt; filled when it is asked */
    size_t idea;
    size_t base;        /* trial + 1 that it builds on; 0: the original */
    bool refines;       /* the base is of this very idea */
    int number, of;     /* proposals that are asked for at once */
    const char *text;   /* what it answered last, as far as it could be read; NULL: nothing yet */
    const char *errors; /* what was wrong with it; NULL: nothing yet */
    bool ran;           /* it ran, and was wrong */
    int round, rounds;  /* of repair */
};

/* what the entry is, and what holds it back: how priors are filed */
const char *propose_class(struct search *s);
const char *propose_bottleneck(struct search *s);
/* is there a model to ask, and is there anything left to pay it with? */
bool propose_possible(const struct search *s);
/* asks; returns the call */
size_t propose_ask(struct search *s, struct request *r);
/* What a reply means: a new form; NULL with all that is wrong with it in errors, or *same set when
 * the structure is one that was tried already */
struct form *propose_read(struct search *s, struct request *r, const char *reply, size_t quota,
                          bool *same, struct buf *errors);
/* all that is known of the last cycle of an idea, as a planner reads it; lives as long as the
 * search
 */
const char *propose_evidence(struct search *s, size_t idea);
/* asks for edits of the tree: idea 0 for ideas at all, else after a cycle of that idea. script:
 * what it answered before, with the errors of that; "" at first */
size_t planner_ask(struct search *s, size_t idea, const char *evidence, const char *script,
                   const char *errors);
/* applies a reply; -1 with what is wrong with it, and then nothing has changed */
int planner_read(struct search *s, const char *reply, struct buf *errors);

/* ---- builtin.c: ideas that need no model ---- */

/* finds what the code offers without tune(): s->knobs */
void builtin_start(struct search *s);
/* puts them into the tree: the declared tunables, structures that the annotation names, knobs */
void builtin_ideas(struct search *s);
bool builtin_is(const struct search *s, size_t idea);
/* has something that the user declared, tunables or a structure, still to be tried? */
bool builtin_owed(const struct search *s);
/* and is some of it not even on its way? Other built-in ideas wait for that */
bool builtin_goes_first(const struct search *s);
/* the form of a built-in idea, begun; NULL when it leaves nothing to try */
struct form *builtin_form(struct search *s, size_t idea, size_t base, size_t quota);
/* after its cycle: what may be tried on top of it */
void builtin_follow(struct search *s, size_t idea);

#endif
