/* runtime/worker/values.h - inputs that are not drawn as usual, for a proof.
 *
 * A variant may be right on what is drawn and wrong where numbers cancel, overflow, are equal or
 * are none. Each case changes the inputs of a draw: what has a generator of its own stays within
 * what that may give, and where none is named any number may come. Arrays from files stay as they
 * are. */
#ifndef KS_VALUES_H
#define KS_VALUES_H

#include "runtime/worker/inputs.h"

enum values {
    VALUES_DRAWN,     /* as the generators say */
    VALUES_INTEGERS,  /* small: sums are exact in every order, and compared so */
    VALUES_UNITS,     /* -1, 0, 1: the same in narrow types */
    VALUES_ZEROS,     /* nothing but zeros, with a sign in half of the cases */
    VALUES_EQUAL,     /* the same number everywhere */
    VALUES_LEAST,     /* the least that may come, everywhere */
    VALUES_MOST,      /* the most */
    VALUES_DENORMAL,  /* smaller than all normal numbers */
    VALUES_SMALL,     /* all of them small, but normal */
    VALUES_LARGE,     /* or large */
    VALUES_WIDE,      /* of exponents far apart */
    VALUES_SORTED,    /* in order */
    VALUES_NAN,       /* drawn, and one NaN in one array */
    VALUES_INFINITY,  /* or one infinity */
    VALUES_FAR,       /* or one number that is much larger than all others */
    VALUES_CONSTANTS, /* arrays that are always the same are not */
    VALUES_CASES
};

/* VALUES_CASES when there is none of that name; NULL names VALUES_DRAWN */
enum values values_find(const char *name);
/* "with one NaN among the inputs" */
const char *values_text(enum values v);
/* are results exact, so that they are compared as integers are? */
bool values_are_exact(enum values v);
/* changes the generator of an array; false: the case is nothing to it. `turn` numbers the draw */
bool values_gen(enum values v, const struct shape *shape, unsigned turn, struct gen *gen);
/* a number that stands alone among drawn ones? Then its bits are in *bits */
bool values_plant(enum values v, const struct shape *shape, const struct gen *gen, uint64_t *bits);

#endif
