/* driver/build/order.h - which steps of a plan may run side by side.
 *
 * nvcc prints its steps in an order, but with -t N it runs the passes over a source and the code
 * of several architectures side by side. Two steps may be when neither names a file that the other
 * writes. */
#ifndef KS_ORDER_H
#define KS_ORDER_H

#include "driver/build/plan.h"

/* does word i > 0 of a step name a file that it writes? */
bool order_writes(const struct step *s, size_t i);
/* must the step `later` wait for the step `earlier` of the same plan? */
bool order_waits(const struct step *earlier, const struct step *later);

#endif
