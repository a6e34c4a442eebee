/* runtime/worker/sets_impl.h - shared by the files behind sets.h. */
#ifndef KS_SETS_IMPL_H
#define KS_SETS_IMPL_H

#include "runtime/worker/sets.h"

/* where the original is further than this from itself, an output means nothing, and is not judged
 * by its noise */
#define NOISE_MOST 0.02

/* ---- sets.c ---- */

/* the array's bytes in one set */
uint64_t sets_bytes(const struct point *p, size_t array);
/* what the worker's kernels need to know of all active slices of an array */
struct job sets_job(const struct session *s, const struct point *p, size_t array);
static inline uint64_t sets_words(uint64_t bytes)
{
    return (bytes + 3) / 4;
}
/* what the device counts in all slices, into t->tally; reading waits for the GPU */
int sets_tallies_clear(struct session *s, struct point *p, struct refusal *r);
int sets_tallies_read(struct session *s, struct point *p, struct refusal *r);
/* how large the answers are: between the device and t->scale */
int sets_scales_clear(struct session *s, struct point *p, struct refusal *r);
int sets_scales_copy(struct session *s, struct point *p, bool up, struct refusal *r);
/* a kernel over the guards of all arrays */
int sets_guards(struct session *s, struct point *p, enum kernel k, struct refusal *r);

/* ---- sets_fill.c ---- */

/* the host's copies of a structured input of this draw */
int sets_make_structured(struct session *s, struct point *p, size_t array, struct refusal *r);
/* an input as it was drawn, into all active slices */
int sets_generate(struct session *s, struct point *p, size_t array, struct refusal *r);
/* the array that has a number planted at this draw; narrays: none can */
size_t sets_planted(const struct session *s, const struct point *p);

/* ---- sets_compare.c ---- */

/* counts what differs from the answers, if the array is an output */
int sets_compare_outputs(struct session *s, struct point *p, size_t array, unsigned start,
                         unsigned n, struct refusal *r);

#endif
