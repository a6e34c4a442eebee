/* driver/lang/plan_check.h - what the names in a plan mean, and whether its launches fit. */
#ifndef KS_PLAN_CHECK_H
#define KS_PLAN_CHECK_H

#include "driver/lang/resolve.h"
#include "driver/lang/structure.h"

/* Checks the plan of r->spec's structure, and gives every name its meaning: constants in its
 * expressions become numbers. -1 when something was reported. */
int plan_check(struct resolver *r, struct structure *s);

#endif
