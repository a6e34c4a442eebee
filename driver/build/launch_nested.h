/* driver/build/launch_nested.h - macros of a file whose text names a kernel. Most launch it and are
 * used in the file's code, see launch_macro.h; others are expanded by macros, as dispatchers do it:
 *
 *   #define STEP(T) step<T><<<grid, 256>>>(x, n)
 *   #define STEP_OF(type) if (type == F32) { STEP(float); } else { STEP(double); }
 *   STEP_OF(type)                        named in another macro's text
 *   DISPATCH(type, STEP)                 or handed to one
 *
 * No use of such a macro can be made one of a copy, as macros that name it are found in headers
 * too. So the launches in its own text are rewritten, for all that expand it. */
#ifndef KS_LAUNCH_NESTED_H
#define KS_LAUNCH_NESTED_H

#include "driver/build/launch_macro.h"

struct nested_macro {
    const struct decl *decl;
    const size_t *at; /* where the file's code leads to it: bytes, in order, at least one */
    size_t n;
    bool is_nested; /* other macros expand it, or it has several definitions */
};

/* those whose text names c's entry; r is the file's code */
struct nested_macro *launch_nested(const struct copy *c, const struct launch_macros *macros,
                                   const struct launch_text *r, size_t *n);

#endif
