/* resolve_params.c - the value of every parameter that is no array. */
#include "driver/lang/resolve.h"

static int note_block(struct resolver *r)
{
    diag_note(r->diag, r->file->src, r->block->at, "block starts here");
    return -1;
}

static size_t param_at(const struct param *p)
{
    return *p->name ? p->at.at : p->type_at.at;
}

/* what nothing gives a value, and what no value could be written for */
static int no_value(struct resolver *r, size_t index)
{
    const struct param *p = &r->spec->params[index];
    const struct param_shape *shape = &r->shapes[index];

    if (shape->is_pack)
        resolve_error(r, NULL, param_at(p),
                      "a parameter pack cannot be described: make a function that passes what it "
                      "needs the entry");
    else if (!*p->name)
        resolve_error(r, NULL, param_at(p),
                      "this parameter of '%s' has no name, so no clause can speak of it",
                      r->spec->name);
    else if (p->is_pointer)
        resolve_error(r, NULL, param_at(p),
                      "pointer parameter '%s' is not described; add in(%s[...]), out(...) or "
                      "inout(...)",
                      p->name, p->name);
    else if (shape->is_class && r->spec->kind == ENTRY_HOST)
        resolve_error(r, NULL, param_at(p),
                      "parameter '%s' is of type '%s': add call(...), which passes what it needs",
                      p->name, p->type);
    else
        resolve_error(r, NULL, param_at(p),
                      "parameter '%s' has no value; add arg(%s = ...) or a dimension of that name",
                      p->name, p->name);
    return note_block(r);
}

/* Gives the parameter what the harness passes: arg, then a dimension or let of its name, then the
 * stream, then its own default. *open: it is left to its default. */
static int give_value(struct resolver *r, size_t index, bool *open)
{
    struct param *p = &r->spec->params[index];
    int arg = spec_find_arg(r->spec, p->name);

    *open = false;
    if (spec_find_array(r->spec, p->name) >= 0)
        return 0;
    if (r->shapes[index].is_reference && arg < 0) {
        resolve_error(r, NULL, param_at(p),
                      "parameter '%s' is a reference: add call(...), which passes what it needs",
                      p->name);
        return note_block(r);
    }
    if (arg >= 0)
        p->value = resolve_place_cxx(r, r->of_arg[arg], r->spec->args[arg].value);
    else if (!p->is_pointer &&
             (spec_find_dim(r->spec, p->name) >= 0 || spec_find_let(r->spec, p->name) >= 0))
        p->value = (struct cxx){p->name, p->at};
    else if (!p->is_stream && p->fallback.text)
        *open = true;
    else if (!p->is_stream)
        return no_value(r, index);
    return 0;
}

int resolve_params(struct resolver *r)
{
    bool open, given = false; /* given: a parameter further right has a value */
    int rc = 0;

    if (r->spec->call.text)
        return 0;
    for (size_t i = r->spec->nparams; i > 0; i--) {
        struct param *p = &r->spec->params[i - 1];
        rc |= give_value(r, i - 1, &open);
        if (open && given) /* defaults can only be left out at the end */
            p->value = p->fallback;
        given |= !open;
    }
    return rc ? -1 : 0;
}
