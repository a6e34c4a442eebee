/* runtime/worker/profile.h - the counters of one variant at one point. */
#ifndef KS_PROFILE_H
#define KS_PROFILE_H

#include "runtime/worker/check.h"
#include "runtime/worker/counters.h"

/* Profiles v on fresh inputs and cold caches, unless it is not right (o->reason is set then): see
 * counters_run for the rest. */
int profile_variant(struct session *s, struct variant *v, struct point *p, const char *cupti,
                    int tier, json_t **kernels, int *passes, struct outcome *o, struct refusal *r);

#endif
