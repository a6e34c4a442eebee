/* driver/build/knobs_impl.h - the parts of knobs.h, for each other only. */
#ifndef KS_KNOBS_IMPL_H
#define KS_KNOBS_IMPL_H

#include "driver/build/copy.h"
#include "driver/build/knobs.h"

struct knob_function { /* device code that the entry reaches */
    const struct decl *decl;
    const char *name;   /* "sum", or "sum.2" */
    size_t open, close; /* the tokens of its braces */
};

struct knob_finder {
    struct arena *arena;   /* for what is found */
    struct arena *scratch; /* for all else */
    const struct spec *spec;
    const struct source *src;
    const struct token *token;
    const size_t *match; /* brackets_match */
    const struct copy *copy;
    const struct knob_function *functions;
    size_t nfunctions;
    struct knob *knob;
    size_t nknobs;
    const struct knob_site *guards;
    size_t nguards;
};

/* which family */
enum knob_kind { KNOB_BLOCKS, KNOB_MAXREG, KNOB_UNROLL, KNOB_STREAM };

/* adds a knob with these sites; number 0: the only one of its kind in the function */
void knobs_add(struct knob_finder *k, enum knob_kind kind, const struct knob_function *f,
               size_t number, const int64_t *values, size_t nvalues, const struct knob_site *sites,
               size_t nsites);
/* each adds the knobs of its kind */
void knobs_unroll(struct knob_finder *k);
void knobs_stream(struct knob_finder *k);
/* launch bounds and registers; -1: a kernel of a host entry cannot be guarded, or one is launched
 * by device code, where nothing falls back, and the entry gets no knobs at all */
int knobs_bounds(struct knob_finder *k);

/* The token behind a loop's or a condition's parentheses is marked in this array of one flag a
 * token, which is false elsewhere: there a statement begins */
const bool *knobs_statements(struct knob_finder *k, const struct knob_function *f);

/* is token t one of the names in a list that NULL ends? */
bool knobs_is_any(const struct knob_finder *k, size_t t, const char *const *words);
bool knobs_punct(const struct knob_finder *k, size_t t, char c);
/* do the bytes c and d stand at t without anything between them? */
bool knobs_pair(const struct knob_finder *k, size_t t, char c, char d);

#endif
