/* driver/reproducible.h - KSEARCH_REPRODUCIBLE: which outputs are the same wherever they are made.
 */
#ifndef KS_REPRODUCIBLE_H
#define KS_REPRODUCIBLE_H

#include <stdbool.h>

struct command;

enum reproducible {
    REPRODUCIBLE_NO,        /* "0", and the default: as nvcc leaves it */
    REPRODUCIBLE_ANNOTATED, /* "annotated", and the default when CI is set: of annotated sources */
    REPRODUCIBLE_ALL,       /* "1": of every CUDA source */
};

/* what is asked for; *word (may be NULL) is set to a word that is none of these, which counts as
 * "1", else to NULL */
enum reproducible reproducible_asked(const char **word);
/* Is a result to depend on sources, flags and lockfile alone? Then records of the cache do not
 * count, nor which GPU is in the machine. So it is where this is asked for, no search can change
 * the lockfile, and there is one */
bool reproducible_hermetic(const struct command *c);

#endif
