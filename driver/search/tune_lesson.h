/* driver/search/tune_lesson.h - what a search says of spaces that are not its own: how its times
 * went with the number of threads, the work of a thread, and every other slot (tune_slots.h).
 *
 * A lesson is a curve a slot; their sum at a point tells how slow it is among the points of its
 * space, in standard deviations of the logarithm of their times. How far that holds for another
 * space is for the tuner to find out. */
#ifndef KS_TUNE_LESSON_H
#define KS_TUNE_LESSON_H

#include <jansson.h>
#include "driver/search/tune_slots.h"

enum { KNOTS = 11 }; /* of a curve, at 0, 1, 2, ... */

struct curve {
    const char *slot;
    float at[KNOTS];
};

struct lesson {
    const char *name; /* of what it was learned from */
    const struct curve *curve;
    size_t n;
};

/* those that are there when nothing was searched yet. tests/bench/tuner --learn writes them */
extern const struct lesson LESSONS_SHIPPED[];
extern const size_t LESSONS_SHIPPED_N;

/* learns from points and their values, the higher the worse, all of them finite; NULL when that is
 * too little to say anything. lesson_free() it */
struct lesson *lesson_learn(const char *name, const struct slots *s, const size_t *point,
                            const double *value, size_t n);
void lesson_free(struct lesson *l); /* NULL is fine */
/* from 0 to 1: how many slots of the two are the same */
double lesson_likeness(const struct lesson *l, const struct slots *s);
/* x: what the point has in each slot */
double lesson_value(const struct lesson *l, const struct slots *s, const float *x);

json_t *lesson_to_json(const struct lesson *l);
/* NULL: it is none */
struct lesson *lesson_from_json(const json_t *json);

#endif
