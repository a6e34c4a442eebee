#include "driver/build/plan_json.h"

#include "driver/lang/expr_impl.h"

struct writer {
    const struct spec *spec;
    const int64_t *values;
    const char *const *symbol;
    const struct plan_group *group;
};

static json_t *name_json(const struct writer *w, const char *name)
{
    size_t index;

    switch (plan_name_find(w->spec, w->group, name, &index)) {
    case PLAN_NAME_LET:
        return json_pack("[s,I]", "let", (json_int_t)index);
    case PLAN_NAME_PARAM:
        return json_pack("[s,I]", "param", (json_int_t)index);
    case PLAN_NAME_TUNABLE:
        return json_integer(w->values[index]);
    case PLAN_NAME_GPU:
        return json_pack("[s,s]", "gpu", name + 4);
    case PLAN_NAME_NONE:
        break;
    }
    return json_null(); /* the check has refused such names */
}

static json_t *expr_json(const struct writer *w, const struct expr *e)
{
    json_t *list;

    if (!e)
        return json_null();
    if (e->op == EXPR_NUMBER)
        return json_integer(e->value);
    if (e->op == EXPR_NAME)
        return name_json(w, e->name);
    list = json_pack("[s,o]", integer_op_text((enum integer_op)e->op), expr_json(w, e->a));
    if (e->b)
        json_array_append_new(list, expr_json(w, e->b));
    if (e->c)
        json_array_append_new(list, expr_json(w, e->c));
    return list;
}

static json_t *list_json(const struct writer *w, const struct plan_list *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->n; i++)
        json_array_append_new(array, expr_json(w, list->expr[i]));
    return array;
}

static json_t *arg_json(const struct writer *w, const struct plan_arg *arg)
{
    static const char *const KINDS[] = {"param", "scratch", "map"};

    if (arg->kind == PLAN_ARG_INTEGER)
        return json_pack("{s:o}", "int", expr_json(w, arg->expr));
    if (arg->kind == PLAN_ARG_NULL)
        return json_pack("{s:b}", "null", 1);
    return json_pack("{s:I}", KINDS[arg->kind], (json_int_t)arg->index);
}

static json_t *run_json(const struct writer *w, const struct plan_run *run)
{
    json_t *args = json_array();

    for (size_t i = 0; i < run->nargs; i++)
        json_array_append_new(args, arg_json(w, &run->args[i]));
    return json_pack("{s:s,s:o,s:o,s:o,s:o,s:o}", "symbol", w->symbol[run->number], "grid",
                     list_json(w, &run->grid), "block", list_json(w, &run->block), "cluster",
                     list_json(w, &run->cluster), "smem", expr_json(w, run->smem), "args", args);
}

/* scratch, or a parameter with the array that it is */
static json_t *of_json(const struct writer *w, const struct plan_step *s)
{
    size_t array = 0;

    if (s->of_scratch)
        return json_pack("{s:I}", "scratch", (json_int_t)s->of_index);
    while (array < w->spec->narrays && w->spec->arrays[array].param != (int)s->of_index)
        array++;
    return json_pack("{s:I,s:I}", "param", (json_int_t)s->of_index, "array", (json_int_t)array);
}

static json_t *step_json(const struct writer *w, const struct plan_step *s)
{

    switch (s->kind) {
    case PLAN_LET:
        return json_pack("{s:I,s:o}", "let", (json_int_t)s->index, "value", expr_json(w, s->value));
    case PLAN_SCRATCH:
        return json_pack("{s:I,s:o,s:i,s:s}", "scratch", (json_int_t)s->index, "extents",
                         list_json(w, &s->list), "size", s->size, "type", s->type);
    case PLAN_MAP:
        return json_pack("{s:I,s:o,s:o,s:o,s:i}", "map", (json_int_t)s->index, "of", of_json(w, s),
                         "dims", list_json(w, &s->list), "box", list_json(w, &s->box), "swizzle",
                         s->swizzle);
    case PLAN_ZERO:
        return json_pack("{s:o,s:o}", "zero", of_json(w, s), "extents", list_json(w, &s->list));
    case PLAN_RUN:
        break;
    }
    return json_pack("{s:o}", "run", run_json(w, &s->run));
}

static json_t *steps_json(const struct writer *w, const struct plan_step *steps, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, step_json(w, &steps[i]));
    return array;
}

json_t *plan_json(const struct spec *spec, const int64_t *values, const char *const *symbol)
{
    const struct structure *s = spec->structure;
    struct writer w = {spec, values, symbol, NULL};
    json_t *groups = json_array(), *common = steps_json(&w, s->common, s->ncommon);

    for (size_t i = 0; i < s->ngroups; i++) {
        w.group = &s->groups[i];
        json_array_append_new(
            groups, json_pack("{s:o,s:o}", "when", expr_json(&w, s->groups[i].when), "steps",
                              steps_json(&w, s->groups[i].steps, s->groups[i].nsteps)));
    }
    return json_pack("{s:I,s:o,s:o}", "limit", (json_int_t)spec->scratch, "common", common,
                     "groups", groups);
}
