/* driver/build/usage.h - what the kernels of a variant use of a multiprocessor, as ptxas tells it.
 *
 * The figures come with the compile (`-Xptxas -v`), so they cost nothing, are the same for cubins
 * and shared objects, and tell spills from arrays that lie in local memory anyway. */
#ifndef KS_USAGE_H
#define KS_USAGE_H

#include <stddef.h>
#include <stdint.h>
#include "driver/lang/spec.h"
#include "runtime/base/error.h"

struct usage {      /* of the kernel that uses most of each; -1: ptxas does not say */
    int64_t regs;   /* a thread */
    int64_t smem;   /* static bytes a block */
    int64_t spills; /* bytes a thread that are stored because there was no register */
    int64_t stack;  /* bytes a thread in local memory: spills, and arrays that are indexed */
};

/* does require(...) limit any of it? Then the compile must be told to say */
bool usage_matters(const struct spec *spec);
/* reads messages of ptxas for the kernels whose mangled names are, or hold, one of the n
 * identifiers */
struct usage usage_read(const char *messages, const char *const *idents, size_t n);
/* 0; or -1 with what is above a limit of require(...), or not known, in *err */
int usage_check(const struct usage *u, const struct spec *spec, struct error *err);

#endif
