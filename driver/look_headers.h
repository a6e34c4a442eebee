/* driver/look_headers.h - may a header of an input be annotated? Only where KSEARCH_HEADERS=1 asks.
 */
#ifndef KS_LOOK_HEADERS_H
#define KS_LOOK_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

/* does the text hold "ksearch" or "KSEARCH"? (look.c) */
bool look_holds_word(const char *bytes, size_t n);

/* Does a file that `path` includes by quotes, or one of those does, hold the word? Names are looked
 * for beside the file that has them, then in dirs (NULL ends). The answer is remembered in the
 * cache folder with all files that it depends on, those that are not there included. */
bool look_headers_mention(const char *path, const char *const *dirs);

#endif
