/* driver/lang/expr.h - the integer expressions of tune, where, workload, test, assume and budget.
 *
 * C operators with C precedence over 64-bit signed integers, calls of cdiv(a,b) min() max(),
 * qualified names, and gpu.sms gpu.smem gpu.regs gpu.l2; the tables are in expr_parse.c.
 * Overflow, division by zero and a shift out of range are errors of the evaluation, not traps. */
#ifndef KS_EXPR_H
#define KS_EXPR_H

#include <stddef.h>
#include <stdint.h>
#include "driver/lang/source.h"
#include "runtime/base/error.h"

struct expr; /* lives in an arena */

/* looks a name up ("BM", "gpu.smem", "blas::N"); returns 1 and *value, or 0 when there is none */
typedef int expr_lookup(void *arg, const char *name, int64_t *value);

/* 0 and *value, or -1 with what went wrong ("division by zero", "'N' has no value") */
int expr_eval(const struct expr *e, expr_lookup *lookup, void *arg, int64_t *value,
              struct error *err);
/* calls visit for every name in e, with its span, left to right */
void expr_names(const struct expr *e, void (*visit)(void *arg, const char *name, struct span at),
                void *arg);
struct span expr_span(const struct expr *e);

#endif
