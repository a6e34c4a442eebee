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
#include "driver/build/launch_text.h"

struct launch_macros {
    const struct decl **macro; /* those that launch c's entry or what they are given, and those that
                                  use such a one */
    size_t n;
    struct decl *all; /* every #define of the file, functions' own ones too */
    size_t nall;
};

struct launch_macros launch_macros(const struct copy *c);
/* is token t of r, read at byte `at` of the file, the use of one of the macros that may launch c's
 * entry? *macro is one definition of it, *why is set when the use must stay as it is */
bool launch_macro_use(const struct copy *c, const struct launch_macros *macros,
                      const struct launch_text *r, size_t t, size_t at, const struct decl **macro,
                      const char **why);
/* "LAUNCH__ks_f" */
const char *launch_macro_name(const struct copy *c, const struct decl *macro);
/* puts the copy behind each definition of the macro; launcher is what the kernel's name becomes */
void launch_macro_copies(const struct copy *c, const struct decl *macro, const char *launcher,
                         struct edits *e);

#endif
