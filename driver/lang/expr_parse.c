/* expr_parse.c - from tokens to an expression's tree.
 *
 * Precedence climbing over one table. Nesting and height are limited, so that neither reading nor
 * evaluating a hostile text can use up the stack. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "driver/lang/expr_impl.h"
#include "runtime/base/arena.h"

enum { NESTING_LIMIT = 200, HEIGHT_LIMIT = 2000, NODE_LIMIT = 10000 };

/* the longer of two operators that begin alike comes first; a level is a row of operator_words */
static const struct {
    const char *text;
    unsigned op;
    int level;
} OPERATORS[] = {
    {"||", INTEGER_OR, 1},    {"&&", INTEGER_AND, 2},  {"==", INTEGER_EQ, 6},
    {"!=", INTEGER_NE, 6},    {"<<", INTEGER_SHL, 8},  {">>", INTEGER_SHR, 8},
    {"<=", INTEGER_LE, 7},    {">=", INTEGER_GE, 7},   {"<", INTEGER_LT, 7},
    {">", INTEGER_GT, 7},     {"|", INTEGER_BITOR, 3}, {"^", INTEGER_XOR, 4},
    {"&", INTEGER_BITAND, 5}, {"+", INTEGER_ADD, 9},   {"-", INTEGER_SUB, 9},
    {"*", INTEGER_MUL, 10},   {"/", INTEGER_DIV, 10},  {"%", INTEGER_MOD, 10},
};

enum { NOPERATORS = sizeof OPERATORS / sizeof *OPERATORS };

const struct word operator_words[] = {
    {"?:", "a ? b : c", "only the part that is chosen is computed"},
    {"or", "a || b", "1 or 0; b is computed only where a is 0"},
    {"and", "a && b", "1 or 0; b is computed only where a is not 0"},
    {"bitor", "a | b", "bit by bit"},
    {"xor", "a ^ b", "bit by bit"},
    {"bitand", "a & b", "bit by bit"},
    {"equal", "a == b, a != b", "1 or 0"},
    {"less", "a < b, a <= b, a > b, a >= b", "1 or 0"},
    {"shift", "a << b, a >> b",
     "b from 0 to 63; no bit that counts may be lost to the left; of a negative a towards minus "
     "infinity"},
    {"sum", "a + b, a - b", "a sum, a difference"},
    {"product", "a * b, a / b, a % b",
     "a quotient is rounded towards 0, and a remainder has the sign of a"},
    {"unary", "-a, +a, !a, ~a", "negative, as it is, 1 or 0 for not, every bit inverted"},
    {NULL, NULL, NULL},
};

const struct word call_words[] = {
    {"cdiv", "cdiv(a, b)", "a / b rounded up, for numbers that are not negative: (a + b - 1) / b"},
    {"min", "min(a, b, ...)", "the least of two or more"},
    {"max", "max(a, b, ...)", "the greatest of two or more"},
    {NULL, NULL, NULL},
};

const struct word gpu_words[] = {
    {"sms", "gpu.sms", "multiprocessors"},
    {"smem", "gpu.smem", "bytes of shared memory that a block may have"},
    {"regs", "gpu.regs", "registers that a block may have"},
    {"l2", "gpu.l2", "bytes of the L2 cache"},
    {NULL, NULL, NULL},
};

static struct expr *parse_if(struct cursor *c);

static unsigned height(const struct expr *e)
{
    return e ? e->height : 0;
}

/* NULL when the tree would be too high */
static struct expr *node(struct cursor *c, unsigned op, struct span at, struct expr *a,
                         struct expr *b, struct expr *third)
{
    struct expr *e = arena_alloc(c->arena, sizeof *e);

    *e = (struct expr){.op = op, .at = at, .a = a, .b = b, .c = third};
    e->height = height(a) > height(b) ? height(a) : height(b);
    if (height(third) > e->height)
        e->height = height(third);
    if (++e->height <= HEIGHT_LIMIT && ++c->nodes <= NODE_LIMIT)
        return e;
    cursor_error(c, at.at, "this expression is too long");
    return NULL;
}

/* --- numbers --- */

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/* u l ul ll ull z uz in any case and order that C++ knows; leniently: any of these letters */
static bool is_suffix(const char *p, const char *end)
{
    if (end - p > 3)
        return false;
    for (; p < end; p++)
        if (!strchr("uUlLzZ", *p) || *p == '\0')
            return false;
    return true;
}

int expr_number(const char *text, size_t len, int64_t *value)
{
    const char *p = text, *end = text + len;
    int base = 10;
    bool digits = false;

    if (len > 1 && p[0] == '0') {
        base = p[1] == 'x' || p[1] == 'X' ? 16 : p[1] == 'b' || p[1] == 'B' ? 2 : 8;
        p += base == 8 ? 0 : 2;
    }
    *value = 0;
    for (; p < end; p++) {
        if (*p == '\'')
            continue;
        if (digit_value(*p) >= base)
            break;
        digits = true;
        if (__builtin_mul_overflow(*value, (int64_t)base, value) ||
            __builtin_add_overflow(*value, (int64_t)digit_value(*p), value))
            return -1;
    }
    return digits && is_suffix(p, end) ? 0 : -1;
}

static struct expr *parse_number(struct cursor *c)
{
    const struct token *t = cursor_next(c);
    struct expr *e = node(c, EXPR_NUMBER, t->span, NULL, NULL, NULL);

    if (!e)
        return NULL;
    if (expr_number(c->src->text + t->span.at, t->span.end - t->span.at, &e->value) == 0)
        return e;
    cursor_error(c, t->span.at, "'%s' is not an integer of 64 bits",
                 cursor_text(c->arena, c->src, t->span));
    return NULL;
}

/* --- names and calls --- */

/* behind "min(" and the like: two arguments, or more for min and max */
static struct expr *parse_call(struct cursor *c, unsigned op, struct span at)
{
    struct expr *e = parse_if(c);
    size_t n = 1;

    while (e && (n < 2 || (op != INTEGER_CDIV && cursor_is(c, ",")))) {
        struct expr *next;
        if (!cursor_expect(c, ",") || !(next = parse_if(c)))
            return NULL;
        e = node(c, op, at, e, next, NULL);
        n++;
    }
    if (!e || !cursor_expect(c, ")"))
        return NULL;
    e->at.end = c->token[c->i - 1].span.end;
    return e;
}

static struct expr *parse_gpu(struct cursor *c, struct span at)
{
    const char *names[8], *name, *near;
    size_t n = 0;
    struct span field;
    struct expr *e;

    cursor_next(c); /* . */
    name = cursor_name(c, "sms, smem, regs or l2", &field);
    if (!name)
        return NULL;
    for (; gpu_words[n].word; n++) {
        names[n] = gpu_words[n].word;
        if (strcmp(name, names[n]) != 0)
            continue;
        e = node(c, EXPR_NAME, (struct span){at.at, field.end}, NULL, NULL, NULL);
        if (!e)
            return NULL;
        e->name = arena_printf(c->arena, "gpu.%s", name);
        return e;
    }
    near = diag_nearest(name, names, n);
    cursor_error(c, field.at, "gpu has no '%s'%s%s%s", name,
                 near ? "; did you mean '" : "; it has sms, smem, regs and l2", near ? near : "",
                 near ? "'?" : "");
    return NULL;
}

static struct expr *parse_name(struct cursor *c)
{
    static const unsigned OPS[] = {INTEGER_CDIV, INTEGER_MIN, INTEGER_MAX};
    struct span at;
    const char *name = cursor_qname(c, "a name", &at);
    struct expr *e;

    if (!name)
        return NULL;
    if (cursor_is(c, "(")) {
        for (size_t i = 0; call_words[i].word; i++) {
            if (strcmp(name, call_words[i].word) == 0) {
                cursor_next(c);
                return parse_call(c, OPS[i], at);
            }
        }
        cursor_error(c, at.at, "'%s' cannot be called here: expressions know cdiv, min and max",
                     name);
        return NULL;
    }
    if (strcmp(name, "gpu") == 0 && cursor_is(c, "."))
        return parse_gpu(c, at);
    e = node(c, EXPR_NAME, at, NULL, NULL, NULL);
    if (!e)
        return NULL;
    e->name = name;
    if (strcmp(name, "true") == 0 || strcmp(name, "false") == 0) {
        e->op = EXPR_NUMBER;
        e->value = *name == 't';
    }
    return e;
}

/* --- the grammar --- */

static struct expr *parse_primary(struct cursor *c)
{
    const struct token *t = cursor_peek(c);
    struct expr *e;

    if (t->kind == TOKEN_NUMBER)
        return parse_number(c);
    if (t->kind == TOKEN_NAME || cursor_is(c, "::"))
        return parse_name(c);
    if (!cursor_is(c, "(")) {
        cursor_expected(c, "an expression");
        return NULL;
    }
    cursor_next(c);
    e = parse_if(c);
    if (!e || !cursor_expect(c, ")"))
        return NULL;
    e->at = (struct span){t->span.at, c->token[c->i - 1].span.end};
    return e;
}

static struct expr *parse_unary(struct cursor *c)
{
    struct span at = cursor_peek(c)->span;
    struct expr *e;
    unsigned op;

    if (cursor_is(c, "-"))
        op = INTEGER_NEG;
    else if (cursor_is(c, "!"))
        op = INTEGER_NOT;
    else if (cursor_is(c, "~"))
        op = INTEGER_INVERT;
    else if (!cursor_is(c, "+"))
        return parse_primary(c);
    else
        op = INTEGER_ADD; /* says nothing */
    cursor_next(c);
    if (++c->depth > NESTING_LIMIT) {
        cursor_error(c, at.at, "this expression is nested too deeply");
        return NULL;
    }
    e = parse_unary(c);
    c->depth--;
    return !e || op == INTEGER_ADD ? e
                                   : node(c, op, (struct span){at.at, e->at.end}, e, NULL, NULL);
}

/* the binary operator at the cursor, NOPERATORS when there is none */
static size_t find_operator(const struct cursor *c)
{
    const struct token *t = cursor_peek(c);
    size_t i = 0;

    if (t->kind != TOKEN_PUNCT || !strchr("|&=!<>^+-*/%", c->src->text[t->span.at]))
        return NOPERATORS;
    while (i < NOPERATORS && !cursor_is(c, OPERATORS[i].text))
        i++;
    return i;
}

static bool is_decimal(const struct cursor *c, const struct token *t, int64_t *value)
{
    const char *text = c->src->text + t->span.at;

    return t->kind == TOKEN_NUMBER && *text != '0' &&
           expr_number(text, t->span.end - t->span.at, value) == 0;
}

/* Who writes 10^6 means a power. Bits are not written in decimal, so whoever means them can say so
 */
static void warn_of_power(struct cursor *c)
{
    const struct token *base = &c->token[c->i - 1], *exponent = &c->token[c->i + 1];
    const char *instead = "";
    int64_t a, b, power = 1;
    bool fits = true;

    if (!c->diag || !is_decimal(c, base, &a) || !is_decimal(c, exponent, &b))
        return;
    for (int64_t i = 0; i < b && i < 64 && fits; i++)
        fits = !__builtin_mul_overflow(power, a, &power);
    if (fits && a == 2)
        instead = arena_printf(c->arena, "(1 << %lld) for the power, ", (long long)b);
    else if (fits)
        instead = arena_printf(c->arena, "%lld for the power, ", (long long)power);
    diag_warning(
        c->diag, c->src, base->span.at,
        "%lld^%lld is %lld, as '^' is exclusive or, bit by bit: write %s0x%llx^%lld for the "
        "bits",
        (long long)a, (long long)b, (long long)(a ^ b), instead, (unsigned long long)a,
        (long long)b);
}

static struct expr *parse_binary(struct cursor *c, int level)
{
    struct expr *left = parse_unary(c);

    while (left) {
        size_t i = find_operator(c);
        struct expr *right;
        if (i == NOPERATORS || OPERATORS[i].level < level)
            break;
        if (OPERATORS[i].op == INTEGER_XOR)
            warn_of_power(c);
        for (size_t k = strlen(OPERATORS[i].text); k > 0; k--)
            cursor_next(c);
        right = parse_binary(c, OPERATORS[i].level + 1);
        if (!right)
            return NULL;
        left =
            node(c, OPERATORS[i].op, (struct span){left->at.at, right->at.end}, left, right, NULL);
    }
    return left;
}

static struct expr *parse_choice(struct cursor *c)
{
    struct expr *e = parse_binary(c, 1), *then, *otherwise;

    if (!e || !cursor_take(c, "?"))
        return e;
    then = parse_if(c);
    if (!then || !cursor_expect(c, ":"))
        return NULL;
    otherwise = parse_if(c);
    if (!otherwise)
        return NULL;
    return node(c, INTEGER_IF, (struct span){e->at.at, otherwise->at.end}, e, then, otherwise);
}

static struct expr *parse_if(struct cursor *c)
{
    struct expr *e;

    if (++c->depth > NESTING_LIMIT) {
        cursor_error(c, cursor_peek(c)->span.at, "this expression is nested too deeply");
        return NULL;
    }
    e = parse_choice(c);
    c->depth--;
    return e;
}

struct expr *expr_parse(struct cursor *c)
{
    c->depth = 0;
    c->nodes = 0;
    return parse_if(c);
}
