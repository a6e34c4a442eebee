/* cache/lock_merge.h - one lockfile of two: two branches', or the two sides of a conflict. */
#ifndef KS_LOCK_MERGE_H
#define KS_LOCK_MERGE_H

#include "cache/lock.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

enum merged {               /* where a record of the result is from */
              MERGED_BOTH,  /* they have the same */
              MERGED_ONE,   /* only one has it, or only one changed it */
              MERGED_FIRST, /* of two for the same entry, file and GPU model the first one's */
              MERGED_SECOND
};
struct merge_choice {                    /* one record of either, and what became of it */
    const struct record *record, *other; /* other: the one that is left out; NULL */
    enum merged from;
};

/* Which of two records of one entry, file and GPU model is kept: negative for a, positive for b, 0
 * when they are the same.
 *
 * Of the same code (their keys are equal) the better proven: a win rather than no proven gain; of
 * two wins the one whose speed-up's 99 % interval begins higher; else the newer one. Of different
 * code the newer one, as that is more likely to be of the code that the branches become; `lock
 * check` tells whether it is. What is left equal by all that is decided by the records' text, so
 * that neither side's order counts. */
int merge_prefer(const struct record *a, const struct record *b);

/* All records of both, into a new lockfile without a path of its own: path is what its messages
 * say. With the base that both come from (may be NULL), what only one of them changed or removed is
 * as that one has it. *choices (may be NULL), in `a`, is one a record; the records belong to the
 * lockfiles given, which have to live as long */
struct lockfile *lock_merge(struct arena *a, const char *path, const struct lockfile *first,
                            const struct lockfile *second, const struct lockfile *base,
                            struct merge_choice **choices, size_t *n);
/* Takes a text with git's conflict markers apart: into the text of each side (initialised buffers).
 * 1; 0 when it has no markers, and the sides are both the text; -1 with *err when the markers do
 * not fit together */
int lock_sides(const char *path, const char *text, size_t n, struct buf *first, struct buf *second,
               struct error *err);

#endif
