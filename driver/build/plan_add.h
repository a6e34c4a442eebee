/* driver/build/plan_add.h - a plan that compiles a source for one more target. */
#ifndef KS_PLAN_ADD_H
#define KS_PLAN_ADD_H

#include "driver/build/plan.h"

/* Adds the steps that compile source for sm_<major><minor>a to p, behind those for the target
 * without the `a`, and its machine code to what these go into: the rest stays as it is. Nothing is
 * added where it is compiled for that already. The steps move, and those that were there are not
 * changed. -1 with *err where p has no such steps, or one that is not understood: then p is as it
 * was */
int plan_add_specific(struct arena *a, struct plan *p, const char *source, int major, int minor,
                      struct error *err);

#endif
