/* driver/build/launch_variable.h - launches of a kernel that a variable of the function holds, as
 * it is written where attributes of the kernel are set too:
 *
 *   auto kernel = &a::step<T, 4>;
 *   cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, smem);
 *   kernel<<<grid, 256, smem, stream>>>(x, n);
 *
 * The variable must be `auto`, must be given the kernel where it is declared, and nothing else
 * later. */
#ifndef KS_LAUNCH_VARIABLE_H
#define KS_LAUNCH_VARIABLE_H

#include "driver/build/copy.h"
#include "driver/build/launch_text.h"

struct launch_held {
    size_t name;        /* token of the kernel's name */
    struct span kernel; /* with its qualifiers and template arguments */
};

/* the kernel that the variable at token t of r, the file's code, holds; false where it is no such
 * variable */
bool launch_variable(const struct copy *c, const struct launch_text *r, size_t t,
                     struct launch_held *out);

#endif
