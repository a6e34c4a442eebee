/* driver/build/sandbox_paths.h - what of the file system a sandbox shows, as arguments of bwrap. */
#ifndef KS_SANDBOX_PATHS_H
#define KS_SANDBOX_PATHS_H

#include "driver/build/words.h"

/* the system: /usr, /bin, /lib*, what the dynamic linker reads; `w` gets bwrap's arguments */
void paths_system(struct arena *a, struct words *w);
/* Files and folders to read, those that are there, parents first. Absolute, or relative to
 * `dir` */
void paths_read(struct arena *a, const char *dir, const char *const *path, size_t n,
                struct words *w);
/* a path without "." and "..", and absolute; links are not followed */
char *paths_clean(struct arena *a, const char *dir, const char *path);
/* is it a folder that holds more than a project: /, /tmp, a home folder or what it lies in? */
bool paths_is_wide(const char *path);

#endif
