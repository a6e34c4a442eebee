/* driver/lang/plan_parse.h - the grammar of a plan; structure.h has it. Names are not looked at. */
#ifndef KS_PLAN_PARSE_H
#define KS_PLAN_PARSE_H

#include "driver/lang/cursor.h"
#include "driver/lang/language.h"
#include "driver/lang/structure.h"

/* is the word at the cursor one that begins a plan's statement? */
bool plan_is_word(const struct cursor *c);
/* the statements; a word that is NULL ends them */
extern const struct word plan_words[];
/* the statement at the cursor, added to s; false, reported, when it cannot be read */
bool plan_parse(struct cursor *c, struct structure *s);

#endif
