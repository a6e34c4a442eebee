/* driver/codes.h - what of an entry can be measured at any time: the original, and the winners that
 * are on file for it.
 *
 * Winners are compiled as a search compiles its variants, and are what was measured then when their
 * machine code is: else, or when one does not compile, `why` says so. */
#ifndef KS_CODES_H
#define KS_CODES_H

#include "driver/build/sass.h"
#include "driver/build/usage.h"
#include "driver/stage.h"

struct code {
    const char *name;                   /* "original"; "BLOCK=512" */
    const struct record_winner *winner; /* NULL: the original */
    const char *why;                    /* not NULL: what is wrong with it */
    bool is_there;                      /* it can be measured */
    size_t variant;                     /* of the stage's bench */
    const char *messages;               /* of ptxas */
    struct buf cubin;                   /* to be disassembled; empty: cannot be had */
};

struct codes {
    struct stage *stage;
    const struct target *target;
    struct code *code; /* [0] is the original */
    size_t n;
    size_t *timed; /* the points that are workloads */
    size_t ntimed;
};

/* Opens the target on the stage's bench. -1 with *err: nothing of it can be measured */
int codes_open(struct codes *c, struct stage *s, struct target *t, struct error *err);
void codes_close(struct codes *c);
/* would the emitted function take that code at this point? The original: always */
bool code_is_for(const struct codes *c, const struct code *code, size_t point);
/* does a record on file hold the text of a model? Then the stage is to be contained */
bool codes_untrusted(const struct unit_source *u);

/* what ptxas said of one kernel, by its mangled name */
struct usage code_usage(const struct code *code, const char *symbol);
/* the instructions of all kernels; -1 with *err when they cannot be had */
int code_instructions(const struct codes *c, const struct code *code, struct sass *out,
                      struct error *err);

#endif
