/* driver/search/twins.h - which variants are one and the same, however they are written. */
#ifndef KS_TWINS_H
#define KS_TWINS_H

#include <stdbool.h>
#include <stdint.h>
#include "driver/lang/spec.h"

/* Of two variants with the same machine code: is all else alike, too? a and b have values one a
 * tunable of their specs, which are of one entry. Knobs change nothing but the code, and so does a
 * tunable that the file mentions in the entry's definition alone: no launch follows from it */
bool twins_are_alike(const struct spec *a, const int64_t *values_a, const struct spec *b,
                     const int64_t *values_b);

#endif
