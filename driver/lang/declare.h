/* driver/lang/declare.h - the parts of the declarations scanner, for each other only. */
#ifndef KS_DECLARE_H
#define KS_DECLARE_H

#include "driver/lang/scan.h"

struct scanner {
    struct arena *arena;
    const struct tokens *ts;
    const size_t *match; /* see brackets.h */
    struct decls *out;
    size_t scope;   /* the one being read */
    size_t no_type; /* no type's declaration begins before this token, as far as was looked */
};

/* is token t the byte c of punctuation? */
bool scanner_punct(const struct scanner *s, size_t t, char c);
/* is token t one of the names in a list that NULL ends? */
bool scanner_is_any(const struct scanner *s, size_t t, const char *const *words);
/* t, or the first token behind it that is no preprocessor line */
size_t scanner_skip_lines(const struct scanner *s, size_t t);
/* behind the next `;` from t on, or at the `}` or the end that comes first */
size_t scanner_statement_end(const struct scanner *s, size_t t);
/* adds a declaration of tokens [first, last) */
struct decl *scanner_add(struct scanner *s, enum decl_kind kind, size_t first, size_t last);
/* names the declaration after token t */
void scanner_name(struct scanner *s, struct decl *d, size_t t);
/* the text from the first to the last of the tokens [first, last), empty at `first` when none */
struct span scanner_span(const struct scanner *s, size_t first, size_t last);

/* a function, variable or type that begins at token t; returns what is behind it, more than t */
size_t scanner_declaration(struct scanner *s, size_t t);

#endif
