/* driver/build/said.h - what the toolkit's programs say, made a reason in one line. */
#ifndef KS_SAID_H
#define KS_SAID_H

struct arena;

/* The first line of a tool's messages that speaks of an error; NULL when none does. Device code
 * that is missing because it is in another file is said in our words. */
const char *said_error(struct arena *a, const char *messages);

#endif
