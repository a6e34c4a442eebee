/* driver/model/fence.h - the fenced blocks of a Markdown text (CommonMark 0.31, section 4.5). */
#ifndef KS_FENCE_H
#define KS_FENCE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct fence {
    const char *language; /* first word behind the opening fence, in lower case; "" without */
    const char *text;     /* its lines, each ended by a newline, less the fence's indentation */
    size_t len;
    size_t row;  /* of its first line in the whole text, from 1 */
    bool closed; /* false: the text ended before the block did */
};

/* all of them, in order; carriage returns before a newline are dropped */
struct fence *fences_read(struct arena *a, const char *text, size_t len, size_t *n);

#endif
