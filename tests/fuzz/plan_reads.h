/* tests/fuzz/plan_reads.h - the worker's reader of plans, for a target that has the driver's
 * headers: the two call different things `struct gen`. */
#ifndef KS_PLAN_READS_H
#define KS_PLAN_READS_H

#include <jansson.h>
#include <stdbool.h>

/* is the plan read, by a worker whose cubin has every kernel? Aborts when it is refused without a
 * reason */
bool plan_reads(const json_t *plan);

#endif
