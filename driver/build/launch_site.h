/* driver/build/launch_site.h - where a file launches a kernel: `a::f<T><<<grid, block>>>(x)`, or
 * through a macro of the file, `LAUNCH(f, grid, block, x)`, in its code and in the text of macros
 * that others expand. What may be the kernel and cannot be rewritten is listed too, with the
 * reason.
 */
#ifndef KS_LAUNCH_SITE_H
#define KS_LAUNCH_SITE_H

#include "driver/build/copy.h"

struct launch_site {
    struct span name;         /* the kernel's, with its qualifiers; of a macro's use: the macro's */
    struct span held;         /* not empty: the name is that of a variable, which holds this */
    struct span open;         /* <<< */
    struct span close;        /* >>> and the parenthesis behind it */
    bool empty;               /* no arguments */
    const struct decl *macro; /* not NULL: this is a use of it */
    const char *why;          /* not NULL: it keeps the original, and this is why */
    bool is_value;            /* the kernel is passed on, and launched elsewhere or not at all */
    const size_t *at;         /* the file's code that runs it, several places for a macro's text */
    size_t nat;
};

/* the launches that may be of c's entry, or of an overload of it; those before byte `from` cannot
 * be rewritten */
struct launch_site *launch_sites(const struct copy *c, size_t from, size_t *n);

#endif
