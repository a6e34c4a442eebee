/* driver/search/tune.h - which points to try next: space in, suggestions out, trials back.
 *
 * Exhaustive where the budget covers the valid space (in an order that spreads over it, so that an
 * early end still saw all corners); else a stratified random start and neighbourhood search from
 * the best points, with restarts. The same seed, space and reports give the same suggestions. */
#ifndef KS_TUNE_H
#define KS_TUNE_H

#include "driver/search/space.h"

struct tuner;

/* evals: points that may be tried at most; the default point is the caller's and is never suggested
 */
struct tuner *tuner_new(struct space *space, uint64_t seed, size_t evals);
void tuner_free(struct tuner *t);
/* at most max new points into points[]; returns how many. 0 with reports outstanding: report first;
 * 0 with none: done. Never suggests a point twice */
size_t tuner_suggest(struct tuner *t, size_t *points, size_t max);
/* a trial came back: score is time over the original's (smaller is better); failed: no score.
 * Outstanding points may be reported in any order; reporting the default point is welcome */
void tuner_report(struct tuner *t, size_t point, bool failed, double score);
/* what is known of a point without its having been suggested: it never will be */
void tuner_know(struct tuner *t, size_t point, bool failed, double score);
bool tuner_done(const struct tuner *t);

#endif
