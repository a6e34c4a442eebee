/* driver/build/launch_macro.h - macros of a file that launch kernels.
 *
 *   #define LAUNCH(k, n, ...) k<<<cdiv(n, 256), 256>>>(__VA_ARGS__)    of any kernel
 *   #define STEP(x, n) step<<<cdiv(n, 256), 256>>>(x, n)               of one
 *
 * A use that launches the entry becomes a use of a copy of the macro, which stands behind it and
 * calls the launcher. So #k in a macro's text still says what it said. */
#ifndef KS_LAUNCH_MACRO_H
#define KS_LAUNCH_MACRO_H

#include "driver/build/copy.h"

/* is token t of the file the use of a macro that may launch c's entry? *macro is one definition of
 * it, *why is set when the use must stay as it is */
bool launch_macro_use(const struct copy *c, size_t t, const struct decl **macro, const char **why);
/* "LAUNCH__ks_f" */
const char *launch_macro_name(const struct copy *c, const struct decl *macro);
/* puts the copy behind each definition of the macro; launcher is what the kernel's name becomes */
void launch_macro_copies(const struct copy *c, const struct decl *macro, const char *launcher,
                         struct edits *e);

#endif
