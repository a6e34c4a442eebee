/* driver/build/said.h - what the toolkit's programs say, made a reason in one line. */
#ifndef KS_SAID_H
#define KS_SAID_H

#include <stddef.h>

struct arena;
struct error;

/* The first line of a tool's messages that speaks of an error; NULL when none does. Device code
 * that is missing because it is in another file is said in our words. */
const char *said_error(struct arena *a, const char *messages);

/* "WHAT: ", and that line or, when none speaks of an error, the beginning of all; always -1 */
int said_failure(struct error *err, const char *what, const char *messages);

/* A tool's messages without absolute paths, at most `most` bytes, cut behind a line: what goes to a
 * language model. `folders` (NULL at the end) are known ones, whatever their names hold; of other
 * paths the last part stays */
const char *said_bare(struct arena *a, const char *messages, size_t len, const char *const *folders,
                      size_t most);

#endif
