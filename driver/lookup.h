/* driver/lookup.h - what is on file for a target: the lockfile first, then the cache, then the
 * remote cache, whose records are kept in ours. */
#ifndef KS_LOOKUP_H
#define KS_LOOKUP_H

#include "cache/lock.h"
#include "cache/store.h"
#include "driver/inspect.h"
#include "driver/share/share.h"

struct library {     /* where records are looked up and kept */
    char *lock_path; /* NULL: no lockfile */
    struct lockfile *lock;
    struct store *store; /* NULL: no cache */
    struct share *share; /* NULL: no remote */
};

/* opens the lockfile of this source and the cache. -1: the lockfile cannot be read. A cache that
 * cannot be opened is a warning */
int library_open(struct library *lib, const struct inspection *in, const char *source,
                 struct error *err);
void library_close(struct library *lib);

/* Fills t->record and t->found. Of several GPU models' records: the one of this machine's GPU (or
 * of KSEARCH_GPU); without either, the architecture decides, if only one model of it is on file.
 * Else t->why says why nothing was taken. */
void library_find(struct library *lib, const struct inspection *in, struct target *t);
/* Fills t->others: for each further architecture that this compile makes machine code for, the
 * record of a GPU of just that one, if only one model of it is on file */
void library_find_others(struct library *lib, const struct inspection *in, struct target *t);
/* keeps what a search found, in the cache, the lockfile and the remote; warnings only */
void library_keep(struct library *lib, const struct target *t);

/* of all that library_find looks at for these keys: while it is the same, so is what is found. -1
 * when it cannot be read */
int library_stamp(struct library *lib, const struct hash *keys, size_t n, struct hash *stamp,
                  struct error *err);

/* one line for the build log: what was found, or why nothing was */
void target_say(const struct unit_source *u, const struct target *t);

#endif
