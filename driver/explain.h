/* driver/explain.h - `ksnvcc explain FILE`: what we understood of an annotated source. */
#ifndef KS_EXPLAIN_H
#define KS_EXPLAIN_H

#include <stdbool.h>

/* words: a compile command for the file (compiler first), NULL-terminated. Prints every entry with
 * arguments, workloads, tests, tunables, the size of its space, its key, and what is on file for it
 * or why nothing is; as one JSON object {files, diagnostics} with json. Returns 0, EXIT_ANNOTATION,
 * EXIT_LOCKFILE, or EXIT_USAGE when the command cannot be understood. Never searches. */
int explain_file(const char *const *words, bool json);

#endif
