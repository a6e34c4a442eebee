/* runtime/capture/arrays.h - what a launch's arguments point to, copied out.
 *
 * Copies go through the launch's own stream, so they see exactly what the kernel sees, and wait for
 * nothing else. */
#ifndef KS_CAPTURE_ARRAYS_H
#define KS_CAPTURE_ARRAYS_H

#include "runtime/capture/book.h"

struct shot; /* a launch that is being captured */

/* before the launch: its parameters, and the contents of its arrays. NULL without memory */
struct shot *shot_take(struct launch *launch, const struct choice *choice, size_t most);
/* after it: what changed; frees the shot */
void shot_finish(struct shot *shot, CUresult result);

#endif
