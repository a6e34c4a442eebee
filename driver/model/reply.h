/* driver/model/reply.h - what a model sent, taken apart.
 *
 * A structure comes in prose with fenced blocks, in one of two forms:
 *
 *   whole   a block of cuda, cpp, c++, cu, c, or of no language: the structure's text. Of several,
 *           shorter ones are pieces that the prose speaks of, and a later one corrects an earlier:
 *           of those that are at least half as long as the longest, the last counts.
 *   edits   blocks of edit, or of those languages with a line of <<<<<<< in them: edits of the
 *           parent's text (anchor.h), all of them together. Then whole blocks are prose.
 *
 * Blocks of other languages are prose. A block that the end of the reply cut off is an error, never
 * a text. */
#ifndef KS_REPLY_H
#define KS_REPLY_H

#include <jansson.h>
#include <stddef.h>
#include "runtime/base/buf.h"

enum {
    REPLY_LIMIT = 4 << 20,        /* bytes of a reply */
    REPLY_TEXT_LIMIT = 256 << 10, /* of a structure's text in it */
};

/* Adds the structure's text to out. parent is the text that edits are of, NULL where there is none:
 * a host entry's original is no structure. -1 when there is none: `errors` has a line for each
 * thing that is wrong, with what to do about it, and out is as it was */
int reply_structure(const char *reply, size_t len, const char *parent, struct buf *out,
                    struct buf *errors);
/* the JSON object of a reply, a new reference: its last block of json, else the object in its text.
 * NULL with a line in `errors` that says where it is no JSON */
json_t *reply_json(const char *reply, size_t len, struct buf *errors);

#endif
