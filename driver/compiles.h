/* driver/compiles.h - the compiles that a compile_commands.json lists. */
#ifndef KS_COMPILES_H
#define KS_COMPILES_H

#include <stddef.h>

struct arena;

/* one compile, in its folder; words: the compiler (and what stands before it) first. Not 0 ends the
 * walk */
typedef int compiles_visit(void *arg, const char *file, const char *const *words);

/* Visits the compiles of the files given (by their base names), or of all .cu files where none is.
 * path: the list, or a folder that it is in. Returns what the last visit did, or 1 after saying
 * what is wrong with the list; the current folder is as it was */
int compiles_each(struct arena *a, const char *path, const char *const *files, size_t nfiles,
                  compiles_visit *visit, void *arg);

#endif
