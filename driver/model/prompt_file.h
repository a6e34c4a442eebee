/* driver/model/prompt_file.h - a text that is carried in the program, or the user's in its place.
 */
#ifndef KS_PROMPT_FILE_H
#define KS_PROMPT_FILE_H

#include "runtime/base/buf.h"
#include "runtime/base/error.h"

/* Appends NAME.md of the folder KSEARCH_PROMPTS, where that is set and has it, else `carried`
 * (NULL: none). 1; 0 when there is neither; -1 with *err when the file cannot be read. `path`
 * (free() it, may be NULL) is what messages call it */
int prompt_file(const char *name, const char *carried, struct buf *out, char **path,
                struct error *err);

#endif
