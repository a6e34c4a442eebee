#include "driver/lang/spec.h"

#include <math.h>
#include <string.h>

const struct decl *spec_decl(const struct spec *s)
{
    const struct decls *decls = s->file->decls;

    for (size_t i = 0; i < decls->n; i++)
        if (decls->decl[i].kind == DECL_FUNCTION && decls->decl[i].name_at.at == s->name_at.at)
            return &decls->decl[i];
    return NULL;
}

#define FIND(array, n)                          \
    for (size_t i = 0; i < (n); i++)            \
        if (strcmp((array)[i].name, name) == 0) \
            return (int)i;                      \
    return -1

int spec_find_param(const struct spec *s, const char *name)
{
    FIND(s->params, s->nparams);
}

int spec_find_array(const struct spec *s, const char *name)
{
    FIND(s->arrays, s->narrays);
}

int spec_find_dim(const struct spec *s, const char *name)
{
    for (size_t i = 0; i < s->ndims; i++)
        if (strcmp(s->dims[i], name) == 0)
            return (int)i;
    return -1;
}

int spec_find_let(const struct spec *s, const char *name)
{
    FIND(s->lets, s->nlets);
}

int spec_find_arg(const struct spec *s, const char *name)
{
    FIND(s->args, s->nargs);
}

int spec_find_tparam(const struct spec *s, const char *name)
{
    FIND(s->tparams, s->ntparams);
}

int spec_find_tunable(const struct spec *s, const char *name)
{
    FIND(s->tunables, s->ntunables);
}

int spec_param_dim(const struct spec *s, size_t param)
{
    const struct param *p = &s->params[param];

    if (!p->is_integer || p->is_pointer || !p->value.text)
        return -1;
    return spec_find_dim(s, p->value.text);
}

const struct array *spec_param_array(const struct spec *s, size_t param)
{
    for (size_t i = 0; i < s->narrays; i++)
        if (s->arrays[i].param == (int)param)
            return &s->arrays[i];
    return NULL;
}

const char *spec_unit(const struct spec *s)
{
    return s->objective_energy ? "uJ" : "us";
}

size_t spec_least_point(const struct spec *s)
{
    size_t best = 0;
    double least = HUGE_VAL;

    for (size_t i = 0; i < s->npoints; i++) {
        double product = 1;
        for (size_t d = 0; d < s->ndims; d++)
            product *= s->points[i].dims[d] > 0 ? (double)s->points[i].dims[d] : 1;
        if (product < least)
            least = product, best = i;
    }
    return best;
}

const struct spec *spec_plain(const struct spec *s)
{
    return s->knobs_of ? s->knobs_of : s;
}
