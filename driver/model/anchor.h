/* driver/model/anchor.h - edits of a text that name the lines they change.
 *
 *     <<<<<<<
 *     lines as they are
 *     =======
 *     lines that take their place (none: they go)
 *     >>>>>>>
 *
 * Words may stand behind the first and last marker (SEARCH, REPLACE), and any text between edits.
 * The old lines are whole lines and must stand in the text exactly once; where they do not stand
 * there to the letter, blanks at the beginning and end of lines, and blank lines around them, do
 * not count. All edits speak of the text as it was, and no two of the same lines. */
#ifndef KS_ANCHOR_H
#define KS_ANCHOR_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;

struct anchors {
    struct arena *arena;
    struct anchor *edits;
    size_t n, nerrors;
    struct buf *errors; /* a line for each: which edit, what is wrong with it */
};

/* does a line of the text begin an edit? */
bool anchors_in(const char *text, size_t len);
/* adds the edits of a text whose first line is in line `row` of what the errors speak of */
void anchors_read(struct anchors *e, const char *text, size_t len, size_t row);
/* Puts the text with all edits made into out, each line ended by a newline. -1 when there are
 * errors, those of anchors_read too; then nothing is added */
int anchors_apply(struct anchors *e, const char *text, size_t len, struct buf *out);

#endif
