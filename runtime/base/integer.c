#include "runtime/base/integer.h"

#include <string.h>

static const char *const TEXTS[INTEGER_OPS] = {
    "neg", "!",  "~",  "?",  "||", "&&", "|", "^", "&", "==",   "!=",  "<",   "<=",
    ">",   ">=", "<<", ">>", "+",  "-",  "*", "/", "%", "cdiv", "min", "max",
};

const char *integer_op_text(enum integer_op op)
{
    return TEXTS[op];
}

enum integer_op integer_op_find(const char *text)
{
    int op = 0;

    while (op < INTEGER_OPS && strcmp(text, TEXTS[op]) != 0)
        op++;
    return (enum integer_op)op;
}

int integer_op_values(enum integer_op op)
{
    return op <= INTEGER_INVERT ? 1 : op == INTEGER_IF ? 3 : 2;
}

static int overflow(struct error *err)
{
    return error_set(err, "the result does not fit 64 bits");
}

static int divide(enum integer_op op, int64_t a, int64_t b, int64_t *value, struct error *err)
{
    if (b == 0)
        return error_set(err, "division by zero");
    if (a == INT64_MIN && b == -1)
        return overflow(err);
    *value = op == INTEGER_DIV ? a / b : a % b;
    return 0;
}

/* (a + b - 1) / b, as the harness's cdiv computes it */
static int cdiv(int64_t a, int64_t b, int64_t *value, struct error *err)
{
    int64_t sum;

    if (__builtin_add_overflow(a, b, &sum) || __builtin_sub_overflow(sum, 1, &sum))
        return overflow(err);
    return divide(INTEGER_DIV, sum, b, value, err);
}

static int shift(enum integer_op op, int64_t a, int64_t b, int64_t *value, struct error *err)
{
    if (b < 0 || b > 63)
        return error_set(err, "a shift by %lld bits", (long long)b);
    if (op == INTEGER_SHR) { /* of negative numbers as every compiler does it: towards minus
                                infinity */
        *value = a < 0 ? ~(~a >> b) : a >> b;
        return 0;
    }
    *value = (int64_t)((uint64_t)a << b);
    return (*value < 0 ? ~(~*value >> b) : *value >> b) == a ? 0 : overflow(err);
}

int integer_unary(enum integer_op op, int64_t a, int64_t *value, struct error *err)
{
    if (op == INTEGER_NEG)
        return __builtin_sub_overflow((int64_t)0, a, value) ? overflow(err) : 0;
    *value = op == INTEGER_NOT ? !a : ~a;
    return 0;
}

int integer_binary(enum integer_op op, int64_t a, int64_t b, int64_t *value, struct error *err)
{
    switch (op) {
    case INTEGER_ADD:
        return __builtin_add_overflow(a, b, value) ? overflow(err) : 0;
    case INTEGER_SUB:
        return __builtin_sub_overflow(a, b, value) ? overflow(err) : 0;
    case INTEGER_MUL:
        return __builtin_mul_overflow(a, b, value) ? overflow(err) : 0;
    case INTEGER_DIV:
    case INTEGER_MOD:
        return divide(op, a, b, value, err);
    case INTEGER_SHL:
    case INTEGER_SHR:
        return shift(op, a, b, value, err);
    case INTEGER_CDIV:
        return cdiv(a, b, value, err);
    case INTEGER_BITOR:
        *value = a | b;
        return 0;
    case INTEGER_XOR:
        *value = a ^ b;
        return 0;
    case INTEGER_BITAND:
        *value = a & b;
        return 0;
    case INTEGER_EQ:
        *value = a == b;
        return 0;
    case INTEGER_NE:
        *value = a != b;
        return 0;
    case INTEGER_LT:
        *value = a < b;
        return 0;
    case INTEGER_LE:
        *value = a <= b;
        return 0;
    case INTEGER_GT:
        *value = a > b;
        return 0;
    case INTEGER_GE:
        *value = a >= b;
        return 0;
    case INTEGER_MIN:
        *value = a < b ? a : b;
        return 0;
    default:
        *value = a > b ? a : b;
        return 0;
    }
}
