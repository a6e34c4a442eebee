/* driver/capture/write.h - what a user gets of a capture: arrays, blocks, an index. */
#ifndef KS_CAPTURE_WRITE_H
#define KS_CAPTURE_WRITE_H

#include "driver/capture/describe.h"

struct buf;
struct json_t;

/* Makes the library's files those of the user: KERNEL.N.ARRAY.npy and KERNEL.N.ARRAY.after.npy,
 * with types and shapes. N counts the captured launches of the kernel. */
int write_arrays(struct captured *c, const struct description *d, struct error *err);
/* The annotation: `#pragma ksearch` lines under remarks as comments. Where no annotation can say
 * it, all of it is a comment, with the reasons. from: the folder that files are named relative to
 */
void write_block(struct captured *c, const struct description *d, const char *from,
                 struct buf *out);
/* the machine's twin of all of it; descriptions: one a kernel, empty where nothing was captured */
struct json_t *write_index(struct captured *c, const struct description *descriptions);
/* removes what an earlier capture left in the folder, as its index names it; -1 where there is an
 * index.json of somebody else's */
int write_forget(const char *dir, struct error *err);

#endif
