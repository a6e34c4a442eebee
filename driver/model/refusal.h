/* driver/model/refusal.h - what a server's error means for a call: wait, ask otherwise, or give up.
 */
#ifndef KS_MODEL_REFUSAL_H
#define KS_MODEL_REFUSAL_H

#include <jansson.h>
#include "driver/model/provider.h"

/* a response with a status of 400 or more and this body: sets a->why, or what the next attempt
 * leaves out. key_variable is where the provider's key belongs */
enum attempt_state refusal_judge(struct attempt *a, const char *key_variable, int status,
                                 const char *body, size_t n);
/* what an error object or string says, in words */
void refusal_text(const json_t *error, struct buf *out);
/* no amount of waiting helps: the account is empty, the request is wrong */
bool refusal_is_final(const char *text);

#endif
