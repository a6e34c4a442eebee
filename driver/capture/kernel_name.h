/* driver/capture/kernel_name.h - a kernel's name as a demangler prints it, taken apart. */
#ifndef KS_CAPTURE_KERNEL_NAME_H
#define KS_CAPTURE_KERNEL_NAME_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct kernel_name {
    const char *name;      /* "scale" */
    const char *qualified; /* "blas::scale" */
    const char **targs;    /* template arguments */
    size_t ntargs;
    const char **params; /* types */
    size_t nparams;
    bool has_params; /* false: a C name, which tells nothing of them */
};

/* "void blas::scale<float, 256>(float const*, int)"; a name without parentheses is one that tells
 * nothing of its parameters */
struct kernel_name kernel_name_read(struct arena *a, const char *demangled);

#endif
