/* runtime/worker/plan.h - a plan of launches, read from a request and executed.
 *
 * PROTOCOL.md has its form. What a plan computes and launches here, the emitted function does by
 * runtime/include/ksearch_plan.cuh. */
#ifndef KS_WORKER_PLAN_H
#define KS_WORKER_PLAN_H

#include <jansson.h>
#include "runtime/worker/function.h"

struct plan;
struct session;
struct variant;
struct point;

/* reads it and finds its kernels in the cubin; NULL when refused */
struct plan *plan_read(const json_t *object, CUmodule cubin, struct refusal *r);
void plan_free(struct plan *p); /* NULL is fine */
/* its kernels, one a run */
const struct function *plan_functions(const struct plan *p, size_t *n);
/* puts the launches over set `set` of the point into the device's stream. Where no group of the
 * plan holds, the original is called */
int plan_launch(struct session *s, struct variant *v, struct point *p, unsigned set,
                struct refusal *r);
/* fills the workspace that the variant has for the point with NaN, so that nothing that an earlier
 * call left there is of use */
int plan_poison(struct session *s, const struct variant *v, const struct point *p,
                struct refusal *r);
/* after the launches: how many bytes around that workspace were changed, into *bad */
int plan_guards(struct session *s, const struct variant *v, const struct point *p, uint64_t *bad,
                struct refusal *r);

#endif
