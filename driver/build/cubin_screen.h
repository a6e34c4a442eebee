/* driver/build/cubin_screen.h - machine code of a model's structure, read for what kernels that
 * only compute do not have: state that outlives a launch, calls of the driver's services, a deep
 * stack. */
#ifndef KS_CUBIN_SCREEN_H
#define KS_CUBIN_SCREEN_H

#include <stddef.h>

struct buf;

struct cubin_screen {
    const void *original; /* the cubin of the original, or NULL: variables and services that it has
                             may be had */
    size_t original_len;
    size_t most_stack; /* bytes a thread; 0: CUBIN_STACK */
};

#define CUBIN_STACK ((size_t)16 * 1024)

/* 0; or -1 with one line a finding in errors, as for a compiler's messages. A cubin that cannot be
 * read is a finding */
int cubin_screen(const void *image, size_t len, const struct cubin_screen *limits,
                 struct buf *errors);

#endif
