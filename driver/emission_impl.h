/* driver/emission_impl.h - the winners of one compile: emission_text.c puts them into the sources,
 * emission.c compiles these, emission_check.c looks at the machine code. */
#ifndef KS_EMISSION_IMPL_H
#define KS_EMISSION_IMPL_H

#include "driver/build/rewrite.h"
#include "driver/emission.h"

struct emitted { /* one winner that is emitted: whose it is, and what to compare its code with */
    const struct unit_source *source;
    struct target *target;
    const struct record *record;
    const struct record_winner *winner;
    int major, minor; /* what the code that was measured is compiled for */
    bool specific;    /* and that with an `a` */
    bool verified;    /* its machine code was seen, and is what was measured */
};

struct emit {
    struct inspection *in;
    struct emission *emission; /* of all sources, one source after the other */
    struct emitted *emitted;   /* beside it */
    size_t n;
    bool dispatch;
    struct plan plain; /* the compile's own */
};

/* none of this record's winners is to be emitted */
void emission_refuse(struct target *t, const struct record *r);
bool emission_is_refused(const struct target *t, const struct record *r);
/* the code of this compile that the record's GPU runs; NULL: there is none */
const struct target_arch *emission_code(const struct inspection *in, const struct record *r);

/* room for the winners of all sources */
void emission_start(struct emit *e);
/* The text with all winners of u that can be emitted together, which are added to e; those that
 * cannot are marked refused. NULL when none is left */
char *emission_text(struct emit *e, struct unit_source *u);

/* Winners whose machine code would not be seen are refused before anything is compiled: with -ptx,
 * say, there is none */
void emission_foresee(const struct inspection *in, const struct unit_source *u, struct target *t);
/* what a step made, for plan_run: arg is the struct emit. -1: winners are refused for it */
int emission_check(void *arg, const struct step *ptxas, struct error *err);
/* refuses those that no step made after all; are there any? */
bool emission_unverified(struct emit *e);

#endif
