/* plan_read.c - a request's plan, from JSON to a tree. */
#include <stdbool.h>
#include <string.h>
#include "runtime/worker/element.h"
#include "runtime/worker/plan_impl.h"

enum { DEPTH = 200, NUMBERS_MOST = 4096 };

struct reader {
    struct plan *plan;
    CUmodule cubin;
    struct refusal *r;
};

static int bad(const struct reader *rd, const char *what)
{
    return refuse(rd->r, REFUSE_PROTOCOL, "a plan with %s", what);
}

/* a small number of the object; -1 refused */
static int read_index(const struct reader *rd, const json_t *object, const char *key, size_t *index)
{
    const json_t *n = json_object_get(object, key);

    if (!json_is_integer(n) || json_integer_value(n) < 0 || json_integer_value(n) >= NUMBERS_MOST)
        return bad(rd, "an index that is none");
    *index = (size_t)json_integer_value(n);
    return 0;
}

static struct number *read_number(const struct reader *rd, const json_t *x, int depth);

static int leaf(const char *kind, const json_t *which, struct number *n)
{
    static const char *const GPU[] = {"sms", "smem", "regs", "l2"};
    const char *figure = json_string_value(which);

    if (strcmp(kind, "gpu") == 0 && figure) {
        n->kind = NUMBER_GPU;
        for (n->value = 0; n->value < 4; n->value++)
            if (strcmp(figure, GPU[n->value]) == 0)
                return 0;
        return -1;
    }
    n->kind = strcmp(kind, "let") == 0 ? NUMBER_LET : NUMBER_PARAM;
    n->value = json_integer_value(which);
    return (strcmp(kind, "let") == 0 || strcmp(kind, "param") == 0) && json_is_integer(which) &&
                   n->value >= 0 && n->value < NUMBERS_MOST
               ? 0
               : -1;
}

static int operation(const struct reader *rd, const json_t *x, enum integer_op op, struct number *n,
                     int depth)
{
    int values = integer_op_values(op);

    n->kind = (int)op;
    if (json_array_size(x) != (size_t)values + 1)
        return bad(rd, "an operator without its operands");
    n->a = read_number(rd, json_array_get(x, 1), depth + 1);
    n->b = values > 1 && n->a ? read_number(rd, json_array_get(x, 2), depth + 1) : NULL;
    n->c = values > 2 && n->b ? read_number(rd, json_array_get(x, 3), depth + 1) : NULL;
    return n->a && (values < 2 || n->b) && (values < 3 || n->c) ? 0 : -1;
}

/* NULL when refused */
static struct number *read_number(const struct reader *rd, const json_t *x, int depth)
{
    struct number *n = arena_alloc(rd->plan->arena, sizeof *n);
    const char *word = json_string_value(json_array_get(x, 0));
    enum integer_op op;

    if (json_is_integer(x)) {
        n->kind = NUMBER_VALUE;
        n->value = json_integer_value(x);
        return n;
    }
    if (!word || depth > DEPTH) {
        bad(rd, word ? "an expression nested too deeply" : "an expression that is none");
        return NULL;
    }
    op = integer_op_find(word);
    if (op < INTEGER_OPS)
        return operation(rd, x, op, n, depth) ? NULL : n;
    if (json_array_size(x) == 2 && leaf(word, json_array_get(x, 1), n) == 0)
        return n;
    bad(rd, "a name that means nothing");
    return NULL;
}

static int read_numbers(const struct reader *rd, const json_t *list, size_t most,
                        struct numbers *out)
{
    if (json_array_size(list) > most)
        return bad(rd, "too many dimensions");
    for (out->n = 0; out->n < json_array_size(list); out->n++) {
        out->number[out->n] = read_number(rd, json_array_get(list, out->n), 0);
        if (!out->number[out->n])
            return -1;
    }
    return 0;
}

/* "of": scratch or parameter of a map or a zero */
static int read_of(const struct reader *rd, const json_t *of, struct step *s)
{
    s->of_scratch = json_object_get(of, "scratch") != NULL;
    return read_index(rd, of, s->of_scratch ? "scratch" : "param", &s->of) ||
                   (!s->of_scratch && read_index(rd, of, "array", &s->array))
               ? -1
               : 0;
}

static int read_arg(const struct reader *rd, const json_t *x, struct arg *arg)
{
    static const char *const KINDS[] = {"param", "scratch", "map"};

    for (int k = 0; k < 3; k++)
        if (json_object_get(x, KINDS[k])) {
            arg->kind = (enum arg_kind)k;
            return read_index(rd, x, KINDS[k], &arg->index);
        }
    arg->kind = json_object_get(x, "int") ? ARG_INT : ARG_NULL;
    if (arg->kind == ARG_INT)
        return (arg->number = read_number(rd, json_object_get(x, "int"), 0)) ? 0 : -1;
    return json_object_get(x, "null") ? 0 : bad(rd, "an argument that is none");
}

static int read_run(const struct reader *rd, const json_t *x, struct step *s)
{
    const char *symbol = json_string_value(json_object_get(x, "symbol"));
    const json_t *smem = json_object_get(x, "smem"), *args = json_object_get(x, "args");
    struct plan *p = rd->plan;

    s->kind = STEP_RUN;
    if (!symbol)
        return bad(rd, "a launch of no kernel");
    s->function = p->nfunctions;
    if (function_find(arena_push(p->arena, p->functions, p->nfunctions), rd->cubin, symbol,
                      rd->r) ||
        read_numbers(rd, json_object_get(x, "grid"), 3, &s->grid) ||
        read_numbers(rd, json_object_get(x, "block"), 3, &s->block) ||
        read_numbers(rd, json_object_get(x, "cluster"), 3, &s->cluster))
        return -1;
    if (!json_is_null(smem) && !(s->smem = read_number(rd, smem, 0)))
        return -1;
    s->nargs = json_array_size(args);
    if (s->nargs > PARAMS_MOST)
        return bad(rd, "too many arguments");
    s->args = arena_array(p->arena, struct arg, s->nargs + 1);
    for (size_t i = 0; i < s->nargs; i++)
        if (read_arg(rd, json_array_get(args, i), &s->args[i]))
            return -1;
    return 0;
}

static int scratch_type(const char *name)
{
    static const struct {
        const char *name;
        int type;
    } TYPES[] = {{"float", ELEM_F32},   {"double", ELEM_F64},         {"__half", ELEM_F16},
                 {"half", ELEM_F16},    {"__nv_bfloat16", ELEM_BF16}, {"int", ELEM_I32},
                 {"unsigned", ELEM_U32}};

    for (size_t i = 0; name && i < sizeof TYPES / sizeof *TYPES; i++)
        if (strcmp(name, TYPES[i].name) == 0)
            return TYPES[i].type;
    return ELEM_OPAQUE;
}

static void count(size_t *n, size_t index)
{
    if (index >= *n)
        *n = index + 1;
}

static int read_step(const struct reader *rd, const json_t *x, struct step *s)
{
    struct plan *p = rd->plan;
    const json_t *extents = json_object_get(x, "extents");

    if (json_object_get(x, "let")) {
        s->kind = STEP_LET;
        if (read_index(rd, x, "let", &s->index))
            return -1;
        count(&p->nlets, s->index);
        return (s->value = read_number(rd, json_object_get(x, "value"), 0)) ? 0 : -1;
    }
    if (json_object_get(x, "scratch")) {
        s->kind = STEP_SCRATCH;
        s->size = (int)json_integer_value(json_object_get(x, "size"));
        s->type = scratch_type(json_string_value(json_object_get(x, "type")));
        if (s->size < 1 || s->size > 4096)
            return bad(rd, "scratch of elements without a size");
        if (read_index(rd, x, "scratch", &s->index) || read_numbers(rd, extents, RANK, &s->extents))
            return -1;
        count(&p->nscratch, s->index);
        return 0;
    }
    if (json_object_get(x, "map")) {
        s->kind = STEP_MAP;
        s->swizzle = (int)json_integer_value(json_object_get(x, "swizzle"));
        if (read_index(rd, x, "map", &s->index) || read_of(rd, json_object_get(x, "of"), s) ||
            read_numbers(rd, json_object_get(x, "dims"), RANK, &s->extents) ||
            read_numbers(rd, json_object_get(x, "box"), RANK, &s->box))
            return -1;
        count(&p->nmaps, s->index);
        return s->extents.n && s->extents.n == s->box.n ? 0 : bad(rd, "a map without a box");
    }
    if (json_object_get(x, "zero")) {
        s->kind = STEP_ZERO;
        return read_of(rd, json_object_get(x, "zero"), s) ||
                       read_numbers(rd, extents, RANK, &s->extents)
                   ? -1
                   : 0;
    }
    return json_object_get(x, "run") ? read_run(rd, json_object_get(x, "run"), s)
                                     : bad(rd, "a step that is none");
}

static int read_steps(const struct reader *rd, const json_t *list, struct steps *steps)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (read_step(rd, json_array_get(list, i),
                      arena_push(rd->plan->arena, steps->step, steps->n)))
            return -1;
    return 0;
}

static int read_groups(const struct reader *rd, const json_t *list)
{
    struct plan *p = rd->plan;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i), *when = json_object_get(x, "when");
        struct group *g = arena_push(p->arena, p->groups, p->ngroups);
        if (when && !json_is_null(when) && !(g->when = read_number(rd, when, 0)))
            return -1;
        if (read_steps(rd, json_object_get(x, "steps"), &g->steps))
            return -1;
    }
    return p->ngroups ? 0 : bad(rd, "no launches");
}

struct plan *plan_read(const json_t *object, CUmodule cubin, struct refusal *r)
{
    struct arena *a = arena_new();
    struct plan *p = arena_alloc(a, sizeof *p);
    struct reader rd = {p, cubin, r};
    json_int_t limit = json_integer_value(json_object_get(object, "limit"));

    p->arena = a;
    p->limit = limit > 0 ? (uint64_t)limit : 0;
    if (read_steps(&rd, json_object_get(object, "common"), &p->common) == 0 &&
        read_groups(&rd, json_object_get(object, "groups")) == 0)
        return p;
    plan_free(p);
    return NULL;
}
