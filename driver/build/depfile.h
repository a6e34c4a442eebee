/* driver/build/depfile.h - the depfile that nvcc writes itself, between two steps of its plan. */
#ifndef KS_DEPFILE_H
#define KS_DEPFILE_H

#include "driver/build/plan.h"

/* writes `path` for the source of the splice, from the preprocessed texts of its passes (their
 * files' names, in the plan's order); byte for byte what nvcc 13 writes */
int depfile_write(const struct command *c, const char *path, const struct splice *splice,
                  const char *const *passes, size_t n, struct error *err);
/* the files that a preprocessed text was made of, as its line markers name them, NULL at the end */
const char *const *depfile_names(struct arena *a, const char *text, size_t len);

#endif
