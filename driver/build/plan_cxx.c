/* plan_cxx.c - see plan_cxx.h.
 *
 * In a group, everything is computed before anything is launched, in four rounds over its steps:
 * numbers and sizes, what each launch needs of the device, memory and tensor maps, launches. Only
 * the first launch may still be refused without a trace; behind it, errors are the user's to find,
 * as with any launch. */
#include "driver/build/plan_cxx.h"

#include <string.h>
#include "driver/build/cxx.h"
#include "driver/lang/expr_impl.h"
#include "runtime/base/arena.h"

struct writer {
    struct buf *out;
    struct arena *a;
    const struct spec *spec;
    const int64_t *values;
    const struct plan_group *group; /* NULL: the common steps */
};

/* ---- expressions ---- */

/* INT64_MIN is no literal of C++ */
static const char *number_text(struct arena *a, int64_t value)
{
    return value == INT64_MIN ? "(-9223372036854775807LL - 1)"
                              : arena_printf(a, "(%lldLL)", (long long)value);
}

static const char *name_text(const struct writer *w, const char *name)
{
    size_t index;

    switch (plan_name_find(w->spec, w->group, name, &index)) {
    case PLAN_NAME_LET:
        return arena_printf(w->a, "ks_l%zu", index);
    case PLAN_NAME_PARAM:
        return arena_printf(w->a, "(long long)(%s)", cxx_parameter_name(w->a, w->spec, index));
    case PLAN_NAME_TUNABLE:
        return number_text(w->a, w->values[index]);
    case PLAN_NAME_GPU:
        return arena_printf(w->a, "::ksearch_rt::gpu().%s", name + 4);
    case PLAN_NAME_NONE:
        break;
    }
    return "ks_math.bad()"; /* the check has refused such names */
}

static const char *expr_text(const struct writer *w, const struct expr *e)
{
    static const char *const CALLS[INTEGER_OPS] = {
        [INTEGER_SHL] = "shl", [INTEGER_SHR] = "shr",   [INTEGER_ADD] = "add",
        [INTEGER_SUB] = "sub", [INTEGER_MUL] = "mul",   [INTEGER_DIV] = "div",
        [INTEGER_MOD] = "mod", [INTEGER_CDIV] = "cdiv",
    };
    const char *x, *y;

    if (e->op == EXPR_NUMBER)
        return number_text(w->a, e->value);
    if (e->op == EXPR_NAME)
        return name_text(w, e->name);
    x = expr_text(w, e->a);
    y = e->b ? expr_text(w, e->b) : "";
    if (e->op == INTEGER_IF)
        return arena_printf(w->a, "(%s ? %s : %s)", x, y, expr_text(w, e->c));
    if (e->op == INTEGER_NEG)
        return arena_printf(w->a, "ks_math.sub(0, %s)", x);
    if (e->op == INTEGER_NOT || e->op == INTEGER_INVERT)
        return arena_printf(w->a, "(long long)(%s%s)", integer_op_text((enum integer_op)e->op), x);
    if (e->op == INTEGER_MIN || e->op == INTEGER_MAX)
        return arena_printf(w->a, "::ksearch_rt::%s(%s, %s)",
                            integer_op_text((enum integer_op)e->op), x, y);
    if (CALLS[e->op])
        return arena_printf(w->a, "ks_math.%s(%s, %s)", CALLS[e->op], x, y);
    return arena_printf(w->a, "(long long)(%s %s %s)", x, integer_op_text((enum integer_op)e->op),
                        y);
}

/* ---- numbers and sizes ---- */

static const char *product(const struct writer *w, const struct plan_list *list, const char *size)
{
    const char *text = size;

    for (size_t i = 0; i < list->n; i++)
        text = arena_printf(w->a, "ks_math.mul(%s, %s)", text, expr_text(w, list->expr[i]));
    return text;
}

static void dim(const struct writer *w, const struct plan_list *list, const long long most[3])
{
    buf_adds(w->out, "dim3(");
    for (size_t i = 0; i < 3; i++)
        if (i < list->n)
            buf_addf(w->out, "%sks_math.dim(%s, %lld)", i ? ", " : "", expr_text(w, list->expr[i]),
                     most[i]);
        else
            buf_addf(w->out, "%s1", i ? ", " : "");
    buf_adds(w->out, ")");
}

static void compute_run(const struct writer *w, const struct plan_run *run)
{
    static const long long GRID[3] = {2147483647, 65535, 65535}, BLOCK[3] = {1024, 1024, 64},
                           CLUSTER[3] = {16, 16, 16};

    buf_addf(w->out, "        const ::ksearch_rt::step ks_r%zu(", run->number);
    dim(w, &run->grid, GRID);
    buf_adds(w->out, ", ");
    dim(w, &run->block, BLOCK);
    buf_addf(w->out, ", ks_math.dim(%s, 1 << 20)", run->smem ? expr_text(w, run->smem) : "0");
    if (run->cluster.n) {
        buf_adds(w->out, ", ");
        dim(w, &run->cluster, CLUSTER);
    }
    buf_adds(w->out, ");\n");
}

static void compute(const struct writer *w, const struct plan_step *s)
{
    switch (s->kind) {
    case PLAN_LET:
        buf_addf(w->out, "    const long long ks_l%zu = %s;\n    (void)ks_l%zu;\n", s->index,
                 expr_text(w, s->value), s->index);
        break;
    case PLAN_SCRATCH:
        buf_addf(w->out,
                 "    const long long ks_b%zu = %s;\n    const size_t ks_s%zu = ks_w.room(ks_math, "
                 "ks_b%zu);\n    (void)ks_s%zu;\n",
                 s->index, product(w, &s->list, arena_printf(w->a, "%d", s->size)), s->index,
                 s->index, s->index);
        break;
    case PLAN_ZERO:
        if (!s->of_scratch)
            buf_addf(w->out, "    const long long ks_z%zu = %s;\n", s->index,
                     product(w, &s->list,
                             arena_printf(w->a, "(long long)sizeof(*%s)",
                                          cxx_parameter_name(w->a, w->spec, s->of_index))));
        break;
    case PLAN_RUN:
        compute_run(w, &s->run);
        break;
    case PLAN_MAP:
        break;
    }
}

/* ---- memory and maps ---- */

static void map_numbers(const struct writer *w, const struct plan_list *list, const char *name,
                        size_t index)
{
    buf_addf(w->out, "    const long long %s%zu[] = {", name, index);
    for (size_t i = 0; i < list->n; i++)
        buf_addf(w->out, "%s%s", i ? ", " : "", expr_text(w, list->expr[i]));
    buf_adds(w->out, "};\n");
}

static const char *scratch_type(const struct writer *w, size_t index)
{
    for (size_t i = 0; i < w->spec->structure->ncommon; i++)
        if (w->spec->structure->common[i].kind == PLAN_SCRATCH &&
            w->spec->structure->common[i].index == index)
            return w->spec->structure->common[i].type;
    for (size_t i = 0; w->group && i < w->group->nsteps; i++)
        if (w->group->steps[i].kind == PLAN_SCRATCH && w->group->steps[i].index == index)
            return w->group->steps[i].type;
    return "char";
}

static void map(const struct writer *w, const struct plan_step *s)
{
    const char *base, *type;

    if (s->of_scratch) {
        base = arena_printf(w->a, "ks_w.at(ks_s%zu)", s->of_index);
        type = scratch_type(w, s->of_index);
    } else {
        base = cxx_parameter_name(w->a, w->spec, s->of_index);
        type = arena_printf(w->a, "decltype(ks_element(%s))", base);
    }
    map_numbers(w, &s->list, "ks_d", s->index);
    map_numbers(w, &s->box, "ks_x", s->index);
    buf_addf(w->out,
             "    CUtensorMap ks_m%zu;\n    if (!ks_math.ok || !::ksearch_rt::encode(&ks_m%zu, "
             "::ksearch_rt::map_type<%s>::value, sizeof(%s), %s, %zu, ks_d%zu, ks_x%zu, %d))\n"
             "        return false;\n",
             s->index, s->index, type, type, base, s->list.n, s->index, s->index, s->swizzle);
}

/* ---- launches ---- */

static void argument(const struct writer *w, const struct plan_arg *arg)
{
    switch (arg->kind) {
    case PLAN_ARG_PARAM:
        buf_adds(w->out, cxx_parameter_name(w->a, w->spec, arg->index));
        break;
    case PLAN_ARG_SCRATCH:
        buf_addf(w->out, "ks_w.at(ks_s%zu)", arg->index);
        break;
    case PLAN_ARG_MAP:
        buf_addf(w->out, "ks_m%zu", arg->index);
        break;
    case PLAN_ARG_INTEGER:
        buf_adds(w->out, expr_text(w, arg->expr));
        break;
    case PLAN_ARG_NULL:
        buf_adds(w->out, "(void *)0");
        break;
    }
}

static const char *stream_of(const struct writer *w)
{
    for (size_t i = 0; i < w->spec->nparams; i++)
        if (w->spec->params[i].is_stream)
            return cxx_parameter_name(w->a, w->spec, i);
    return "(cudaStream_t)0";
}

static void clear(const struct writer *w, const struct plan_step *s)
{
    if (s->of_scratch)
        buf_addf(w->out,
                 "    if (ks_b%zu > 0)\n        cudaMemsetAsync(ks_w.at(ks_s%zu), 0, "
                 "(size_t)ks_b%zu, %s);\n",
                 s->of_index, s->of_index, s->of_index, stream_of(w));
    else
        buf_addf(w->out,
                 "    if (ks_z%zu > 0)\n        cudaMemsetAsync(%s, 0, (size_t)ks_z%zu, %s);\n",
                 s->index, cxx_parameter_name(w->a, w->spec, s->of_index), s->index, stream_of(w));
}

/* the first one that is refused leaves the call to the original */
static void launch(const struct writer *w, const struct plan_run *run, bool first)
{
    buf_addf(w->out, "    %sks_r%zu.launch(%s, %s", first ? "if (!" : "", run->number,
             structure_kernel(w->a, run), stream_of(w));
    for (size_t i = 0; i < run->nargs; i++) {
        buf_adds(w->out, ", ");
        argument(w, &run->args[i]);
    }
    buf_adds(w->out, first ? ")) {\n        (void)cudaGetLastError();\n        return false;\n    "
                             "}\n"
                           : ");\n");
}

/* ---- groups ---- */

/* all steps of a group in their order, the common ones first */
static const struct plan_step **group_steps(const struct writer *w, size_t *n)
{
    const struct structure *s = w->spec->structure;
    const struct plan_step **all =
        arena_array(w->a, const struct plan_step *, s->ncommon + w->group->nsteps);

    *n = 0;
    for (size_t i = 0; i < s->ncommon; i++)
        all[(*n)++] = &s->common[i];
    for (size_t i = 0; i < w->group->nsteps; i++)
        all[(*n)++] = &w->group->steps[i];
    return all;
}

/* what each launch needs of the device, and the workspace: found before anything is launched */
static void ready(const struct writer *w, const struct plan_step *const *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (all[i]->kind == PLAN_RUN)
            buf_addf(w->out, "    static int ks_g%zu[64];\n", all[i]->run.number);
    buf_adds(w->out, "    if (!ks_math.ok");
    for (size_t i = 0; i < n; i++) {
        const struct plan_run *run = &all[i]->run;
        if (all[i]->kind == PLAN_RUN)
            buf_addf(w->out, " || !ks_r%zu.ready((const void *)%s, ks_g%zu)", run->number,
                     structure_kernel(w->a, run), run->number);
    }
    buf_addf(w->out, " || !ks_w.take(%lldu))\n        return false;\n",
             (long long)w->spec->scratch);
}

static void group(const struct writer *w)
{
    size_t n;
    const struct plan_step **all = group_steps(w, &n);
    bool first = true;

    for (size_t i = 0; i < w->group->nsteps; i++)
        compute(w, &w->group->steps[i]);
    ready(w, all, n);
    for (size_t i = 0; i < n; i++)
        if (all[i]->kind == PLAN_MAP)
            map(w, all[i]);
    for (size_t i = 0; i < n; i++) {
        if (all[i]->kind == PLAN_ZERO)
            clear(w, all[i]);
        if (all[i]->kind != PLAN_RUN)
            continue;
        launch(w, &all[i]->run, first);
        first = false;
    }
    buf_adds(w->out, "    return true;\n");
}

bool plan_has_maps(const struct spec *spec)
{
    return spec->structure && spec->structure->nmaps > 0;
}

const char *plan_cxx(struct arena *a, const struct spec *spec, const int64_t *values)
{
    const struct structure *s = spec->structure;
    const char *text;
    struct buf b;
    struct writer w = {&b, a, spec, values, NULL};

    buf_init(&b, BUF_LIMIT);
    if (s->nmaps)
        buf_adds(&b, "template <typename KS> static KS ks_element(KS *);\n");
    buf_adds(&b, "static inline bool ksearch_run(");
    cxx_parameters(&b, a, spec, false);
    buf_addf(&b, ")\n{\n    ::ksearch_rt::math ks_math;\n    ::ksearch_rt::workspace ks_w(%s);\n",
             stream_of(&w));
    for (size_t i = 0; i < s->ncommon; i++)
        compute(&w, &s->common[i]);
    for (size_t i = 0; i < s->ngroups; i++) {
        w.group = &s->groups[i];
        buf_addf(&b, "    if (%s) {\n",
                 s->groups[i].when ? expr_text(&w, s->groups[i].when) : "true");
        group(&w);
        buf_adds(&b, "    }\n");
    }
    buf_adds(&b, "    return false;\n}\n");
    text = arena_copy(a, buf_text(&b), b.len);
    buf_release(&b);
    return text;
}
