/* driver/build/roots.h - the folders whose place a reproducible output does not tell.
 *
 * What lies below one of them is named as if it lay below ".": the folder that the compile runs in,
 * and the project's, which has the lockfile or .git. A copy of both elsewhere has the same names.
 */
#ifndef KS_ROOTS_H
#define KS_ROOTS_H

#include "driver/build/command.h"

struct roots {
    const char **folder; /* absolute, without a slash at the end; the shortest first */
    size_t n;
    const char *here; /* the current folder, one of them; NULL when it is "/" or unknown */
};

/* the roots of a compile; keep_dir is one, too, where it is absolute */
void roots_find(struct arena *a, const struct command *c, const char *keep_dir, struct roots *out);
/* path, or "./REST" below the longest root that it lies in */
const char *roots_path(struct arena *a, const struct roots *r, const char *path);

#endif
