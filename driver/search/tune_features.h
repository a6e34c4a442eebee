/* driver/search/tune_features.h - what a model sees of a point: numbers from 0 to 1, such that
 * points which do much the same are near each other.
 *
 * Each tunable is one, on a scale of its own kind: the logarithm for sizes, whose values are
 * positive, and the value itself for switches and counts from 0. Of sizes that are no powers of two
 * it also matters whether they are one, or at least multiples of a warp. And what the constraints
 * compute, a block's threads, its shared memory, a tile's share of each thread, is what somebody
 * thought of as limits of the code: each is a feature too. */
#ifndef KS_TUNE_FEATURES_H
#define KS_TUNE_FEATURES_H

#include "driver/search/space.h"

enum { FEATURES_MOST = 40 };

enum feature_kind {
    FEATURE_SIZE,    /* of a tunable, on a logarithmic scale */
    FEATURE_CHOICE,  /* of a tunable, with its values as they are */
    FEATURE_SWITCH,  /* of a tunable with two values */
    FEATURE_DIVISOR, /* is it a power of two, how often does a warp go into it */
    FEATURE_PRODUCT, /* of several tunables: threads, work, what constraints compute */
    FEATURE_KINDS,
};

struct features;

/* points: some, which tell the range of each feature */
struct features *features_new(struct space *space, const size_t *points, size_t n);
void features_free(struct features *f);
size_t features_count(const struct features *f);
/* the first of them are those of the tunables, one each */
size_t features_own(const struct features *f);
enum feature_kind features_kind(const struct features *f, size_t feature);
/* all features of a point; outside 0 to 1 where it is outside the range that was seen */
void features_of(const struct features *f, size_t point, float *x);

#endif
