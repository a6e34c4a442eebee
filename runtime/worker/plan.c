/* runtime/worker/plan.c - see plan.h.
 *
 * A launch computes the numbers of the plan, makes sure of a workspace, and queues what it says.
 * The workspace belongs to one variant at one point, so that its size is exact and its guards say
 * who went beyond it; graphs hold its address as long as the variant lives. Where all sets have the
 * same inputs, what a launch leaves in its workspace would be the answer of the next: there are
 * then several, which the sets take in turn. */
#include "runtime/worker/plan_impl.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/worker/limits.h"
#include "runtime/worker/sets.h"

enum { ALIGN = 256, COPIES_BYTES = 256 << 20, COPIES_MOST = 2048 };

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
    unsigned set;
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
                        .stride = s->stride,
                        .bytes = s->bytes,
                        .tallies = s->tally,
                        .slices = s->copies,
                        .byte = 0xff};
}

static int fill(struct session *s, const struct space *space, struct refusal *r)
{
    struct job job = guard_job(space);

    return device_run(s->device, KERNEL_FILL, &job, (space->bytes + 3) / 4, space->copies, r);
}

/* as many as a small part of the free memory holds */
static unsigned copies_of(const struct launch *l, uint64_t stride)
{
    size_t available = 0, total = 0;
    uint64_t n = 1;

    if (sets_are_alike(l->s, l->p) && !cu.cuMemGetInfo(&available, &total))
        n = (available / 8 < COPIES_BYTES ? available / 8 : COPIES_BYTES) / stride;
    return n < 1 ? 1 : n > COPIES_MOST ? COPIES_MOST : (unsigned)n;
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
    s->stride = (l->total + ALIGN - 1) / ALIGN * ALIGN + KS_GUARD;
    s->copies = copies_of(l, s->stride);
    if (device_alloc(&s->memory, s->copies * s->stride + KS_GUARD, r) ||
        device_alloc(&s->tally, s->copies * sizeof(struct tally), r)) {
        device_free(&s->memory);
        return -1;
    }
    s->base = s->memory + KS_GUARD;
    s->next = plan->spaces;
    plan->spaces = l->space = s;
    job = guard_job(s);
    return device_run(l->s->device, KERNEL_GUARD_SET, &job, KS_GUARD, s->copies + 1, r) ||
                   fill(l->s, s, r)
               ? -1
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
    size_t bytes = space ? space->copies * sizeof(struct tally) : 0;
    struct tally *tally;
    struct job job;
    int result;

    *changed = 0;
    if (!space)
        return 0;
    job = guard_job(space);
    tally = calloc(space->copies, sizeof *tally);
    result =
        cuda_check(cu.cuMemsetD8Async(space->tally, 0, bytes, s->device->stream), REFUSE_FAULT,
                   "clearing memory", r) ||
        device_run(s->device, KERNEL_GUARD_CHECK, &job, KS_GUARD, space->copies + 1, r) ||
        device_wait(r) ||
        cuda_check(cu.cuMemcpyDtoH(tally, space->tally, bytes), REFUSE_FAULT, "reading results", r);
    for (unsigned i = 0; !result && i < space->copies; i++)
        *changed += tally[i].guard;
    free(tally);
    return result ? -1 : 0;
}

/* ---- launching ---- */

static CUdeviceptr workspace(const struct launch *l)
{
    return l->space->base + l->set % l->space->copies * l->space->stride;
}

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
    *at = workspace(l) + l->offset[s->of];
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
        value->address = l->space ? workspace(l) + l->offset[arg->index] : 0;
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
    struct launch l = {
        .s = s, .v = v, .p = p, .set = set, .plan = v->plan, .values = values, .at = offsets};
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
