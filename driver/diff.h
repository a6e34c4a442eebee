/* driver/diff.h - `ksnvcc diff FILE`: the winners on file, as differences to the source. */
#ifndef KS_DIFF_H
#define KS_DIFF_H

#include <stdbool.h>

/* words: a compile command for the file (compiler first), NULL-terminated. For each winner a line
 * of comment and a unified difference: of the constants that have another value, or a new file with
 * the structure that stands for the entry, with the winner's values. As one JSON object {files,
 * diagnostics} with json. Returns as explain_file does. Never searches. */
int diff_file(const char *const *words, bool json);

#endif
