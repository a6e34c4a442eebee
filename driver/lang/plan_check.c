/* plan_check.c - see plan_check.h.
 *
 * The worker launches from bytes and the emitted function through the compiler, so nothing may be
 * left to a conversion that only one of them makes: an integer goes to an integer, a pointer to a
 * pointer, anything else to a parameter of the same type. */
#include "driver/lang/plan_check.h"

#include <stdarg.h>

#include <string.h>
#include "driver/lang/constant.h"
#include "driver/lang/expr_impl.h"
#include "driver/lang/lex.h"
#include "driver/lang/signature.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

struct checker {
    struct resolver *r; /* its file is the structure's */
    struct structure *s;
    const struct plan_group *group; /* NULL: the common steps */
    size_t reached;                 /* steps of it that come before the one being checked */
    int rc;
};

static int wrong(struct checker *k, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int wrong(struct checker *k, size_t at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    diag_errorv(k->r->diag, k->s->src, at, format, args);
    va_end(args);
    return k->rc = -1;
}

/* --- names --- */

/* the step that declares a name, among the first `limit` of some steps */
static const struct plan_step *find_step(const struct plan_step *steps, size_t limit,
                                         const char *name)
{
    for (size_t i = limit; i > 0; i--)
        if (steps[i - 1].name && steps[i - 1].kind <= PLAN_MAP &&
            strcmp(steps[i - 1].name, name) == 0)
            return &steps[i - 1];
    return NULL;
}

/* what is declared under a name where the check stands */
static const struct plan_step *declared(const struct checker *k, const char *name)
{
    const struct plan_step *step = k->group ? find_step(k->group->steps, k->reached, name) : NULL;

    return step ? step : find_step(k->s->common, k->group ? k->s->ncommon : k->reached, name);
}

enum plan_name plan_name_find(const struct spec *spec, const struct plan_group *g, const char *name,
                              size_t *index)
{
    const struct structure *s = spec->structure;
    const struct plan_step *step = g ? find_step(g->steps, g->nsteps, name) : NULL;
    int64_t figure;
    int found;

    if (!step)
        step = find_step(s->common, s->ncommon, name);
    *index = 0;
    if (step && step->kind == PLAN_LET) {
        *index = step->index;
        return PLAN_NAME_LET;
    }
    if ((found = spec_find_tunable(spec, name)) >= 0) {
        *index = (size_t)found;
        return PLAN_NAME_TUNABLE;
    }
    if ((found = spec_find_param(spec, name)) >= 0) {
        *index = (size_t)found;
        return PLAN_NAME_PARAM;
    }
    return gpu_figure(NULL, name, &figure) ? PLAN_NAME_GPU : PLAN_NAME_NONE;
}

/* a name that is not what an expression may see */
static void unknown_name(struct checker *k, const char *name, struct span at)
{
    struct resolver *r = k->r;
    int param = spec_find_param(r->spec, name);
    const struct plan_step *step = declared(k, name);

    if (step)
        wrong(k, at.at, "'%s' is %s, not a number", name,
              step->kind == PLAN_MAP ? "a tensor map" : "scratch");
    else if (param >= 0 && r->spec->params[param].is_pointer)
        wrong(k, at.at, "'%s' is a pointer, not a number: a plan cannot look into arrays", name);
    else if (param >= 0)
        wrong(k, at.at, "'%s' is no integer: it can only be passed on as it is", name);
    else if (spec_find_dim(r->spec, name) >= 0 || spec_find_let(r->spec, name) >= 0)
        wrong(k, at.at,
              "'%s' is a dimension of the annotation and no parameter of '%s': the compiled "
              "function could not know it",
              name, r->spec->name);
    else
        wrong(k, at.at,
              "'%s' is neither an integer parameter of '%s', nor an earlier let, a tunable or an "
              "integer constant%s",
              name, r->spec->name, resolve_param_hint(r, name));
}

/* gives every name in a tree its meaning */
static void check_names(struct checker *k, struct expr *e)
{
    struct constants_view view = {k->r->constants, 0};
    const struct plan_step *step;
    int param;

    if (!e)
        return;
    check_names(k, e->a);
    check_names(k, e->b);
    check_names(k, e->c);
    if (e->op != EXPR_NAME || strncmp(e->name, "gpu.", 4) == 0)
        return;
    step = declared(k, e->name);
    param = spec_find_param(k->r->spec, e->name);
    if (!step && param < 0 && constants_expand(k->r->constants, 0, k->r->spec, e)) {
        if (e->op != EXPR_NAME)
            check_names(k, e);
        return;
    }
    if ((step && step->kind == PLAN_LET) ||
        (!step && spec_find_tunable(k->r->spec, e->name) >= 0) ||
        (!step && param >= 0 && k->r->spec->params[param].is_integer &&
         !k->r->spec->params[param].is_pointer))
        return;
    if (!step && param < 0 && constants_lookup(&view, e->name, &e->value))
        e->op = EXPR_NUMBER;
    else
        unknown_name(k, e->name, e->at);
}

static void check_list(struct checker *k, const struct plan_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        check_names(k, list->expr[i]);
}

static void check_new_name(struct checker *k, const struct plan_step *step)
{
    if (declared(k, step->name) || spec_find_param(k->r->spec, step->name) >= 0 ||
        spec_find_tunable(k->r->spec, step->name) >= 0)
        wrong(k, step->at.at, "'%s' is a name already: choose another", step->name);
}

/* --- what a map or a zero is of --- */

/* sets of_scratch and of_index */
static bool find_memory(struct checker *k, struct plan_step *step)
{
    const struct plan_step *of = declared(k, step->of);
    int param = spec_find_param(k->r->spec, step->of);

    step->of_scratch = of && of->kind == PLAN_SCRATCH;
    if (step->of_scratch) {
        step->of_index = of->index;
        return true;
    }
    if (!of && param >= 0 && k->r->spec->params[param].is_pointer) {
        step->of_index = (size_t)param;
        return true;
    }
    wrong(k, step->at.at, "'%s' is neither scratch nor an array of the entry", step->of);
    return false;
}

/* the extents of an array as expressions that the compiled function can compute */
static void zero_extents(struct checker *k, struct plan_step *step, const struct array *x)
{
    for (size_t i = 0; i < x->nextents; i++) {
        struct cursor c;
        struct source *text;
        struct expr *e;
        struct diag quiet;
        struct checker inner = *k;
        struct resolver r = *k->r;

        diag_init(&quiet, k->r->arena);
        r.diag = &quiet;
        inner.r = &r;
        inner.rc = 0;
        text = source_wrap(k->r->arena, "", x->extents[i].text, strlen(x->extents[i].text));
        cursor_init(&c, k->r->arena, &quiet, text, (struct span){0, text->len});
        e = expr_parse(&c);
        if (e && cursor_at_end(&c))
            check_names(&inner, e);
        if (!e || !cursor_at_end(&c) || inner.rc || step->list.n == 5) {
            wrong(k, step->at.at,
                  "the size of '%s', %s, cannot be computed from the parameters of '%s': clear it "
                  "in a kernel",
                  step->of, x->extents[i].text, k->r->spec->name);
            return;
        }
        step->list.expr[step->list.n++] = e;
    }
}

static void check_zero(struct checker *k, struct plan_step *step)
{
    const struct array *x;

    if (!find_memory(k, step) || step->of_scratch)
        return;
    x = spec_param_array(k->r->spec, step->of_index);
    if (!x || (x->role != ROLE_OUT && x->role != ROLE_TEMP))
        wrong(k, step->at.at, "zero(%s): only scratch, out and temp arrays may be cleared",
              step->of);
    else
        zero_extents(k, step, x);
}

/* --- run --- */

static const struct decl *find_kernel(struct checker *k, const struct plan_step *step)
{
    const struct decls *decls = k->r->file->decls;
    const struct decl *found = NULL;
    size_t n = 0;

    for (size_t i = 0; i < decls->n; i++) {
        const struct decl *d = &decls->decl[i];
        if (d->kind != DECL_FUNCTION || strcmp(d->name, step->run.name) != 0 ||
            d->body.end == d->body.at)
            continue;
        found = d;
        n++;
    }
    if (n == 0)
        wrong(k, step->at.at, "there is no kernel '%s' in this text", step->run.name);
    else if (n > 1)
        wrong(k, step->at.at, "there are %zu functions '%s' in this text: give each its own name",
              n, step->run.name);
    else if (!found->is_global)
        wrong(k, step->at.at, "'%s' is no __global__ function", step->run.name);
    else if (found->scope != 0)
        wrong(k, step->at.at, "'%s' stands in a namespace: a structure is put into one of its own",
              step->run.name);
    else if (found->is_template && !step->run.arguments.text)
        wrong(k, step->at.at, "'%s' is a template: name its arguments, %s<...>", step->run.name,
              step->run.name);
    else
        return found;
    return NULL;
}

/* is a type the same, `const`, `__restrict__` and `&` aside? */
static bool same_type(struct arena *a, const char *x, const char *y)
{
    const char *text[2] = {x, y};
    struct buf b[2];
    bool same;

    for (int i = 0; i < 2; i++) {
        struct source *src = source_wrap(a, "", text[i], strlen(text[i]));
        size_t n;
        struct token *t = lexer_all(a, src, (struct span){0, src->len}, &n);
        buf_init(&b[i], BUF_LIMIT);
        for (size_t j = 0; j + 1 < n; j++)
            if (!lex_is(src, &t[j], "const") && !lex_is(src, &t[j], "__restrict__") &&
                !lex_is(src, &t[j], "&"))
                buf_addf(&b[i], "%s ", source_copy(a, src, t[j].span));
    }
    same = strcmp(buf_text(&b[0]), buf_text(&b[1])) == 0;
    buf_release(&b[0]);
    buf_release(&b[1]);
    return same;
}

/* the value of one argument against the parameter that takes it */
static void check_value(struct checker *k, struct plan_arg *arg, const struct param *to,
                        const char *kernel)
{
    const struct spec *spec = k->r->spec;
    const char *name = arg->expr->op == EXPR_NAME ? arg->expr->name : NULL;
    const struct plan_step *step = name ? declared(k, name) : NULL;
    int param = name && !step ? spec_find_param(k->r->spec, name) : -1;
    bool pointer = to->is_pointer, map = strstr(to->type, "CUtensorMap") != NULL;
    const char *is = NULL;
    int before = k->rc;

    k->rc = 0; /* of this argument alone: a name without a meaning has no type to complain of */
    if (step && step->kind != PLAN_LET) {
        arg->kind = step->kind == PLAN_MAP ? PLAN_ARG_MAP : PLAN_ARG_SCRATCH;
        arg->index = step->index;
        if (step->kind == PLAN_MAP ? !map : !pointer)
            is = step->kind == PLAN_MAP ? "a tensor map" : "scratch";
    } else if (name && strcmp(name, "nullptr") == 0) {
        arg->kind = PLAN_ARG_NULL;
        is = pointer ? NULL : "a pointer";
    } else if (param >= 0 && (spec->params[param].is_pointer || !spec->params[param].is_integer)) {
        arg->kind = PLAN_ARG_PARAM;
        arg->index = (size_t)param;
        if (spec->params[param].is_pointer
                ? !pointer
                : !same_type(k->r->arena, spec->params[param].type, to->type))
            is = arena_printf(k->r->arena, "of type %s", spec->params[param].type);
    } else {
        arg->kind = PLAN_ARG_INTEGER;
        check_names(k, arg->expr);
        is = to->is_integer && !pointer ? NULL : "an integer";
    }
    if (is && !k->rc)
        wrong(k, arg->at.at, "this argument is %s, but the parameter of '%s' is of type %s", is,
              kernel, to->type);
    k->rc |= before;
}

static void check_run(struct checker *k, struct plan_step *step)
{
    struct plan_run *run = &step->run;
    const struct decl *d = find_kernel(k, step);
    struct spec kernel = {.instances = k->r->spec->instances, .ninstances = k->r->spec->ninstances};
    struct param_shape *shapes;

    check_list(k, &run->grid);
    check_list(k, &run->block);
    check_list(k, &run->cluster);
    check_names(k, run->smem);
    if (!d)
        return;
    signature_read(k->r->arena, k->r->file, d, &kernel, &shapes);
    if (kernel.nparams != run->nargs) {
        wrong(k, step->at.at, "'%s' has %zu parameters, here are %zu arguments", run->name,
              kernel.nparams, run->nargs);
        diag_note(k->r->diag, k->s->src, d->name_at.at, "defined here");
        return;
    }
    for (size_t i = 0; i < run->nargs; i++) {
        struct param *to = &kernel.params[i];
        to->is_integer = signature_is_integer(k->r->arena, k->r->file, &kernel, to->type) ||
                         signature_is_integer(k->r->arena, k->r->spec->file, k->r->spec, to->type);
        check_value(k, &run->args[i], to, run->name);
    }
}

/* --- the whole --- */

static void check_step(struct checker *k, struct plan_step *step)
{
    if (step->kind <= PLAN_MAP)
        check_new_name(k, step);
    check_names(k, step->value);
    check_list(k, &step->list);
    check_list(k, &step->box);
    if (step->kind == PLAN_SCRATCH && k->r->spec->scratch <= 0)
        wrong(k, step->at.at,
              "'%s' has no scratch: add scratch(64M), or what you can spare, to its annotation",
              k->r->spec->name);
    if (step->kind == PLAN_MAP)
        find_memory(k, step);
    if (step->kind == PLAN_ZERO)
        check_zero(k, step);
    if (step->kind == PLAN_RUN)
        check_run(k, step);
}

static void check_steps(struct checker *k, struct plan_step *steps, size_t n)
{
    for (k->reached = 0; k->reached < n; k->reached++)
        check_step(k, &steps[k->reached]);
}

static bool is_always(const struct expr *e)
{
    return !e || (e->op == EXPR_NUMBER && e->value != 0);
}

/* without any `when`, what was read is one group; with one, nothing before it launches */
static void check_groups(struct checker *k)
{
    struct structure *s = k->s;

    if (s->ngroups == 0) {
        struct plan_group *g = arena_push(k->r->arena, s->groups, s->ngroups);
        g->steps = s->common;
        g->nsteps = s->ncommon;
        s->common = NULL;
        s->ncommon = 0;
    }
    for (size_t i = 0; i < s->ncommon; i++)
        if (s->common[i].kind >= PLAN_ZERO)
            wrong(k, s->common[i].at.at,
                  "before the first when(...) nothing can be launched: what stands there belongs "
                  "to all groups");
    for (size_t i = 0; i < s->ngroups; i++) {
        size_t runs = 0;
        for (size_t j = 0; j < s->groups[i].nsteps; j++)
            runs += s->groups[i].steps[j].kind == PLAN_RUN;
        if (runs == 0)
            wrong(k, s->groups[i].when ? expr_span(s->groups[i].when).at : 0,
                  s->groups[i].when ? "nothing is launched under this condition: add run(...)"
                                    : "a structure of a host function needs a plan: add "
                                      "#pragma ksearch run(kernel<<<grid, block>>>(...))");
        if (i + 1 < s->ngroups && is_always(s->groups[i].when))
            wrong(k, expr_span(s->groups[i].when).at,
                  "this condition always holds: what follows would never run");
    }
}

int plan_check(struct resolver *r, struct structure *s)
{
    struct checker k = {.r = r, .s = s};

    check_groups(&k);
    if (k.rc)
        return -1;
    check_steps(&k, s->common, s->ncommon);
    for (size_t i = 0; i < s->ngroups; i++) {
        k.group = &s->groups[i];
        k.reached = 0;
        check_names(&k, s->groups[i].when);
        check_steps(&k, s->groups[i].steps, s->groups[i].nsteps);
    }
    return k.rc;
}
