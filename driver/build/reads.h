/* driver/build/reads.h - what a compile reads: sources and headers of every pass, the programs of
 * its plan, and the folders in which another header could appear. */
#ifndef KS_READS_H
#define KS_READS_H

#include "cache/manifest.h"
#include "driver/build/plan.h"

struct reads_text { /* a preprocessed pass */
    const char *text;
    size_t len;
};

/* Adds all of it to m: the sources (NULL at the end) and what the passes enter. -1 with the reason
 * when the compile may read what cannot be told (.incbin, precompiled headers), when its result
 * depends on the day, or when a file is newer than the compile */
int reads_add(struct manifest *m, const struct command *c, const struct plan *p,
              const char *const *sources, const struct reads_text *passes, size_t npasses,
              struct error *err);
/* Adds what runs alone: nvcc, the programs of the plan, those behind the host compiler, and the
 * headers that these include by themselves */
int reads_tools(struct manifest *m, const struct command *c, const struct plan *p,
                struct error *err);
/* Can an object of this command be used again? 0; -1 with the reason: it writes more than an object
 * and a depfile, or an option may read or write files that nobody knows of */
int reads_possible(const struct command *c, struct error *err);

#endif
