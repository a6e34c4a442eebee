/* driver/build/rename.h - names of a C++ text replaced by others, token by token.
 *
 * Comments, literals and members (behind `.` and `->`) are left alone. A qualified name is replaced
 * when its qualifiers name the scope that the entry of the table stands for; preprocessor lines are
 * read too, so `#pragma unroll N` and `#if N > 2` follow. */
#ifndef KS_RENAME_H
#define KS_RENAME_H

#include <stdbool.h>
#include "driver/build/edits.h"
#include "driver/lang/scan.h"

struct rename {
    const char *name;
    const char *to;
    const char *const *scope; /* names of the enclosing namespaces, outermost first; anonymous and
                                 inline ones left out, as nobody need write them */
    size_t nscope;
    const char *const *inlines; /* inline ones around it, which may be written all the same */
    size_t ninlines;
    const char *also; /* an enumerator's type, which may stand before the name too; or NULL */
    bool unqualified; /* the new name stands alone: qualifiers go too */
};

struct renames {
    struct arena *arena;
    struct rename *entry;
    size_t n;
};

void renames_init(struct renames *r, struct arena *a);
struct rename *renames_add(struct renames *r, const char *name, const char *to);
const struct rename *renames_find(const struct renames *r, const char *name, size_t len);

/* adds the edits for tokens [first, last) to e */
void rename_tokens(const struct tokens *ts, size_t first, size_t last, const struct renames *r,
                   struct edits *e);
/* a snippet with its names replaced, in the table's arena */
const char *rename_text(const char *text, const struct renames *r);
/* does the name occur in the snippet, other than as a member? */
bool text_mentions(struct arena *a, const char *text, const char *name);

/* First token of the qualified name that ends with the name at t; `ours` tells whether its
 * qualifiers, if any, say the scope of r. */
size_t name_chain(const struct source *src, const struct token *token, size_t t,
                  const struct rename *r, bool *ours);

#endif
