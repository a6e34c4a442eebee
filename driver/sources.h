/* driver/sources.h - a command's way to annotated sources: through the compile that they stand in.
 */
#ifndef KS_SOURCES_H
#define KS_SOURCES_H

#include "driver/inspect.h"
#include "driver/lookup.h"

struct sources_use { /* what a command does with a source */
    /* its annotations are read; or NULL. Keys take the preprocessor's time */
    void (*early)(void *arg, struct inspection *in, struct unit_source *u);
    /* its keys are known, and its library is open; not where something went wrong */
    void (*visit)(void *arg, struct inspection *in, struct unit_source *u, struct library *lib);
    /* the compile and all that belongs to it goes; or NULL */
    void (*leave)(void *arg);
    void *arg;
};

/* the words of `nvcc FLAGS -c FILE`, with the nvcc that is found; NULL without one, which is said
 */
const char *const *sources_words(struct arena *a, const char *file, const char *const *flags);
/* Reads the compile of those words and visits its annotated sources. 0; or the exit status to end
 * with, after the reason was printed */
int sources_of_file(const char *file, const char *const *flags, const struct sources_use *use);
/* the same of all compiles that compiles_each() (compiles.h) finds, each in its own folder */
int sources_of_project(const char *commands, const char *const *files, size_t n,
                       const struct sources_use *use);

#endif
