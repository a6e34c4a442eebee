/* driver/build/sass.h - which machine instructions the kernels of a cubin consist of.
 *
 * Counts of the text, not of what is executed: an instruction in a loop counts once. Read from
 * `nvdisasm -c` or `cuobjdump -sass`, whichever the toolkit has; without either there is no mix,
 * and nothing else is missed. */
#ifndef KS_SASS_H
#define KS_SASS_H

#include <stddef.h>
#include <stdint.h>
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"

enum sass_kind {
    SASS_UTCMMA,  /* tcgen05 products */
    SASS_HGMMA,   /* wgmma, of any type */
    SASS_HMMA,    /* mma.sync of floating point */
    SASS_IMMA,    /* mma.sync of integers */
    SASS_UTMALDG, /* TMA loads, bulk copies included */
    SASS_UTMASTG, /* TMA stores and reductions */
    SASS_LDGSTS,  /* cp.async */
    SASS_LDG_16,  /* global loads of 8 or 16 bits */
    SASS_LDG_32,
    SASS_LDG_64,
    SASS_LDG_128, /* and of 256 bits */
    SASS_STG_16,
    SASS_STG_32,
    SASS_STG_64,
    SASS_STG_128,
    SASS_LDS,
    SASS_LDSM, /* ldmatrix */
    SASS_STS,  /* and stmatrix */
    SASS_LDL,  /* local memory: spills, or arrays indexed at run time */
    SASS_STL,
    SASS_BAR,
    SASS_SYNCS, /* mbarrier */
    SASS_SHFL,
    SASS_FFMA,  /* and FADD, FMUL */
    SASS_HFMA2, /* and HADD2, HMUL2 */
    SASS_DFMA,  /* and DADD, DMUL */
    SASS_MUFU,  /* exp2, log2, rcp, rsqrt, sin, tanh */
    SASS_ATOM,  /* atomics and reductions, global and shared */
    SASS_BRANCH,
    SASS_KINDS,
};

struct sass_kernel {
    const char *symbol; /* mangled */
    uint32_t total;     /* all instructions but the padding behind the end */
    uint32_t count[SASS_KINDS];
};

struct sass {
    struct sass_kernel *kernels;
    size_t n;
};

/* reads what either tool writes; any text is fine, what is no instruction is passed over */
void sass_parse(struct arena *a, const char *text, size_t len, struct sass *out);
/* The command line that disassembles the file: the tool beside nvcc, else the one in PATH. NULL
 * with *err when there is none */
const char **sass_argv(struct arena *a, const char *nvcc, const char *cubin, struct error *err);
/* what an image consists of, which is written to the path for the tool; -1 with *err where there is
 * none */
int sass_of_image(struct arena *a, const char *nvcc, const char *path, const struct buf *image,
                  struct sass *out, struct error *err);
/* runs it; -1 with *err when that cannot be done */
int sass_read(struct arena *a, const char *nvcc, const char *cubin, struct sass *out,
              struct error *err);
/* the first kernel of that symbol or source name (see cubin_holds); NULL when there is none */
const struct sass_kernel *sass_find(const struct sass *s, const char *name);
/* "LDG 128-bit" */
const char *sass_kind_name(enum sass_kind kind);
/* "HMMA 10, LDG 128-bit 5, branches 14; 312 in all": what is there, and nothing else */
void sass_text(const struct sass_kernel *k, struct buf *out);

#endif
