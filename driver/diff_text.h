/* driver/diff_text.h - a text and what edits make of it, as a unified difference. */
#ifndef KS_DIFF_TEXT_H
#define KS_DIFF_TEXT_H

#include "driver/build/edits.h"

/* "--- FROM", "+++ TO" and the hunks, with three lines around each; nothing when no line changes */
void diff_edits(struct buf *out, const struct edits *e, const char *from, const char *to);
/* the same for a text that was not there before */
void diff_new(struct buf *out, const char *text, size_t len, const char *to);

#endif
