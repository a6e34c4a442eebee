/* expr.c - what an expression is worth.
 *
 * Everything is a signed 64-bit integer; truth is 1 or 0. && || and ?: evaluate only what they
 * need, so that `d != 0 && n / d > 2` may be written. Whatever C leaves undefined is an error here.
 */
#include "driver/lang/expr_impl.h"

#include <string.h>

struct evaluation {
    expr_lookup *lookup;
    void *arg;
    struct error *err;
};

static int eval(const struct evaluation *v, const struct expr *e, int64_t *value);

static int overflow(const struct evaluation *v)
{
    return error_set(v->err, "the result does not fit 64 bits");
}

static int divide(const struct evaluation *v, enum expr_op op, int64_t a, int64_t b, int64_t *value)
{
    if (b == 0)
        return error_set(v->err, "division by zero");
    if (a == INT64_MIN && b == -1)
        return overflow(v);
    *value = op == EXPR_DIV ? a / b : a % b;
    return 0;
}

/* (a + b - 1) / b, as the harness's cdiv computes it */
static int cdiv(const struct evaluation *v, int64_t a, int64_t b, int64_t *value)
{
    int64_t sum;

    if (__builtin_add_overflow(a, b, &sum) || __builtin_sub_overflow(sum, 1, &sum))
        return overflow(v);
    return divide(v, EXPR_DIV, sum, b, value);
}

static int shift(const struct evaluation *v, enum expr_op op, int64_t a, int64_t b, int64_t *value)
{
    if (b < 0 || b > 63)
        return error_set(v->err, "a shift by %lld bits", (long long)b);
    if (op ==
        EXPR_SHR) { /* of negative numbers as every compiler does it: towards minus infinity */
        *value = a < 0 ? ~(~a >> b) : a >> b;
        return 0;
    }
    *value = (int64_t)((uint64_t)a << b);
    return (*value < 0 ? ~(~*value >> b) : *value >> b) == a ? 0 : overflow(v);
}

static int binary(const struct evaluation *v, enum expr_op op, int64_t a, int64_t b, int64_t *value)
{
    switch (op) {
    case EXPR_ADD:
        return __builtin_add_overflow(a, b, value) ? overflow(v) : 0;
    case EXPR_SUB:
        return __builtin_sub_overflow(a, b, value) ? overflow(v) : 0;
    case EXPR_MUL:
        return __builtin_mul_overflow(a, b, value) ? overflow(v) : 0;
    case EXPR_DIV:
    case EXPR_MOD:
        return divide(v, op, a, b, value);
    case EXPR_SHL:
    case EXPR_SHR:
        return shift(v, op, a, b, value);
    case EXPR_CDIV:
        return cdiv(v, a, b, value);
    case EXPR_BITOR:
        *value = a | b;
        return 0;
    case EXPR_XOR:
        *value = a ^ b;
        return 0;
    case EXPR_BITAND:
        *value = a & b;
        return 0;
    case EXPR_EQ:
        *value = a == b;
        return 0;
    case EXPR_NE:
        *value = a != b;
        return 0;
    case EXPR_LT:
        *value = a < b;
        return 0;
    case EXPR_LE:
        *value = a <= b;
        return 0;
    case EXPR_GT:
        *value = a > b;
        return 0;
    case EXPR_GE:
        *value = a >= b;
        return 0;
    case EXPR_MIN:
        *value = a < b ? a : b;
        return 0;
    default:
        *value = a > b ? a : b;
        return 0;
    }
}

static int unary(const struct evaluation *v, enum expr_op op, int64_t a, int64_t *value)
{
    if (op == EXPR_NEG)
        return __builtin_sub_overflow((int64_t)0, a, value) ? overflow(v) : 0;
    *value = op == EXPR_NOT ? !a : ~a;
    return 0;
}

/* || and &&: the second part only counts when the first has not decided */
static int either(const struct evaluation *v, const struct expr *e, int64_t *value)
{
    int64_t a;

    if (eval(v, e->a, &a))
        return -1;
    *value = a != 0;
    if (*value == (e->op == EXPR_OR))
        return 0;
    if (eval(v, e->b, &a))
        return -1;
    *value = a != 0;
    return 0;
}

static int eval(const struct evaluation *v, const struct expr *e, int64_t *value)
{
    int64_t a = 0, b = 0;

    switch (e->op) {
    case EXPR_NUMBER:
        *value = e->value;
        return 0;
    case EXPR_NAME:
        if (v->lookup && v->lookup(v->arg, e->name, value))
            return 0;
        return error_set(v->err, "'%s' has no value", e->name);
    case EXPR_NEG:
    case EXPR_NOT:
    case EXPR_INVERT:
        return eval(v, e->a, &a) ? -1 : unary(v, e->op, a, value);
    case EXPR_OR:
    case EXPR_AND:
        return either(v, e, value);
    case EXPR_IF:
        if (eval(v, e->a, &a))
            return -1;
        return eval(v, a ? e->b : e->c, value);
    default:
        if (eval(v, e->a, &a) || eval(v, e->b, &b))
            return -1;
        return binary(v, e->op, a, b, value);
    }
}

int expr_eval(const struct expr *e, expr_lookup *lookup, void *arg, int64_t *value,
              struct error *err)
{
    struct evaluation v = {lookup, arg, err};

    return eval(&v, e, value);
}

void expr_names(const struct expr *e, void (*visit)(void *arg, const char *name, struct span at),
                void *arg)
{
    if (!e)
        return;
    if (e->op == EXPR_NAME)
        visit(arg, e->name, e->at);
    expr_names(e->a, visit, arg);
    expr_names(e->b, visit, arg);
    expr_names(e->c, visit, arg);
}

struct span expr_span(const struct expr *e)
{
    return e->at;
}
