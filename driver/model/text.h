/* driver/model/text.h - texts from outside: rid of keys, counted. */
#ifndef KS_MODEL_TEXT_H
#define KS_MODEL_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* puts *** where `text` has the key, or a word that begins as the key does */
void text_scrub(char *text, const char *key);
/* the tokens of n bytes: about, and not fewer than any model would count for prose and code */
int64_t text_tokens(size_t n);
int64_t text_tokens_most(size_t n);

#endif
