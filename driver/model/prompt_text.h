/* driver/model/prompt_text.h - text as a model gets it. */
#ifndef KS_PROMPT_TEXT_H
#define KS_PROMPT_TEXT_H

#include "runtime/base/buf.h"

/* the template as it is carried in the program; NULL: there is none */
const char *prompt_text_carried(const char *template_name);
/* appends the text without the newlines at its end; bytes that are not UTF-8, and control
 * characters but newline and tab, become U+FFFD: JSON could not hold them */
void prompt_text_add(struct buf *out, const char *text);
/* appends the text as a fenced block of the language, with a fence longer than any in the text, so
 * that what the text says stays inside */
void prompt_text_fence(struct buf *out, const char *language, const char *text);

#endif
