/* driver/build/launch_site.h - where a file launches a kernel: `a::f<T><<<grid, block>>>(x)`. */
#ifndef KS_LAUNCH_SITE_H
#define KS_LAUNCH_SITE_H

#include "driver/build/edits.h"
#include "driver/build/rename.h"
#include "driver/lang/spec.h"

struct launch_site {
    struct span name;  /* with its qualifiers */
    struct span open;  /* <<< */
    struct span close; /* >>> and the parenthesis behind it */
    bool empty;        /* no arguments */
};

/* the launches of the kernel that r names (its `name` and scope), from byte `from` on; not those in
 * device code, in macros, or with qualifiers that say another scope */
struct launch_site *launch_sites(struct arena *a, const struct file *f, const struct rename *r,
                                 size_t from, size_t *n);

#endif
