/* driver/search/tune.h - which points to try next: space in, suggestions out, trials back.
 *
 * One interface, several ways to choose. All of them try every point where the budget covers the
 * valid space, never suggest a point twice, and give the same suggestions for the same seed, space
 * and reports. */
#ifndef KS_TUNE_H
#define KS_TUNE_H

#include "driver/search/space.h"

struct tuner;
struct lesson;

enum tuner_kind {
    TUNER_SURROGATE, /* learns a model of the space: the one to use */
    TUNER_GA,        /* a genetic algorithm, to compare with */
    TUNER_RANDOM,    /* any valid point, to compare with */
    TUNER_KINDS,
};

/* "surrogate", "ga", "random"; TUNER_KINDS when it is none of them */
enum tuner_kind tuner_kind_named(const char *name);
const char *tuner_kind_name(enum tuner_kind kind);

/* evals: points that may be tried at most; the default point is the caller's and is never suggested
 */
struct tuner *tuner_new(struct space *space, enum tuner_kind kind, uint64_t seed, size_t evals);
void tuner_free(struct tuner *t);
/* What an earlier search of the same space measured, on another GPU, with another toolkit or of an
 * earlier version of the code: scores compare with each other, not with those of this search. How
 * far it can be trusted is learned. Before the first suggestion */
void tuner_recall(struct tuner *t, size_t point, bool failed, double score);
/* What searches of other spaces say (tune_lesson.h), instead of what is known from the beginning;
 * each must outlive the tuner. It is not asked where something was recalled. Before the first
 * suggestion */
void tuner_teach(struct tuner *t, const struct lesson *const *lessons, size_t n);
/* what is learned here for other spaces; NULL: too little was tried. lesson_free() it */
struct lesson *tuner_lesson(const struct tuner *t, const char *name);
/* at most max new points into points[]; returns how many: 8 may be outstanding at first, then 4, or
 * a fourth of what was reported. 0 with reports outstanding: report first; 0 with none: done. Never
 * suggests a point twice */
size_t tuner_suggest(struct tuner *t, size_t *points, size_t max);
/* how many may be outstanding however little is known, at least 8, and later half of what was
 * reported: for a caller that keeps compilers busy, and measures those first that tuner_rank is for
 */
void tuner_ahead(struct tuner *t, size_t n);
/* What measuring each of these outstanding points would bring, by what is known by now, into
 * gain[]: the more the better. False: they are as good as each other */
bool tuner_rank(struct tuner *t, const size_t *points, size_t n, float *gain);
/* a trial came back: score is time over the original's (smaller is better); failed: no score.
 * Outstanding points may be reported in any order; reporting the default point is welcome */
void tuner_report(struct tuner *t, size_t point, bool failed, double score);
/* how exact the scores are that are reported from here on: the standard deviation of their
 * logarithm, as the timer's samples tell it; 0 at first */
void tuner_noise(struct tuner *t, double sd);
/* what is known of a point without its having been suggested: it never will be */
void tuner_know(struct tuner *t, size_t point, bool failed, double score);
/* nothing will be suggested any more, whatever comes back */
bool tuner_is_spent(const struct tuner *t);
/* and all of it has come back */
bool tuner_done(const struct tuner *t);

#endif
