/* driver/capture/infer.h - which expression over the scalar arguments gives a number that was seen?
 *
 * Several launches of a kernel are several samples: an expression must be right in all of them. The
 * simplest that is wins; where several as simple ones are, the first parameter's, and *also names
 * another, as one launch cannot tell which was meant. */
#ifndef KS_CAPTURE_INFER_H
#define KS_CAPTURE_INFER_H

#include <stddef.h>
#include <stdint.h>

struct arena;

struct infer_scalar {
    const char *name;
    const long long *values; /* one a sample */
};

struct infer {
    struct arena *arena;
    const struct infer_scalar *scalars;
    size_t nscalars, nsamples;
};

/* A number of elements: n, n * m, n * m * k, each plus 1, or 2..16 times a scalar. Where none is
 * right, a product may be up to `slack` less. NULL: none is right.
 * *also: NULL, or an expression that would be right too. */
const char *infer_extent(const struct infer *in, const uint64_t *counts, uint64_t slack,
                         const char **also);
/* the value of what infer_extent returned, in a sample */
uint64_t infer_value(const struct infer *in, const char *extent, size_t sample);
/* One dimension of the grid: n, cdiv(n, B), n * m, cdiv(n * m, B), where B is the block's size in
 * that dimension, the whole block's, or a multiple of either, or the block's number of warps.
 * NULL: none is right, or the grid is 1 throughout */
const char *infer_grid(const struct infer *in, const uint64_t *grid, uint64_t block,
                       uint64_t threads, const char **also);

#endif
