/* driver/capture/type.h - the types of kernels' parameters, from their text.
 *
 * Both what a demangler prints ("float const*") and what a programmer writes
 * ("const float *__restrict__") is understood. */
#ifndef KS_CAPTURE_TYPE_H
#define KS_CAPTURE_TYPE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum scalar {
    SCALAR_UNKNOWN, /* a class, an enumeration, void, what is not known */
    SCALAR_FLOAT,   /* of 2, 4 or 8 bytes */
    SCALAR_BFLOAT,
    SCALAR_SIGNED,
    SCALAR_UNSIGNED,
    SCALAR_BOOL,
    SCALAR_BITS, /* a number that NumPy does not know: fp8 */
};

struct type {
    const char *name; /* without const and the like, pointers and references: "float" */
    size_t pointers;  /* how many * */
    bool is_const;    /* of what the last pointer points to, or of the value */
    enum scalar scalar;
    size_t size;  /* of a scalar; 0: unknown */
    size_t lanes; /* 4 in float4, 1 elsewhere */
};

struct type type_read(struct arena *a, const char *text);
/* NumPy's name of a scalar, "<f4"; of an unknown one of `size` bytes "|V<size>", of none "|u1" */
const char *type_descr(struct arena *a, const struct type *t, size_t size);
/* the value of a scalar of so many bytes as a C++ literal; NULL for what has none. *integer, unless
 * NULL, is set for whole numbers (and is_integer tells) */
const char *type_value(struct arena *a, const struct type *t, const unsigned char *bytes,
                       size_t size, long long *integer, bool *is_integer);

#endif
