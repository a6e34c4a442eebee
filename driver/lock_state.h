/* driver/lock_state.h - does a lockfile fit the sources, as they are compiled now?
 *
 * The compiles are added one by one, and give the keys that a build would look up; then every
 * record and every annotated entry gets a status. */
#ifndef KS_LOCK_STATE_H
#define KS_LOCK_STATE_H

#include "cache/lock.h"
#include "runtime/base/arena.h"

enum lock_status {
    LOCK_OK,      /* a build finds the record */
    LOCK_STALE,   /* the entry is another one now: the build does not find it */
    LOCK_MISSING, /* an annotated entry without a record */
    LOCK_ORPHAN,  /* a record whose entry is in no source any more */
    LOCK_SKIPPED, /* could not be told, or nothing is expected: the reason says why */
    LOCK_STATUSES
};
/* "ok", "stale", ... */
const char *lock_status_name(enum lock_status status);

struct lock_reason {
    const char *part; /* "flags", "GPU", ...: for programs; NULL where it is no part of a key */
    const char *text; /* for people */
    const char *old, *now; /* what it was and is; NULL where that is not known */
};

struct lock_item {
    enum lock_status status;
    const struct record *record; /* NULL: there is none */
    const char *file, *entry;
    struct lock_reason *reasons;
    size_t nreasons;
};

struct lock_state;

struct lock_state *lock_state_new(struct arena *a, const struct lockfile *lock);
void lock_state_release(struct lock_state *s); /* what is not in the arena */
/* adds a compile, run in the current folder. 0; or -1 after saying why it cannot be read */
int lock_state_add(struct lock_state *s, const char *const *words);
/* What the compiles added say of the lockfile. With files (base names) only of those; then no
 * record of another file is looked at. Items by file, entry and GPU */
const struct lock_item *lock_state_items(struct lock_state *s, const char *const *files,
                                         size_t nfiles, size_t *n);

#endif
