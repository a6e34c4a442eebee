/* driver/reuse.h - an object that an earlier compile made, in the place of a compile.
 *
 * A hit gives what the first compile gave: the object, the depfile, what it said, and success.
 * Where anything is in doubt there is none, and the compile goes its way. Nothing of a compile that
 * failed, or that warned of something of ours, is kept. */
#ifndef KS_REUSE_H
#define KS_REUSE_H

#include <stdbool.h>
#include "cache/objects.h"
#include "driver/inspect.h"
#include "driver/lookup.h"
#include "driver/mode.h"

struct reuse {
    struct arena *arena; /* NULL: this compile is not for us */
    struct command command;
    enum mode mode;
    char *cache_dir, *lock_path;
    bool have_gpu;
    struct hash key;
    struct object object; /* what is found; or what is said so far, to be kept */
    struct timespec started;
    size_t entries_at; /* where among what is said the lines about entries belong */
    int lock;          /* keeps others from the same compile; -1: none */
};

/* takes part in the compile, where it is one whose object can be used again */
void reuse_open(struct reuse *r, const char *const *words, enum mode mode);
/* Is there an object? Then it is where the compile would have put it, and said is what the compile
 * would have said. Waits for another process that is at the same compile */
bool reuse_find(struct reuse *r);
/* what the compiler said */
void reuse_said(struct reuse *r, const struct buf *out, const struct buf *err);
/* the lines about entries come here among what is said */
void reuse_entries(struct reuse *r);
/* Keeps the object of a compile that succeeded. `in` has the keys and, where there are winners, the
 * plan was run */
void reuse_keep(struct reuse *r, struct inspection *in);
void reuse_close(struct reuse *r);

#endif
