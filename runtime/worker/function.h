/* runtime/worker/function.h - one kernel of a cubin, and launching it within the GPU's limits. */
#ifndef KS_FUNCTION_H
#define KS_FUNCTION_H

#include <stdbool.h>
#include "runtime/worker/cuda.h"
#include "runtime/worker/refusal.h"

struct function {
    CUfunction handle;
    int regs, smem, local, threads; /* threads: a block at most */
    int dynamic;                    /* bytes of shared memory asked for so far beyond the usual */
    bool has_large_clusters;        /* was allowed more than the eight blocks that are portable */
};

/* a launch: grid x y z, block x y z, cluster x y z (0 0 0: none), dynamic shared bytes */
enum { LAUNCH_GRID, LAUNCH_BLOCK = 3, LAUNCH_CLUSTER = 6, LAUNCH_SMEM = 9, LAUNCH_NUMBERS };

/* finds the kernel by its mangled name, local ones too */
int function_find(struct function *f, CUmodule cubin, const char *symbol, struct refusal *r);
/* puts a launch into d's stream; an empty grid is none. params are the addresses of the values */
int function_launch(struct function *f, struct device *d, const unsigned g[LAUNCH_NUMBERS],
                    void **params, struct refusal *r);
/* the size of parameter i in bytes; 0 when there is none, -1 refused */
int function_param(const struct function *f, size_t i, size_t *size, struct refusal *r);

#endif
