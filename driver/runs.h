/* driver/runs.h - the journals of searches: which one a search writes, or goes on with.
 *
 * Every search of an entry has a run in the cache folder, runs/NAME, with NAME made of the entry,
 * the first digits of its key and the card: "gemm-float-1a2b3c4d-h200". A run that did not come to
 * its end is gone on with. So is one that did, whose result is not on file (we were killed before
 * it was): nothing is measured again then. A search that is wanted anew is NAME-2, NAME-3... The
 * oldest runs are removed when there are more than RUNS_KEPT. */
#ifndef KS_RUNS_H
#define KS_RUNS_H

#include "cache/journal.h"
#include "cache/key.h"
#include "driver/lang/gpu.h"

#define RUNS_KEPT 200

struct run {
    char *name;
    struct journal *journal; /* NULL: none can be written */
    bool resumed;            /* it was begun before */
};

/* Opens the run of a search. name: this run and no other, NULL: as above. replay: the run of a
 * replayed search is named apart. again: one that came to its end is not meant. Never fails:
 * without a journal *err says why */
struct run runs_open(const char *cache_dir, const char *entry, const struct key *key,
                     const struct gpu *gpu, const char *name, bool replay, bool again,
                     struct error *err);
void runs_close(struct run *run);

#endif
