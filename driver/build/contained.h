/* driver/build/contained.h - the compile of a unit that a model wrote, inside of a sandbox.
 *
 * The compiler sees the toolkit, the host compiler, the files that the user's command names, and a
 * folder of this unit's own to write. */
#ifndef KS_CONTAINED_H
#define KS_CONTAINED_H

#include "driver/build/units.h"

/* how to run `argv` (see command_variant) inside, writing `folder`; NULL with *err */
const char *const *contained_argv(struct arena *a, const struct units_target *t,
                                  const char *const *argv, const char *folder, struct error *err);
/* what the compiler said, fit for a model to read: files by their base names, at most 16 KB */
const char *contained_said(struct arena *a, const struct units_target *t, const char *folder,
                           const char *messages, size_t len);

#endif
