/* runtime/worker/peaks.h - operations a second that this card was seen to do at most. */
#ifndef KS_PEAKS_H
#define KS_PEAKS_H

#include <jansson.h>
#include "runtime/worker/cuda.h"

/* {"f32": x, ...}, a multiply-add being two operations; without the types that there are no
 * instructions for. A new reference. Measured at the first call, 0.2 s; NULL when refused */
json_t *peaks_measure(struct device *d, struct refusal *r);

#endif
