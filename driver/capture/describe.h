/* driver/capture/describe.h - what the captured launches of a kernel say about its arguments, in
 * the terms of an annotation.
 *
 * Launches that one annotation can describe are described together: they have the same arrays, the
 * same blocks and the same values of what can be no dimension, and one expression gives the grid of
 * each. Else it is the first alone.
 *
 * What is known of an array: it is `in` when nothing of it changed. What changed is `inout`,
 * because one run cannot tell whether the kernel read it first; it is `out` only when nothing had
 * ever been written into it, which --poison lets us see. */
#ifndef KS_CAPTURE_DESCRIBE_H
#define KS_CAPTURE_DESCRIBE_H

#include "driver/capture/captured.h"

enum described_role { DESCRIBED_IN, DESCRIBED_OUT, DESCRIBED_INOUT };

struct described_array {
    size_t param, word;
    const char *name;
    enum described_role role;
    struct type type;       /* of an element */
    size_t size;            /* of an element in the files */
    const char *extent;     /* "n", "1048576" */
    const uint64_t *counts; /* elements, one for each launch described */
    const char *as;         /* a type to give; NULL: the parameter's own */
};

struct described_scalar {
    const char *name;
    bool is_dim;             /* a whole number: bound by the workloads */
    const long long *values; /* then: one a launch */
    const char *value;       /* else the same in all, as C++ */
};

struct description {
    const struct captured_kernel *kernel;
    size_t *launches; /* indices of those described */
    size_t nlaunches;
    struct described_array *arrays;
    size_t narrays;
    struct described_scalar *scalars;
    size_t nscalars;
    const char *grid[3], *block[3], *cluster[3]; /* as C++; cluster[0] NULL: none */
    unsigned smem;
    const char **remarks; /* what the user should know */
    size_t nremarks;
    const char **reasons; /* why no annotation can say this; none: it can */
    size_t nreasons;
};

struct description describe(struct captured *c, const struct captured_kernel *k);
/* the array of a launch that is meant; NULL when the launch has none there */
struct captured_array *described_in(const struct captured_launch *l,
                                    const struct described_array *a);

#endif
