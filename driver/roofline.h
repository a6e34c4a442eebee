/* driver/roofline.h - a roofline as text: operations a second against operations a byte, both axes
 * logarithmic; what memory allows is a slope, what arithmetic allows a flat roof, and the codes are
 * letters beneath. */
#ifndef KS_ROOFLINE_H
#define KS_ROOFLINE_H

#include <stddef.h>
#include "runtime/base/buf.h"

enum { ROOFLINE_WIDTH = 78, ROOFLINE_POINTS = 26 };

struct roofline_roof {
    const char *name; /* "f32" */
    double ops;       /* a second */
};

struct roofline_point {
    const char *name;
    double intensity; /* operations a byte */
    double rate;      /* operations a second */
    double roof;      /* of its kind of operations; 0: the highest */
};

/* Draws into ROOFLINE_WIDTH columns. Nothing without a bandwidth, a roof and a point; points with
 * no operations have no place, and what is beyond ROOFLINE_POINTS is left out */
void roofline_text(double bandwidth, const struct roofline_roof *roofs, size_t nroofs,
                   const struct roofline_point *points, size_t npoints, struct buf *out);
/* "4.27 T", three digits of a number with its thousands' letter */
void roofline_number(double x, struct buf *out);

#endif
