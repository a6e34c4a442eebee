/* driver/build/launch_follow.h - launches that do not follow a kernel's constants.
 *
 * With a winner's values written into the code, launch(...) gives another grid or block. A launch
 * site that says `softmax<T><<<rows, 256>>>` goes on as before, and the kernel computes something
 * else: who applies a patch has to hear of it. (In an emitted object the launcher sees to it.) */
#ifndef KS_LAUNCH_FOLLOW_H
#define KS_LAUNCH_FOLLOW_H

#include "driver/lang/spec.h"

struct arena;

/* the places of such launches, for one value a tunable; none for a host entry */
const size_t *launch_fixed(struct arena *a, const struct spec *spec, const int64_t *values,
                           size_t *n);

#endif
