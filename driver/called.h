/* driver/called.h - which entry is meant by a name that somebody typed.
 *
 * An entry, "blas::gemm<T=float>" (target_name), may be called so, without its instance, and
 * without the namespaces in front. A whole name comes before the end of a longer one; of entries
 * that end alike none is meant. */
#ifndef KS_CALLED_H
#define KS_CALLED_H

#include <stdbool.h>
#include <stddef.h>
#include "driver/build/words.h"

enum called_how { CALLED_NOT, CALLED_SHORT, CALLED_WHOLE };

struct called {
    struct arena *arena;
    const char *word;    /* what was typed; NULL: all entries are meant */
    enum called_how how; /* the best so far */
    struct words names;  /* of the entries that are called so, without instances, each once */
    struct words others; /* of those that are not */
};

/* Looks at an entry, which may have another name (NULL): how is it called so? */
enum called_how called_see(struct called *c, const char *entry, const char *other);
/* after all were seen: is it meant? */
bool called_is(const struct called *c, const char *entry, const char *other);
/* are several meant, of which none has the whole name? */
bool called_many(const struct called *c);
/* "a, b, c" */
const char *called_list(struct called *c, const struct words *names);

#endif
