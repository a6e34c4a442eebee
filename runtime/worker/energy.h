/* runtime/worker/energy.h - how much a launch takes in.
 *
 * NVML's counter moves ten times a second, so launches follow each other for some tenths of one:
 * the power between two of its steps, times how long a launch takes, is a launch's energy. What the
 * card takes in doing nothing is in it: who computes faster pays it for less long. */
#ifndef KS_ENERGY_H
#define KS_ENERGY_H

#include <stdbool.h>
#include "runtime/worker/timer.h"

struct graph;

/* Repeats the launches of a sample that was timed and found right, and sets sample->uj. They run
 * over the same arrays again, so that a variant may find its own answers there: *us is how long one
 * of them took */
int energy_take(struct session *s, struct variant *v, struct point *p, const struct graph *g,
                struct sample *sample, double *us, struct refusal *r);
/* A launch took `us` when repeated and `alone` among those that were compared. Of the original that
 * is noted; is another's not the same work any more, beside it? Says so in *o */
bool energy_is_odd(const struct variant *v, struct point *p, double us, double alone,
                   struct outcome *o);

#endif
