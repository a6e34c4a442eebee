/* runtime/worker/plan.c - see plan.h.
 *
 * A request's plan becomes a tree once; a launch computes its numbers, makes sure of a workspace,
 * and queues what it says. The workspace belongs to one variant at one point, so that its size is
 * exact and its guards say who went beyond it; graphs hold its address as long as the variant
 * lives. */
#include "runtime/worker/plan.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/integer.h"
#include "runtime/worker/limits.h"
#include "runtime/worker/sets.h"

enum { DEPTH = 200, PARAMS_MOST = 2048, NUMBERS_MOST = 4096, RANK = 5, ALIGN = 256 };

enum number_kind { NUMBER_VALUE = INTEGER_OPS, NUMBER_LET, NUMBER_PARAM, NUMBER_GPU };

struct number {    /* an expression */
    int kind;      /* enum integer_op, or one of those */
    int64_t value; /* or which let, parameter, figure */
    struct number *a, *b, *c;
};

struct numbers {
    struct number *number[RANK];
    size_t n;
};

enum step_kind { STEP_LET, STEP_SCRATCH, STEP_MAP, STEP_ZERO, STEP_RUN };
enum arg_kind { ARG_PARAM, ARG_SCRATCH, ARG_MAP, ARG_INT, ARG_NULL };

struct arg {
    enum arg_kind kind;
    size_t index;
    struct number *number;
};

struct step {
    enum step_kind kind;
    size_t index; /* let, scratch, map */
    struct number *value;
    struct numbers extents, box; /* of scratch, a map, a zero */
    int size;                    /* of an element of scratch */
    int type;                    /* of scratch: enum elem_type, for maps of it */
    bool of_scratch;
    size_t of, array; /* a map or zero: which scratch or parameter, and that one's array */
    int swizzle;
    size_t function; /* run */
    struct numbers grid, block, cluster;
    struct number *smem;
    struct arg *args;
    size_t nargs;
};

struct steps {
    struct step *step;
    size_t n;
};

struct group {
    struct number *when; /* NULL: always */
    struct steps steps;
};

struct space { /* the workspace at one point */
    int point;
    CUdeviceptr memory, base, tally; /* base: behind the first guard */
    uint64_t bytes;
    struct space *next;
};

struct plan {
    struct arena *arena;
    uint64_t limit;
    struct steps common;
    struct group *groups;
    size_t ngroups;
    struct function *functions;
    size_t nfunctions;
    size_t nlets, nscratch, nmaps;
    struct space *spaces;
};

/* ---- reading ---- */

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

void plan_free(struct plan *p)
{
    if (!p)
        return;
    for (struct space *s = p->spaces; s; s = s->next) {
        device_free(&s->memory);
        device_free(&s->tally);
    }
    arena_free(p->arena);
}

const struct function *plan_functions(const struct plan *p, size_t *n)
{
    *n = p->nfunctions;
    return p->functions;
}

/* ---- computing ---- */

struct launch { /* one call of the plan */
    struct session *s;
    struct variant *v;
    struct point *p;
    const struct plan *plan;
    const struct group *group;
    int64_t *let;
    uint64_t *offset, *bytes; /* of scratch */
    uint64_t total;
    CUtensorMap *map;
    struct space *space;
    unsigned char *values; /* of the entry's parameters */
    unsigned *at, *size;   /* where each is, and how long */
    long long *scalar;
    size_t nparams;
    struct error err;
};

static int compute(struct launch *l, const struct number *n, int64_t *value);

static int compute_name(struct launch *l, const struct number *n, int64_t *value)
{
    const struct device *d = l->s->device;
    const int64_t figures[] = {d->sms, d->smem, d->regs, d->l2};

    if (n->kind == NUMBER_VALUE)
        *value = n->value;
    else if (n->kind == NUMBER_GPU)
        *value = figures[n->value];
    else if (n->kind == NUMBER_LET && (size_t)n->value < l->plan->nlets)
        *value = l->let[n->value];
    else if (n->kind == NUMBER_PARAM && (size_t)n->value < l->nparams)
        *value = l->scalar[n->value];
    else
        return error_set(&l->err, "a name of it has no value");
    return 0;
}

/* the operators that leave some of their operands alone */
static int compute_some(struct launch *l, const struct number *n, int64_t *value)
{
    int64_t a;

    if (compute(l, n->a, &a))
        return -1;
    if (n->kind == INTEGER_IF)
        return compute(l, a ? n->b : n->c, value);
    *value = a != 0;
    if (*value == (n->kind == INTEGER_OR))
        return 0;
    if (compute(l, n->b, &a))
        return -1;
    *value = a != 0;
    return 0;
}

static int compute(struct launch *l, const struct number *n, int64_t *value)
{
    int64_t a = 0, b = 0;

    if (n->kind >= NUMBER_VALUE)
        return compute_name(l, n, value);
    if (n->kind == INTEGER_IF || n->kind == INTEGER_OR || n->kind == INTEGER_AND)
        return compute_some(l, n, value);
    if (compute(l, n->a, &a) || (n->b && compute(l, n->b, &b)))
        return -1;
    return n->b ? integer_binary((enum integer_op)n->kind, a, b, value, &l->err)
                : integer_unary((enum integer_op)n->kind, a, value, &l->err);
}

static int product(struct launch *l, const struct numbers *list, int64_t size, uint64_t *bytes)
{
    int64_t x;

    for (size_t i = 0; i < list->n; i++)
        if (compute(l, list->number[i], &x) || integer_binary(INTEGER_MUL, size, x, &size, &l->err))
            return -1;
    if (size < 0 || size > INT64_MAX / 4)
        return error_set(&l->err, "a size of %lld bytes", (long long)size);
    *bytes = (uint64_t)size;
    return 0;
}

/* lets and the places of scratch */
static int compute_steps(struct launch *l, const struct steps *steps)
{
    for (size_t i = 0; i < steps->n; i++) {
        const struct step *s = &steps->step[i];
        if (s->kind == STEP_LET && compute(l, s->value, &l->let[s->index]))
            return -1;
        if (s->kind != STEP_SCRATCH)
            continue;
        if (product(l, &s->extents, s->size, &l->bytes[s->index]))
            return -1;
        l->offset[s->index] = l->total;
        l->total += (l->bytes[s->index] + ALIGN - 1) / ALIGN * ALIGN;
        if (l->total > INT64_MAX / 4)
            return error_set(&l->err, "more scratch than there are addresses");
    }
    return 0;
}

/* the group that holds; NULL in l->group when none does */
static int choose(struct launch *l)
{
    if (compute_steps(l, &l->plan->common))
        return -1;
    for (size_t i = 0; i < l->plan->ngroups; i++) {
        int64_t holds = 1;
        l->group = &l->plan->groups[i];
        if (l->group->when && compute(l, l->group->when, &holds))
            return -1;
        if (holds)
            return compute_steps(l, &l->group->steps);
    }
    l->group = NULL;
    return 0;
}

/* ---- the workspace ---- */

static struct space *space_of(const struct plan *plan, const struct point *p)
{
    for (struct space *s = plan->spaces; s; s = s->next)
        if (s->point == p->id)
            return s;
    return NULL;
}

static struct job guard_job(const struct space *s)
{
    return (struct job){.base = s->base,
                        .stride = s->bytes + KS_GUARD,
                        .bytes = s->bytes,
                        .tallies = s->tally,
                        .slices = 1};
}

static int fill(struct session *s, const struct space *space, struct refusal *r)
{
    return cuda_check(cu.cuMemsetD8Async(space->base, 0xff, space->bytes, s->device->stream),
                      REFUSE_FAULT, "poisoning scratch", r);
}

static int space_make(struct launch *l, struct refusal *r)
{
    struct plan *plan = l->v->plan;
    struct space *s = space_of(plan, l->p);
    struct job job;

    l->space = s;
    if (!l->total || s)
        return 0;
    if (l->total > plan->limit)
        return refuse(r, REFUSE_LIMIT,
                      "the plan asks for %.1f MB of scratch at %s; scratch() allows %.1f MB",
                      1e-6 * (double)l->total, l->p->label, 1e-6 * (double)plan->limit);
    if (l->s->is_capturing)
        return refuse(r, REFUSE_LIMIT, "scratch that is new at a captured launch");
    s = arena_alloc(plan->arena, sizeof *s);
    s->point = l->p->id;
    s->bytes = l->total;
    if (device_alloc(&s->memory, l->total + 2 * KS_GUARD, r) ||
        device_alloc(&s->tally, sizeof(struct tally), r)) {
        device_free(&s->memory);
        return -1;
    }
    s->base = s->memory + KS_GUARD;
    s->next = plan->spaces;
    plan->spaces = l->space = s;
    job = guard_job(s);
    return device_run(l->s->device, KERNEL_GUARD_SET, &job, KS_GUARD, 2, r) || fill(l->s, s, r) ? -1
                                                                                                : 0;
}

int plan_poison(struct session *s, const struct variant *v, const struct point *p,
                struct refusal *r)
{
    const struct space *space = v->plan ? space_of(v->plan, p) : NULL;

    return space ? fill(s, space, r) : 0;
}

int plan_guards(struct session *s, const struct variant *v, const struct point *p,
                uint64_t *changed, struct refusal *r)
{
    const struct space *space = v->plan ? space_of(v->plan, p) : NULL;
    struct tally tally;
    struct job job;

    *changed = 0;
    if (!space)
        return 0;
    job = guard_job(space);
    if (cuda_check(cu.cuMemsetD8Async(space->tally, 0, sizeof tally, s->device->stream),
                   REFUSE_FAULT, "clearing memory", r) ||
        device_run(s->device, KERNEL_GUARD_CHECK, &job, KS_GUARD, 2, r) || device_wait(r) ||
        cuda_check(cu.cuMemcpyDtoH(&tally, space->tally, sizeof tally), REFUSE_FAULT,
                   "reading results", r))
        return -1;
    *changed = tally.guard;
    return 0;
}

/* ---- launching ---- */

static int out_of_range(struct launch *l, struct refusal *r)
{
    return refuse(r, REFUSE_LIMIT, "the plan cannot be computed at %s: %.300s", l->p->label,
                  l->err.text);
}

/* the address in parameter i of the entry */
static int param_address(const struct launch *l, size_t i, CUdeviceptr *at)
{
    if (i >= l->nparams || l->size[i] != sizeof *at)
        return -1;
    memcpy(at, l->values + l->at[i], sizeof *at);
    return 0;
}

static int memory_of(const struct launch *l, const struct step *s, CUdeviceptr *at)
{
    if (!s->of_scratch)
        return param_address(l, s->of, at);
    if (s->of >= l->plan->nscratch || !l->space)
        return -1;
    *at = l->space->base + l->offset[s->of];
    return 0;
}

/* the driver's number for an element type */
static int map_type(int type, int size)
{
    switch (type) {
    case ELEM_F64:
        return CU_TENSOR_MAP_DATA_TYPE_FLOAT64;
    case ELEM_F32:
        return CU_TENSOR_MAP_DATA_TYPE_FLOAT32;
    case ELEM_F16:
        return CU_TENSOR_MAP_DATA_TYPE_FLOAT16;
    case ELEM_BF16:
        return CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
    case ELEM_I32:
        return CU_TENSOR_MAP_DATA_TYPE_INT32;
    }
    return size == 1   ? CU_TENSOR_MAP_DATA_TYPE_UINT8
           : size == 2 ? CU_TENSOR_MAP_DATA_TYPE_UINT16
           : size == 4 ? CU_TENSOR_MAP_DATA_TYPE_UINT32
                       : CU_TENSOR_MAP_DATA_TYPE_UINT64;
}

static const struct step *scratch_step(const struct launch *l, size_t index)
{
    const struct steps *both[] = {&l->plan->common, &l->group->steps};

    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < both[k]->n; i++)
            if (both[k]->step[i].kind == STEP_SCRATCH && both[k]->step[i].index == index)
                return &both[k]->step[i];
    return NULL;
}

static int encode(struct launch *l, const struct step *s, struct refusal *r)
{
    const struct step *scratch = s->of_scratch ? scratch_step(l, s->of) : NULL;
    int type, size;
    cuuint64_t extent[RANK], stride[RANK], bytes;
    cuuint32_t tile[RANK], one[RANK];
    CUdeviceptr base;

    if (memory_of(l, s, &base) || (s->of_scratch ? !scratch : s->array >= l->s->narrays))
        return refuse(r, REFUSE_PROTOCOL, "a tensor map of nothing");
    type = scratch ? scratch->type : l->s->arrays[s->array].type;
    size = scratch ? scratch->size : l->s->arrays[s->array].size;
    bytes = (cuuint64_t)size;
    if (size > 8 || (size & (size - 1)) || (type != ELEM_OPAQUE && elem_size(type) != size))
        return refuse(r, REFUSE_UNSUPPORTED, "a tensor map of elements that are no plain numbers");
    if (!cu.cuTensorMapEncodeTiled)
        return refuse(r, REFUSE_UNSUPPORTED, "this driver has no tensor maps");
    for (size_t i = 0; i < s->extents.n; i++) { /* the driver counts from the innermost */
        int64_t d, b;
        if (compute(l, s->extents.number[s->extents.n - 1 - i], &d) ||
            compute(l, s->box.number[s->box.n - 1 - i], &b))
            return out_of_range(l, r);
        if (d <= 0 || b <= 0 || b > 256)
            return refuse(r, REFUSE_LIMIT, "a tensor map of %lld elements in boxes of %lld",
                          (long long)d, (long long)b);
        extent[i] = (cuuint64_t)d;
        tile[i] = (cuuint32_t)b;
        one[i] = 1;
        bytes *= (cuuint64_t)d;
        stride[i] = bytes;
    }
    return cuda_check(cu.cuTensorMapEncodeTiled(
                          &l->map[s->index], (CUtensorMapDataType)map_type(type, size),
                          (cuuint32_t)s->extents.n, (void *)(uintptr_t)base, extent, stride, tile,
                          one, CU_TENSOR_MAP_INTERLEAVE_NONE,
                          s->swizzle == 128  ? CU_TENSOR_MAP_SWIZZLE_128B
                          : s->swizzle == 64 ? CU_TENSOR_MAP_SWIZZLE_64B
                          : s->swizzle == 32 ? CU_TENSOR_MAP_SWIZZLE_32B
                                             : CU_TENSOR_MAP_SWIZZLE_NONE,
                          CU_TENSOR_MAP_L2_PROMOTION_L2_128B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE),
                      REFUSE_LIMIT, "making a tensor map", r);
}

static int zero(struct launch *l, const struct step *s, struct refusal *r)
{
    CUdeviceptr at;
    uint64_t bytes = 0;

    if (s->of_scratch ? s->of >= l->plan->nscratch : s->array >= l->s->narrays)
        return refuse(r, REFUSE_PROTOCOL, "zero of nothing");
    if (s->of_scratch)
        bytes = l->bytes[s->of];
    else if (product(l, &s->extents, l->s->arrays[s->array].size, &bytes))
        return out_of_range(l, r);
    if (!bytes)
        return 0;
    if (memory_of(l, s, &at))
        return refuse(r, REFUSE_PROTOCOL, "zero of nothing");
    return cuda_check(cu.cuMemsetD8Async(at, 0, bytes, l->s->device->stream), REFUSE_FAULT,
                      "clearing memory", r);
}

static int geometry(struct launch *l, const struct step *s, unsigned g[LAUNCH_NUMBERS],
                    struct refusal *r)
{
    const struct numbers *const part[] = {&s->grid, &s->block, &s->cluster};
    int64_t x;

    for (int k = 0; k < 3; k++)
        for (size_t i = 0; i < 3; i++) {
            if (i >= part[k]->n) {
                g[3 * k + (int)i] = k < 2 || part[k]->n;
                continue;
            }
            if (compute(l, part[k]->number[i], &x))
                return out_of_range(l, r);
            if (x < 0 || x > INT_MAX)
                return refuse(r, REFUSE_LIMIT, "a launch of %lld blocks or threads at %s",
                              (long long)x, l->p->label);
            g[3 * k + (int)i] = (unsigned)x;
        }
    x = 0;
    if (s->smem && compute(l, s->smem, &x))
        return out_of_range(l, r);
    if (x < 0 || x > 1 << 20)
        return refuse(r, REFUSE_LIMIT, "%lld bytes of shared memory a block", (long long)x);
    g[LAUNCH_SMEM] = (unsigned)x;
    return 0;
}

union value { /* of an argument that is not the entry's own parameter */
    int64_t number;
    CUdeviceptr address;
};

/* where the value of an argument is, and how long it is; -1 when there is none */
static int argument(struct launch *l, const struct arg *arg, union value *value, void **at,
                    size_t *size)
{
    *at = value;
    *size = sizeof value->address;
    value->number = 0;
    switch (arg->kind) {
    case ARG_PARAM:
        if (arg->index >= l->nparams)
            return -1;
        *at = l->values + l->at[arg->index];
        *size = l->size[arg->index];
        return 0;
    case ARG_SCRATCH:
        if (arg->index >= l->plan->nscratch)
            return -1;
        value->address = l->space ? l->space->base + l->offset[arg->index] : 0;
        return 0;
    case ARG_MAP:
        *at = &l->map[arg->index];
        *size = sizeof l->map[0];
        return arg->index < l->plan->nmaps ? 0 : -1;
    case ARG_INT:
        *size = 0; /* as long as the kernel wants it: the low bytes come first */
        return compute(l, arg->number, &value->number);
    case ARG_NULL:
        return 0;
    }
    return -1;
}

static int run(struct launch *l, const struct step *s, struct refusal *r)
{
    static union value values[PARAMS_MOST];
    static void *params[PARAMS_MOST + 1];
    struct function *f = &l->v->plan->functions[s->function];
    unsigned g[LAUNCH_NUMBERS];

    if (geometry(l, s, g, r))
        return -1;
    for (size_t i = 0; i <= s->nargs; i++) {
        size_t wanted, size = 0;
        if (function_param(f, i, &wanted, r))
            return -1;
        if (i == s->nargs && !wanted)
            break;
        if (i == s->nargs || argument(l, &s->args[i], &values[i], &params[i], &size))
            return i < s->nargs && *l->err.text
                       ? out_of_range(l, r)
                       : refuse(r, REFUSE_LOAD, "a kernel of the plan has other parameters");
        if (size ? size != wanted : wanted == 0 || wanted > sizeof values[i])
            return refuse(r, REFUSE_LOAD,
                          "parameter %zu of a kernel takes %zu bytes, its argument has %zu", i + 1,
                          wanted, size ? size : sizeof values[i]);
    }
    if (limits_smem(l->v, f->smem, g[LAUNCH_SMEM], r))
        return -1;
    return function_launch(f, l->s->device, g, params, r);
}

static int go(struct launch *l, struct refusal *r)
{
    const struct steps *both[] = {&l->plan->common, &l->group->steps};

    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < both[k]->n; i++)
            if (both[k]->step[i].kind == STEP_MAP && encode(l, &both[k]->step[i], r))
                return -1;
    for (size_t i = 0; i < l->group->steps.n; i++) {
        const struct step *s = &l->group->steps.step[i];
        if ((s->kind == STEP_ZERO && zero(l, s, r)) || (s->kind == STEP_RUN && run(l, s, r)))
            return -1;
    }
    return 0;
}

int plan_launch(struct session *s, struct variant *v, struct point *p, unsigned set,
                struct refusal *r)
{
    static _Alignas(128) unsigned char values[32768];
    static unsigned offsets[2 * PARAMS_MOST];
    static long long scalars[PARAMS_MOST];
    struct arena *a = arena_new();
    struct launch l = {.s = s, .v = v, .p = p, .plan = v->plan, .values = values, .at = offsets};
    void **addresses = sets_addresses(p->sets, set);
    int n = s->harness.args(p->dims, addresses, values, sizeof values, offsets), rc = -1;

    l.let = arena_array(a, int64_t, v->plan->nlets + 1);
    l.offset = arena_array(a, uint64_t, v->plan->nscratch + 1);
    l.bytes = arena_array(a, uint64_t, v->plan->nscratch + 1);
    l.map = (CUtensorMap *)(((uintptr_t)arena_alloc(a, (v->plan->nmaps + 1) * sizeof *l.map) + 63) &
                            ~(uintptr_t)63);
    l.scalar = scalars;
    if (n < 0 || n > PARAMS_MOST) {
        refuse(r, REFUSE_LIMIT, "the entry's parameters take more than %zu bytes", sizeof values);
    } else {
        l.nparams = (size_t)n;
        l.size = offsets + n;
        s->harness.scalars(p->dims, addresses, scalars);
        if (choose(&l))
            out_of_range(&l, r);
        else if (!l.group)
            rc = variant_launch(s, session_variant(s, 0, r), p, set, r);
        else
            rc = space_make(&l, r) || go(&l, r) ? -1 : 0;
    }
    arena_free(a);
    return rc;
}
