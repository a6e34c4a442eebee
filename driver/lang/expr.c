/* expr.c - what an expression is worth.
 *
 * Everything is a signed 64-bit integer; truth is 1 or 0. && || and ?: evaluate only what they
 * need, so that `d != 0 && n / d > 2` may be written. Whatever C leaves undefined is an error here.
 */
#include "driver/lang/expr_impl.h"

struct evaluation {
    expr_lookup *lookup;
    void *arg;
    struct error *err;
};

static int eval(const struct evaluation *v, const struct expr *e, int64_t *value);

/* || and &&: the second part only counts when the first has not decided */
static int either(const struct evaluation *v, const struct expr *e, int64_t *value)
{
    int64_t a;

    if (eval(v, e->a, &a))
        return -1;
    *value = a != 0;
    if (*value == (e->op == INTEGER_OR))
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
    case INTEGER_NEG:
    case INTEGER_NOT:
    case INTEGER_INVERT:
        return eval(v, e->a, &a) ? -1 : integer_unary(e->op, a, value, v->err);
    case INTEGER_OR:
    case INTEGER_AND:
        return either(v, e, value);
    case INTEGER_IF:
        if (eval(v, e->a, &a))
            return -1;
        return eval(v, a ? e->b : e->c, value);
    default:
        if (eval(v, e->a, &a) || eval(v, e->b, &b))
            return -1;
        return integer_binary(e->op, a, b, value, v->err);
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
