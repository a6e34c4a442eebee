/* runtime/worker/errors.h - how the errors of a wrong output are distributed: a constant, a scale,
 * a few outliers and noise look alike in their first elements. */
#ifndef KS_ERRORS_H
#define KS_ERRORS_H

#include <jansson.h>
#include <stddef.h>
#include "runtime/worker/session.h"

struct errors {
    uint64_t n;               /* elements looked at */
    uint64_t equal;           /* to the bit */
    uint64_t none;            /* not a number, or infinite, on one side only */
    double median, p99, most; /* |got - expected| of those that differ, beside the output's rms */
    double mean;              /* of got - expected, of all numbers, beside the rms */
};

struct errors errors_of(const struct array *a, const void *got, const void *expected, uint64_t n,
                        double rms);
/* appends "; ..." to the text of a failure */
void errors_text(const struct errors *e, char *text, size_t cap);
json_t *errors_json(const struct errors *e);

#endif
