/* resolve_arrays.c - clauses against the signature: every pointer described, every scalar given.
 *
 * Types come from the signature and are not repeated, so most of what can go wrong is a name that
 * is not there or a parameter that nobody speaks of. With call(...) the arguments are the user's
 * own C++, and arrays need not be parameters at all. */
#include <string.h>
#include "driver/lang/resolve.h"
#include "runtime/base/arena.h"

static const char *const ROLES[] = {"in", "out", "inout", "temp"};

/* --- names --- */

static int twice(struct resolver *r, const struct clause *c, struct span at, const char *what,
                 const char *name, const struct clause *first, struct span first_at)
{
    resolve_error(r, c, at.at, "%s '%s' is given twice", what, name);
    diag_note(r->diag, first->src, first_at.at, "first given here");
    return -1;
}

static int add_array(struct resolver *r, const struct clause *c, const struct array *array)
{
    int old = spec_find_array(r->spec, array->name);

    if (old >= 0)
        return twice(r, c, array->at, "array", array->name, r->of_array[old],
                     r->spec->arrays[old].at);
    *arena_push(r->arena, r->spec->arrays, r->spec->narrays) = *array;
    *arena_push(r->arena, r->of_array, r->nof_array) = c;
    return 0;
}

static int add_let(struct resolver *r, const struct clause *c, const struct named *let)
{
    int old = spec_find_let(r->spec, let->name);

    if (old >= 0)
        return twice(r, c, let->at, "let", let->name, r->of_let[old], r->spec->lets[old].at);
    *arena_push(r->arena, r->spec->lets, r->spec->nlets) = *let;
    *arena_push(r->arena, r->of_let, r->nof_let) = c;
    return 0;
}

static int add_arg(struct resolver *r, const struct clause *c, const struct named *arg)
{
    int old = spec_find_arg(r->spec, arg->name);

    if (old >= 0)
        return twice(r, c, arg->at, "arg", arg->name, r->of_arg[old], r->spec->args[old].at);
    *arena_push(r->arena, r->spec->args, r->spec->nargs) = *arg;
    *arena_push(r->arena, r->of_arg, r->nof_arg) = c;
    return 0;
}

int resolve_names(struct resolver *r)
{
    int rc = 0;

    for (size_t i = 0; i < r->nclauses; i++) {
        const struct clause *c = &r->clauses[i];
        for (size_t k = 0; k < c->narrays; k++)
            rc |= add_array(r, c, &c->arrays[k]);
        for (size_t k = 0; c->kind == CLAUSE_LET && k < c->nnamed; k++)
            rc |= add_let(r, c, &c->named[k]);
        for (size_t k = 0; c->kind == CLAUSE_ARG && k < c->nnamed; k++)
            rc |= add_arg(r, c, &c->named[k]);
        if (c->kind == CLAUSE_CALL)
            r->spec->call = resolve_place_cxx(r, c, c->cxx);
    }
    for (size_t i = 0; i < r->spec->nlets; i++)
        if (spec_find_array(r->spec, r->spec->lets[i].name) >= 0)
            rc |= resolve_error(r, r->of_let[i], r->spec->lets[i].at.at,
                                "'%s' is an array and cannot be a let", r->spec->lets[i].name);
    return rc ? -1 : 0;
}

/* --- arrays --- */

static void note_declared(struct resolver *r, struct span at)
{
    diag_note(r->diag, r->file->src, at.at, "declared here");
}

static int no_param(struct resolver *r, const struct clause *c, struct span at, const char *name)
{
    resolve_error(r, c, at.at, "'%s' has no parameter '%s'%s", r->spec->name, name,
                  resolve_param_hint(r, name));
    note_declared(r, r->spec->name_at);
    return -1;
}

/* the array's parameter, and what it says about the type */
static int bind_array(struct resolver *r, size_t index)
{
    struct array *array = &r->spec->arrays[index];
    const struct clause *c = r->of_array[index];
    const struct param *p;

    array->param = spec_find_param(r->spec, array->name);
    if (array->param < 0 && !r->spec->call.text) {
        no_param(r, c, array->at, array->name);
        if (array->as.text && r->spec->kind == ENTRY_KERNEL)
            diag_note(r->diag, c->src, array->at.at,
                      "what a class holds is for call(...) of a host function: make the one that "
                      "launches '%s' the entry",
                      r->spec->name);
        return -1;
    }
    if (array->param < 0 || (r->spec->call.text && !r->spec->params[array->param].is_pointer)) {
        if (array->as.text)
            return 0;
        return resolve_error(r, c, array->at.at,
                             "array '%s' is no pointer parameter of '%s': say of what type it is, "
                             "as in %s[...] as float",
                             array->name, r->spec->name, array->name);
    }
    p = &r->spec->params[array->param];
    if (r->shapes[array->param].pointers > 1 && !r->spec->call.text) {
        resolve_error(r, c, array->at.at,
                      "'%s' is a pointer to pointers: add call(...), which passes what it needs",
                      array->name);
        note_declared(r, p->at);
        return -1;
    }
    if (r->shapes[array->param].is_void && !array->as.text)
        return resolve_error(
            r, c, array->at.at,
            "'%s' is a void pointer: say of what type it is, as in %s[...] as float", array->name,
            array->name);
    if (p->is_const && array->role != ROLE_IN) {
        resolve_error(r, c, array->at.at, "'%s' is const in the signature but %s here", array->name,
                      ROLES[array->role]);
        note_declared(r, p->at);
        return -1;
    }
    return 0;
}

/* does every workload and test that is about this array bind a generator for it? */
static bool always_generated(const struct resolver *r, const char *name)
{
    for (size_t i = 0; i < r->nclauses; i++) {
        const struct clause *c = &r->clauses[i];
        bool bound = false;
        if (c->kind != CLAUSE_WORKLOAD && c->kind != CLAUSE_TEST)
            continue;
        for (size_t k = 0; k < c->nbinds; k++)
            bound |= strcmp(c->binds[k].name, name) == 0;
        if (!bound)
            return false;
    }
    return true;
}

static int check_generator(struct resolver *r, size_t index)
{
    const struct array *array = &r->spec->arrays[index];
    const struct clause *c = r->of_array[index];
    bool input = array->role == ROLE_IN || array->role == ROLE_INOUT, integer = false;

    if (array->gen.name && !input)
        return resolve_error(r, c, array->gen.at.at,
                             "'%s' is %s: a generator is for inputs (in, inout)", array->name,
                             ROLES[array->role]);
    if (array->as.text)
        integer = signature_is_integer(r->arena, r->file, r->spec, array->as.text);
    else if (array->param >= 0)
        integer = r->spec->params[array->param].is_integer;
    if (!input || !integer || array->gen.name || always_generated(r, array->name))
        return 0;
    return resolve_error(r, c, array->at.at,
                         "integer input '%s' needs a generator (integers, offsets, permutation, "
                         "file, ...): arbitrary integers used as indices would fault",
                         array->name);
}

static int apply_check(struct resolver *r, const struct clause *c, const struct clause **seen)
{
    int index = spec_find_array(r->spec, c->name);
    const char **names = arena_array(r->arena, const char *, r->spec->narrays);
    const char *near;

    for (size_t i = 0; i < r->spec->narrays; i++)
        names[i] = r->spec->arrays[i].name;
    near = diag_nearest(c->name, names, r->spec->narrays);
    if (index < 0)
        return resolve_error(r, c, c->name_at.at, "'%s' is no array of this block%s%s%s", c->name,
                             near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    if (r->spec->arrays[index].role != ROLE_OUT && r->spec->arrays[index].role != ROLE_INOUT)
        return resolve_error(r, c, c->name_at.at, "'%s' is no output: check() is for out and inout",
                             c->name);
    if (seen[index])
        return twice(r, c, c->name_at, "check of", c->name, seen[index], seen[index]->name_at);
    seen[index] = c;
    r->spec->arrays[index].check = c->check;
    r->spec->arrays[index].check.by = resolve_place_cxx(r, c, c->check.by);
    return 0;
}

/* a kernel whose arrays are members of what it is given, step(Params p), has none to describe */
static int no_output(struct resolver *r)
{
    bool pointer = r->spec->kind == ENTRY_HOST;

    for (size_t i = 0; i < r->spec->nparams; i++)
        pointer |= r->spec->params[i].is_pointer;
    return resolve_error(r, NULL, r->block->at,
                         pointer ? "'%s' has no output to check: add out(...) or inout(...)"
                                 : "'%s' has no pointers for parameters: annotate a host function "
                                   "that launches it, whose call(...) fills what holds its arrays",
                         r->spec->name);
}

static int check_outputs(struct resolver *r)
{
    const struct clause **seen = arena_array(r->arena, const struct clause *, r->spec->narrays);
    bool output = false;
    int rc = 0;

    for (size_t i = 0; i < r->nclauses; i++)
        if (r->clauses[i].kind == CLAUSE_CHECK)
            rc |= apply_check(r, &r->clauses[i], seen);
    for (size_t i = 0; i < r->spec->narrays; i++)
        output |= r->spec->arrays[i].role == ROLE_OUT || r->spec->arrays[i].role == ROLE_INOUT;
    if (!output && rc == 0)
        return no_output(r);
    return rc ? -1 : 0;
}

int resolve_arrays(struct resolver *r)
{
    int rc = 0;

    for (size_t i = 0; i < r->spec->narrays; i++)
        rc |= bind_array(r, i);
    for (size_t i = 0; i < r->spec->nargs; i++) {
        const struct named *arg = &r->spec->args[i];
        if (spec_find_param(r->spec, arg->name) < 0)
            rc |= no_param(r, r->of_arg[i], arg->at, arg->name);
        else if (spec_find_array(r->spec, arg->name) >= 0)
            rc |= resolve_error(r, r->of_arg[i], arg->at.at, "'%s' is an array and has no arg()",
                                arg->name);
    }
    if (rc)
        return -1;
    for (size_t i = 0; i < r->spec->narrays; i++)
        rc |= check_generator(r, i);
    return rc ? -1 : check_outputs(r);
}
