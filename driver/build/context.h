/* driver/build/context.h - what a region depends on, out of the preprocessed text of one pass. */
#ifndef KS_CONTEXT_H
#define KS_CONTEXT_H

#include <jansson.h>
#include "cache/hash.h"
#include "driver/lang/scan.h"
#include "runtime/base/arena.h"

/* Clauses stand behind the end of the source, each entry's behind a name that begins so and ends
 * with the entry's number. Their tokens count as the region's do; the marks do not. */
#define CONTEXT_MARK "ksearch_clauses_of_entry_"

struct context {
    const char *source;         /* the file with the region, as the line markers name it */
    int first_row, last_row;    /* the region's lines there */
    size_t entry;               /* whose clauses */
    const char *const *foreign; /* real paths of folders that are not the user's; NULL ends */
};

/* Hash over the tokens of the region, of the clauses, and of all declarations in the user's files
 * that these reach by name, in the order of the text. *lines, unless NULL: how many lines of user
 * files the pass had */
struct hash context_hash(const struct context *c, const char *text, size_t len, size_t *lines);
/* What the hash is made of, for people who ask what has changed: {"files": {name: a few digits of
 * the declarations that are taken from it}, "constants": {name: its initialiser}}, constants
 * counting in no file, and the region in neither. A new reference */
json_t *context_made_of(const struct context *c, const char *text, size_t len);
/* hashes one token; of directives, blanks and continuations do not count */
void context_hash_token(struct hasher *h, enum token_kind kind, const char *text, size_t n);

#endif
