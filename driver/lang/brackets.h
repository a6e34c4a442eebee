/* driver/lang/brackets.h - which bracket closes which. */
#ifndef KS_BRACKETS_H
#define KS_BRACKETS_H

#include "driver/lang/scan.h"

/* For every ( [ { the index of what closes it: its own bracket, or, where a branch of #if left it
 * open, the #else (or #elif) at which that branch ends, or the final TOKEN_END. Always larger than
 * the opener's index. For a < the index of the > that closes it, or 0 when it seems to be an
 * operator; 0 for all other tokens. */
size_t *brackets_match(struct arena *a, const struct tokens *tokens);
/* behind the `>` that closes the `<` at t, 0 when it seems to be an operator */
size_t brackets_angle(const struct tokens *tokens, const size_t *match, size_t t);

#endif
