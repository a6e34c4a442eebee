/* clause_parts.c - what stands between the parentheses: arrays, generators, values, domains. */
#include <stdlib.h>
#include <string.h>
#include "driver/lang/clause.h"
#include "driver/lang/expr_impl.h"
#include "runtime/base/arena.h"

/* the worker (runtime/worker/inputs.c) does what these promise */
static const struct generator GENERATORS[] = {
    {"zeros", {NULL}, 0, 0, "all bits zero; the only generator for elements of a class"},
    {"ones", {NULL}, 0, 0, "every element is 1"},
    {"const", {"value"}, 1, 1, "every element is `value`"},
    {"iota",
     {"start", "step"},
     0,
     2,
     "`start`, `start + step`, ... in the order of memory; `start` 0 and `step` 1 if not given"},
    {"normal",
     {"mean", "sd"},
     0,
     2,
     "normally distributed, independent; `mean` 0 and `sd` 1 if not given; floating point only, "
     "and its default"},
    {"uniform",
     {"lo", "hi"},
     0,
     2,
     "evenly distributed from `lo` to `hi`, independent; `lo` 0 and `hi` 1 if not given"},
    {"integers", {"lo", "hi"}, 2, 2, "whole numbers from `lo` to `hi`, both included, independent"},
    {"bernoulli", {"p"}, 0, 1, "1 with probability `p`, else 0; `p` 0.5 if not given"},
    {"permutation",
     {"n"},
     0,
     1,
     "different numbers of 0 .. `n` - 1 in random order; `n` is the number of elements if not "
     "given"},
    {"distinct",
     {"lo", "hi", "zipf"},
     2,
     3,
     "whole numbers from `lo` to `hi`, different within a row (the last extent); with `zipf` some "
     "values are frequent, with that exponent"},
    {"offsets",
     {"total", "spread"},
     1,
     2,
     "from 0, never falling, to `total` at the last element: the row pointer of a CSR matrix; cut "
     "at "
     "random, so many rows are short and few long, or with `spread` s each row evenly distributed "
     "from 1 - s to 1 + s times the mean"},
    {"sorted",
     {"lo", "hi"},
     0,
     2,
     "from `lo` to `hi`, never falling; `lo` 0 and `hi` 1 if not given"},
    {"simplex",
     {NULL},
     0,
     0,
     "0 or more, each row (the last extent) with the sum 1; floating point only"},
    {"file", {"path"}, 1, 1, "what the .npy file holds, in the shape that is asked for"},
};

enum { NGENERATORS = sizeof GENERATORS / sizeof *GENERATORS };

const struct generator *clause_generators(size_t *n)
{
    *n = NGENERATORS;
    return GENERATORS;
}

static const struct generator *find_generator(const char *name)
{
    for (size_t i = 0; i < NGENERATORS; i++)
        if (strcmp(name, GENERATORS[i].name) == 0)
            return &GENERATORS[i];
    return NULL;
}

static const char *nearest_generator(const char *name)
{
    const char *names[NGENERATORS];

    for (size_t i = 0; i < NGENERATORS; i++)
        names[i] = GENERATORS[i].name;
    return diag_nearest(name, names, NGENERATORS);
}

static const char *generator_names(struct arena *a)
{
    const char *list = GENERATORS[0].name;

    for (size_t i = 1; i < NGENERATORS; i++)
        list = arena_printf(a, "%s, %s", list, GENERATORS[i].name);
    return list;
}

/* --- generators --- */

/* "zeros takes no arguments", "integers takes 2: integers(lo, hi)" */
static bool wrong_arguments(struct cursor *c, const struct generator *g, size_t at)
{
    const char *list = "";

    for (size_t i = 0; i < g->most; i++)
        list = arena_printf(c->arena, "%s%s%s", list, i ? ", " : "", g->params[i]);
    if (g->most == 0)
        cursor_error(c, at, "'%s' takes no arguments", g->name);
    else
        cursor_error(c, at, "'%s' takes %s%zu argument%s: %s(%s)", g->name,
                     g->least < g->most ? "up to " : "", g->most, g->most == 1 ? "" : "s", g->name,
                     list);
    return false;
}

static bool known_parameter(const struct generator *g, const char *name)
{
    for (size_t i = 0; i < g->most; i++)
        if (strcmp(g->params[i], name) == 0)
            return true;
    return false;
}

static bool parse_gen_arg(struct cursor *c, const struct generator *g, struct gen *gen)
{
    size_t index = gen->nargs, at = cursor_peek(c)->span.at;
    struct gen_arg *arg = arena_push(c->arena, gen->args, gen->nargs);

    if (index >= g->most)
        return wrong_arguments(c, g, at);
    if (cursor_peek(c)->kind == TOKEN_NAME && cursor_is_ahead(c, 1, "=") &&
        !cursor_is_ahead(c, 2, "=")) {
        arg->name = cursor_name(c, "a name", NULL);
        if (!known_parameter(g, arg->name))
            return wrong_arguments(c, g, at);
        cursor_next(c); /* = */
    } else if (index > 0 && gen->args[index - 1].name) {
        cursor_error(c, at, "an argument without a name behind one with a name");
        return false;
    }
    for (size_t i = 0; i < index; i++) {
        const char *other = gen->args[i].name ? gen->args[i].name : g->params[i];
        if (arg->name && strcmp(other, arg->name) == 0) {
            cursor_error(c, at, "'%s' is given twice", arg->name);
            return false;
        }
    }
    if (cursor_peek(c)->kind == TOKEN_STRING && strcmp(g->name, "file") == 0) {
        arg->is_string = true;
        arg->string = cursor_string(c, "a file's name");
        return arg->string != NULL;
    }
    if (strcmp(g->name, "file") == 0 || cursor_peek(c)->kind == TOKEN_STRING) {
        cursor_expected(c, strcmp(g->name, "file") == 0 ? "a file's name in quotes" : "a number");
        return false;
    }
    return cursor_cxx(c, "a number", 0, &arg->value);
}

/* a generator at the cursor, known by its name */
static bool clause_generator(struct cursor *c, struct gen *gen)
{
    const char *name = cursor_name(c, "a generator", &gen->at);
    const struct generator *g = name ? find_generator(name) : NULL;
    const char *near;

    if (!name)
        return false;
    if (!g) {
        near = nearest_generator(name);
        if (near)
            cursor_error(c, gen->at.at, "unknown generator '%s'; did you mean '%s'?", name, near);
        else
            cursor_error(c, gen->at.at, "unknown generator '%s'; there are %s", name,
                         generator_names(c->arena));
        return false;
    }
    gen->name = name;
    if (cursor_take(c, "(") && !cursor_take(c, ")")) {
        do {
            if (!parse_gen_arg(c, g, gen))
                return false;
        } while (cursor_take(c, ","));
        if (!cursor_expect(c, ")"))
            return false;
    }
    if (gen->nargs < g->least)
        return wrong_arguments(c, g, gen->at.at);
    gen->at.end = c->token[c->i - 1].span.end;
    return true;
}

/* --- arrays --- */

static bool parse_extents(struct cursor *c, struct array *array)
{
    while (cursor_take(c, "[")) {
        struct cxx *extent = arena_push(c->arena, array->extents, array->nextents);
        if (!cursor_cxx(c, "an extent", 0, extent) || !cursor_expect(c, "]"))
            return false;
    }
    if (array->nextents > 0)
        return true;
    cursor_error(c, cursor_peek(c)->span.at, "array '%s' needs an extent, as in %s[n]", array->name,
                 array->name);
    return false;
}

/* the type behind `as`: up to `=`, the closing parenthesis, or a comma that the next array's
 * name and bracket follow */
static bool parse_as(struct cursor *c, struct array *array)
{
    struct cxx part;
    size_t first = c->i;

    for (;;) {
        if (!cursor_cxx(c, "a type", '=', &part))
            return false;
        if (!cursor_is(c, ",") ||
            (cursor_ahead(c, 1)->kind == TOKEN_NAME && cursor_is_ahead(c, 2, "[")))
            break;
        cursor_next(c);
    }
    array->as.at = (struct span){c->token[first].span.at, part.at.end};
    array->as.text = cursor_text(c->arena, c->src, array->as.at);
    return true;
}

/* `const float *x[n]`: the name that its extents follow; NULL where no type stands before it */
static const char *typed_name(const struct cursor *c)
{
    size_t k = 0;

    while (cursor_ahead(c, k)->kind == TOKEN_NAME || cursor_is_ahead(c, k, "*") ||
           cursor_is_ahead(c, k, "&") || cursor_is_ahead(c, k, ":"))
        k++;
    if (k < 2 || !cursor_is_ahead(c, k, "[") || cursor_ahead(c, k - 1)->kind != TOKEN_NAME)
        return NULL;
    return source_copy(c->arena, c->src, cursor_ahead(c, k - 1)->span);
}

bool clause_array(struct cursor *c, struct array *array)
{
    const char *typed = typed_name(c);

    if (typed) {
        cursor_error(c, cursor_peek(c)->span.at,
                     "the type of '%s' is that of the parameter: write the name alone, as in %s[n]",
                     typed, typed);
        return false;
    }
    array->check = (struct check){false, -1, -1, -1, -1, {0}};
    array->param = -1;
    array->name = cursor_name(c, "an array's name", &array->at);
    if (!array->name || !parse_extents(c, array))
        return false;
    if (cursor_take(c, "as") && !parse_as(c, array))
        return false;
    return !cursor_take(c, "=") || clause_generator(c, &array->gen);
}

/* --- workload, test --- */

static bool parse_weight(struct cursor *c, struct bind *bind)
{
    const struct token *t = cursor_peek(c);
    const char *text = source_copy(c->arena, c->src, t->span);
    char *end;

    if (t->kind == TOKEN_NUMBER) {
        bind->weight = strtod(text, &end);
        if (*end == '\0' && bind->weight > 0 && bind->weight <= 1e9) {
            cursor_next(c);
            return true;
        }
    }
    cursor_error(c, t->span.at, "a weight is a number above 0");
    return false;
}

/* a generator, if the name at the cursor is one's or can be nothing else; or an expression */
static bool parse_value(struct cursor *c, struct bind_value *value)
{
    const struct token *t = cursor_peek(c);
    const char *name = t->kind == TOKEN_NAME ? source_copy(c->arena, c->src, t->span) : "";
    bool call = cursor_is_ahead(c, 1, "(") && strcmp(name, "cdiv") != 0 &&
                strcmp(name, "min") != 0 && strcmp(name, "max") != 0;

    value->at = t->span;
    if (*name && (call || find_generator(name)))
        return clause_generator(c, &value->gen);
    value->expr = expr_parse(c);
    if (value->expr)
        value->at = expr_span(value->expr);
    return value->expr != NULL;
}

/* does `name =` come next, so that the next comma ends this bind? */
static bool next_bind(const struct cursor *c)
{
    return cursor_ahead(c, 1)->kind == TOKEN_NAME && cursor_is_ahead(c, 2, "=") &&
           !cursor_is_ahead(c, 3, "=");
}

bool clause_bind(struct cursor *c, struct bind *bind, bool weight)
{
    bind->name = cursor_name(c, "a dimension's name", &bind->at);
    if (!bind->name || !cursor_expect(c, "="))
        return false;
    if (strcmp(bind->name, "weight") == 0) {
        if (weight)
            return parse_weight(c, bind);
        cursor_error(c, bind->at.at, "a test has no weight: it is checked, never timed");
        return false;
    }
    do {
        if (bind->nvalues == POINT_LIMIT) {
            cursor_error(c, bind->at.at, "more than %d workloads and tests", POINT_LIMIT);
            return false;
        }
        if (!parse_value(c, arena_push(c->arena, bind->values, bind->nvalues)))
            return false;
    } while (cursor_is(c, ",") && !next_bind(c) && cursor_take(c, ","));
    return true;
}

/* --- launch, tune --- */

const struct word launch_words[] = {
    [LAUNCH_GRID] = {"grid", "grid = X or grid = (X, Y, Z)", "blocks; must be given"},
    [LAUNCH_BLOCK] = {"block", "block = X or block = (X, Y, Z)",
                      "threads of a block; must be given"},
    [LAUNCH_CLUSTER] = {"cluster", "cluster = X or cluster = (X, Y, Z)",
                        "blocks of a cluster; none if not given"},
    [LAUNCH_SMEM] = {"smem", "smem = BYTES", "dynamic shared memory of a block; 0 if not given"},
    {NULL, NULL, NULL},
};

const struct word domain_words[] = {
    {"range", "range(LOWEST, HIGHEST [, STEP])",
     "LOWEST, LOWEST + STEP, ... up to HIGHEST; STEP is 1 if not given"},
    {"pow2", "pow2(LOWEST, HIGHEST)", "the powers of two from LOWEST to HIGHEST"},
    {NULL, NULL, NULL},
};

/* steps into `(x, y, z)`, or `dim3(x, y, z)` */
static bool take_tuple(struct cursor *c)
{
    size_t first = c->i;

    if (cursor_is_ahead(c, 1, "("))
        cursor_take(c, "dim3");
    if (!cursor_is_tuple(c)) {
        c->i = first;
        return false;
    }
    cursor_next(c);
    return true;
}

bool clause_launch_dim(struct cursor *c, struct launch_dim *dim)
{
    const char *name = cursor_name(c, "grid, block, cluster or smem", &dim->at);
    size_t part = 0;
    bool tuple;

    if (!name)
        return false;
    while (launch_words[part].word && strcmp(name, launch_words[part].word) != 0)
        part++;
    if (!launch_words[part].word) {
        c->misread = true;
        cursor_error(c, dim->at.at, "launch() knows grid, block, cluster and smem, not '%s'", name);
        return false;
    }
    dim->part = (enum launch_part)part;
    if (!cursor_expect(c, "="))
        return false;
    tuple = dim->part != LAUNCH_SMEM && take_tuple(c);
    do {
        if (dim->n == 3) {
            cursor_error(c, cursor_peek(c)->span.at, "'%s' has at most three dimensions", name);
            return false;
        }
        if (!cursor_cxx(c, "an expression", 0, &dim->value[dim->n++]))
            return false;
    } while (tuple && cursor_take(c, ","));
    return !tuple || cursor_expect(c, ")");
}

bool clause_domain(struct cursor *c, struct domain *domain)
{
    size_t first = c->i, least = 1, most = SIZE_MAX;
    bool call = cursor_is_ahead(c, 1, "(");

    domain->at = cursor_peek(c)->span;
    if (call && cursor_is(c, domain_words[0].word)) {
        domain->kind = DOMAIN_RANGE;
        least = 2, most = 3;
    } else if (call && cursor_is(c, domain_words[1].word)) {
        domain->kind = DOMAIN_POW2;
        least = most = 2;
    }
    if (domain->kind != DOMAIN_LIST)
        c->i += 2;
    do {
        struct expr *e;
        if (domain->n && cursor_peek(c)->kind == TOKEN_NAME && cursor_is_ahead(c, 1, "=") &&
            !cursor_is_ahead(c, 2, "=")) {
            cursor_error(c, cursor_peek(c)->span.at,
                         "each constant has a tune() of its own: tune(%s = ...)",
                         source_copy(c->arena, c->src, cursor_peek(c)->span));
            return false;
        }
        e = expr_parse(c);
        if (!e)
            return false;
        if (domain->n == VALUE_LIMIT) {
            cursor_error(c, domain->at.at, "more than %d values", VALUE_LIMIT);
            return false;
        }
        *arena_push(c->arena, domain->exprs, domain->n) = e;
    } while (cursor_take(c, ","));
    if (domain->kind != DOMAIN_LIST && !cursor_expect(c, ")"))
        return false;
    domain->at = (struct span){c->token[first].span.at, c->token[c->i - 1].span.end};
    if (domain->n >= least && domain->n <= most)
        return true;
    cursor_error(c, domain->at.at,
                 domain->kind == DOMAIN_POW2 ? "write pow2(lowest, highest)"
                                             : "write range(lowest, highest) or "
                                               "range(lowest, highest, step)");
    return false;
}
