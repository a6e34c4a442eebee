/* cache/objects_impl.h - what objects.c and objects_keep.c share; for nobody else.
 *
 *     objects/K/EY/NAME   an object. KEY has 64 hexadecimal digits, the first two are a folder;
 *                         NAME is the beginning of the manifest's hash
 *     objects/size        how many bytes were written since it was last counted, in decimal
 *     hashes/NAME         hashes of programs (manifest.c)
 *     looked/NNNN         what was seen of files (driver/seen.c); here it is only kept small
 *
 * A file, integers as this machine has them:
 *
 *     4   "KSO" and the format, '\1'
 *     32  hash of all that follows
 *     8   bytes of the manifest
 *     8   1: it has a depfile; 2: it was said to a terminal
 *     32  bytes of output, depfile, out, err
 *     n   the manifest
 *     n   the four, one behind the other, in a frame of zstd */
#ifndef KS_OBJECTS_IMPL_H
#define KS_OBJECTS_IMPL_H

#include <stdint.h>
#include "cache/objects.h"

struct objects_head {
    uint64_t nmanifest, flags, size[4];
};

/* reads a file, checks it, and points *manifest and *packed into *b; -1 when it is damaged or gone
 */
int objects_read(const char *path, struct buf *b, struct objects_head *head, const char **manifest,
                 const char **packed, size_t *npacked);

#endif
