/* tests/bench/constraint.h - the constraints of recorded spaces, which are expressions of Python,
 * as those of where(). */
#ifndef KS_BENCH_CONSTRAINT_H
#define KS_BENCH_CONSTRAINT_H

#include "runtime/base/buf.h"
#include "runtime/base/error.h"

/* Appends the same expression with C's operators: and, or, not, chained comparisons, `in`, // and
 * calls of min, max and abs. A quotient is taken to be whole, as it is wherever such a constraint
 * means something. -1 with what could not be read, and where */
int constraint_translate(const char *python, struct buf *c, struct error *err);

#endif
