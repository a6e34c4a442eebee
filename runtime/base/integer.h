/* runtime/base/integer.h - the operators of expressions, over 64-bit signed integers.
 *
 * Exact or an error: overflow, division by zero and a shift out of range are said, never wrapped or
 * trapped. The engine computes tunables, constraints and sizes with them, the worker the launches
 * of a plan, and runtime/include/ksearch_plan.cuh does the same in the emitted function; all three
 * must agree. */
#ifndef KS_INTEGER_H
#define KS_INTEGER_H

#include <stdint.h>
#include "runtime/base/error.h"

enum integer_op {
    INTEGER_NEG,
    INTEGER_NOT,
    INTEGER_INVERT,
    INTEGER_IF, /* the three that do not evaluate everything are their callers' business */
    INTEGER_OR,
    INTEGER_AND,
    INTEGER_BITOR,
    INTEGER_XOR,
    INTEGER_BITAND,
    INTEGER_EQ,
    INTEGER_NE,
    INTEGER_LT,
    INTEGER_LE,
    INTEGER_GT,
    INTEGER_GE,
    INTEGER_SHL,
    INTEGER_SHR,
    INTEGER_ADD,
    INTEGER_SUB,
    INTEGER_MUL,
    INTEGER_DIV,
    INTEGER_MOD,
    INTEGER_CDIV,
    INTEGER_MIN,
    INTEGER_MAX,
    INTEGER_OPS
};

/* "+", "cdiv": how an operator is written; INTEGER_NEG is "neg", INTEGER_IF "?" */
const char *integer_op_text(enum integer_op op);
/* the operator written so, INTEGER_OPS when there is none */
enum integer_op integer_op_find(const char *text);
/* how many values it takes: 1 to 3 */
int integer_op_values(enum integer_op op);

/* 0 and *value, or -1 with what went wrong */
int integer_unary(enum integer_op op, int64_t a, int64_t *value, struct error *err);
int integer_binary(enum integer_op op, int64_t a, int64_t b, int64_t *value, struct error *err);

#endif
