/* runtime/worker/limits.h - whether a variant's launches keep to the shared memory they may have.
 *
 * What a launch asks for beside its kernel's static share is known only when it is made: of a cubin
 * we make it ourselves, of a shared object it stands in the captured graph. */
#ifndef KS_WORKER_LIMITS_H
#define KS_WORKER_LIMITS_H

#include "runtime/worker/module.h"

/* refuses with class limit when a block with so many static and dynamic bytes is more than v may
 * have */
int limits_smem(const struct variant *v, int fixed, unsigned dynamic, struct refusal *r);
/* the same for all kernels of a graph, which is NULL when v's launches could not be captured */
int limits_captured(const struct variant *v, CUgraph graph, struct refusal *r);

#endif
