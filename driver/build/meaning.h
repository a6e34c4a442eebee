/* driver/build/meaning.h - the key of a target: what its region means in this compile. */
#ifndef KS_MEANING_H
#define KS_MEANING_H

#include <jansson.h>
#include "cache/key.h"
#include "driver/build/plan.h"
#include "driver/lang/spec.h"

struct meaning; /* a file as every pass of one compile sees it; lives in the arena */

/* preprocesses the file of f in every pass of the plan: the part that takes time, once for all its
 * entries. NULL on failure */
struct meaning *meaning_open(struct arena *a, const struct file *f, const struct plan *p,
                             struct error *err);
/* the text of a pass and its length; NULL behind the last */
const char *meaning_pass(const struct meaning *m, size_t i, size_t *len);
/* the first header with #pragma ksearch lines that nobody reads, and the file that includes it;
 * NULL when none has any */
const char *meaning_annotated_header(struct arena *a, const struct meaning *m, const char **from);
/* The key of one target. Context: starting from the names that region and clauses mention, the
 * declarations of the user's files (not of system or toolkit folders) that declare one of them are
 * taken, from the preprocessed text of the host pass and of every architecture's pass, and so on
 * until nothing new comes; their tokens are hashed with the region's own expansion. It takes too
 * much rather than too little. */
void meaning_target(struct arena *a, const struct meaning *m, const struct spec *spec,
                    size_t instance, const char *toolkit, struct key *key);
/* The same for people, to be kept with a record: what context_made_of says of the first pass, and
 * "flags", the options that its key names. A new reference */
json_t *meaning_made_of(struct arena *a, const struct meaning *m, const struct spec *spec,
                        size_t instance);

#endif
