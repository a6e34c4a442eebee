/* runtime/base/frame.h - the framing between the engine and a worker.
 *
 * A frame on the pipe: u32 length of the JSON text, u32 length of the blob (both little endian),
 * the JSON text (one object, UTF-8, not terminated), the blob's bytes. At most 16 MiB of JSON and
 * 1 GiB of blob. What the objects say is in runtime/worker/PROTOCOL.md. */
#ifndef KS_FRAME_H
#define KS_FRAME_H

#include <jansson.h>
#include <stddef.h>
#include "buf.h"
#include "error.h"

/* blocks until all is written; -1 with *err on a broken pipe */
int frame_write(int fd, const json_t *object, const void *blob, size_t blob_len, struct error *err);
/* the same on a descriptor that is O_NONBLOCK, for a reader that may have stopped reading: waits at
 * most timeout_ms and calls `idle` as frame_read does. After -1 half a frame may be written */
int frame_write_timed(int fd, int timeout_ms, int (*idle)(void *), void *idle_arg,
                      const json_t *object, const void *blob, size_t blob_len, struct error *err);
/* waits at most timeout_ms (-1: for ever) for a whole frame. 1 and *object (a new reference) and
 * the blob in *blob; 0 at the end of the stream; -1 with *err when the stream breaks, is not a
 * frame, or the time is up. `idle`, unless NULL, is called when waiting begins and about every 20
 * ms then; when it returns non-zero the wait ends with -1. */
int frame_read(int fd, int timeout_ms, int (*idle)(void *), void *idle_arg, json_t **object,
               struct buf *blob, struct error *err);

#endif
