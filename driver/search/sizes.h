/* driver/search/sizes.h - sizes that nobody named, drawn to prove a variant right.
 *
 * A variant may be right for the sizes that it was tuned on alone. So a winner is checked at
 * others, between the smallest and the largest that the annotation names, prime ones among them,
 * and at the edges where code goes wrong: nothing, one, a warp, and a block more or less one. What
 * assume(...) excludes is not drawn; nor is anything where an assumption cannot be computed from
 * dimensions. */
#ifndef KS_SIZES_H
#define KS_SIZES_H

#include "driver/lang/spec.h"

enum { SIZES_EDGE = 2 }; /* every so many draws are at an edge */

struct arena;

struct sizes {
    const struct spec *spec;
    const int64_t *values; /* of the variant's tunables: blocks and tiles */
    bool coarse;           /* only multiples of what all named sizes are multiples of */
    uint64_t random;       /* state */
    size_t edges;          /* so far */
};

/* begins with a number from the system */
struct sizes sizes_begin(const struct spec *spec, const int64_t *values);
/* draw number k, as a test point with a label of its own, in the arena; NULL when none can be drawn
 */
const struct point *sizes_draw(struct sizes *s, struct arena *a, unsigned k);
/* A size for what takes a thousand times as long as a launch: the smallest named one with its
 * dimensions divided until few elements are left, none below 64, and rounded up to multiples of
 * what those named are multiples of. `alone`: of its largest dimension only, where others are what
 * the code was written for. NULL when it is no smaller, or the assumptions do not hold there */
const struct point *sizes_small(struct sizes *s, struct arena *a, bool alone);

#endif
