/* driver/build/knob.h - a built-in knob: places of the user's code, and what may be written there.
 *
 * A knob is a tunable that nobody declared (TUNABLE_KNOB): its value 0 is the text as it is, any
 * other puts text into the copies of a variant. Knobs change how code runs and never what it does,
 * for all arguments, not only for those that are checked. */
#ifndef KS_KNOB_H
#define KS_KNOB_H

#include <stdbool.h>
#include "driver/build/rename.h"
#include "driver/lang/spec.h"

struct knob_family {
    const char *name;         /* "unroll" */
    const char *means;        /* what its values say, for people */
    double low, likely, high; /* what to expect of it before anything is known: a factor */
    int difficulty;           /* 1 to 5 */
};

struct knob_site {
    struct span span;            /* what is replaced; empty: text is inserted there */
    const char *before, *behind; /* the text; where behind is not NULL, with the knob's value as a
                                    number between the two */
};

struct knob {
    const char *name; /* "unroll:sum:1": the family, the function, which one there; the same as long
                         as the tokens of the function are */
    const struct knob_family *family;
    const char *function;
    struct span at;        /* the first of its places, in the function's definition */
    const int64_t *values; /* 0 first */
    size_t nvalues;
    const struct knob_site *sites;
    size_t nsites;
    /* Kernels of a host entry that any block size may be launched with: one that got more registers
     * might not run any more with blocks of a size that was never tried. So where any knob of the
     * entry is on, these places say that 1024 threads are to be possible. Shared by all of the
     * entry's knobs; one place is left alone where a knob that is on has the same */
    const struct knob_site *guards;
    size_t nguards;
};

/* what the knobs of spec write for these values (one a tunable), with names in it replaced */
void knobs_apply(const struct spec *spec, const int64_t *values, const struct renames *names,
                 struct edits *e);

#endif
