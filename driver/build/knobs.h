/* driver/build/knobs.h - the knobs that an entry's code offers, and specs with some of them.
 *
 *   blocks:K    __launch_bounds__(B, N) on kernel K: the compiler is to fit N blocks of B threads
 * on a multiprocessor. B is what the code says, or else the block of launch(...), where that is
 * made of constants; for kernels of a host entry without either, 1024 maxreg:K    __maxnreg__(N) on
 * kernel K, where B is not known (CUDA allows only one of the two) unroll:F:I  #pragma unroll N
 * before loop I of function F: the counted loops that have no such pragma yet, at most six, the
 * innermost ones first stream:K    plain assignments `p[i] = v;` to pointer parameters of kernel K
 * are streaming stores
 *
 * Two functions of one name are F and F.2. What is not offered, and why:
 *   - __restrict__, and loads through __ldg: they promise that nobody writes what is read, and a
 *     caller may pass one array twice. No check of ours sees the user's calls.
 *   - loads through __ldcs and the like: the assembly in them does not tell the compiler that it
 *     reads memory, so it may move stores across, which matters when arrays overlap.
 *   - anything in structures, methods inside of classes, functions that the host runs too, macros,
 *     and where something in parentheses may be the argument of one. */
#ifndef KS_KNOBS_H
#define KS_KNOBS_H

#include "driver/build/knob.h"

/* The knobs of an entry in the order of the file, all of which its copies can hold together; none
 * for a structure, or where its copies cannot be made. spec may be one with knobs. *out and what is
 * in it live in the arena */
size_t knobs_find(struct arena *a, const struct spec *spec, struct knob **out);

/* the entry's own spec with these knobs behind its tunables, all off by default; the entry's own
 * spec itself without any */
const struct spec *knobs_spec(struct arena *a, const struct spec *spec,
                              const struct knob *const *set, size_t n);

/* The same with the knobs among n names, each once, as in the values of a record; names of tunables
 * are passed over. *missing, unless NULL, is the first name that is neither, or NULL: the code has
 * changed, or came from another version */
const struct spec *knobs_spec_for(struct arena *a, const struct spec *spec,
                                  const char *const *names, size_t n, const char **missing);

#endif
