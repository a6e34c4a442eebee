/* driver/lang/plan_parse.h - the grammar of a plan; structure.h has it. Names are not looked at. */
#ifndef KS_PLAN_PARSE_H
#define KS_PLAN_PARSE_H

#include "driver/lang/cursor.h"
#include "driver/lang/structure.h"

/* is the word at the cursor one that begins a plan's statement? */
bool plan_is_word(const struct cursor *c);
/* "let, scratch, ..." with the words that a structure's lines may have, for messages; and their
 * number */
const char *const *plan_words(size_t *n);
/* the statement at the cursor, added to s; false, reported, when it cannot be read */
bool plan_parse(struct cursor *c, struct structure *s);

#endif
