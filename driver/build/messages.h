/* driver/build/messages.h - what compilers say of a text with winners in it, as of the user's own.
 */
#ifndef KS_MESSAGES_H
#define KS_MESSAGES_H

#include <stddef.h>
#include "runtime/base/buf.h"

/* Appends one program's messages: names of copies are those of what they are copies of, and what is
 * said of copies as well is said once. */
void messages_add(struct buf *out, const char *text, size_t len);

#endif
