#include "driver/lang/spec.h"

#include <math.h>
#include <string.h>

int spec_find_param(const struct spec *s, const char *name)
{
    for (size_t i = 0; i < s->nparams; i++)
        if (strcmp(s->params[i].name, name) == 0)
            return (int)i;
    return -1;
}

int spec_find_tunable(const struct spec *s, const char *name)
{
    for (size_t i = 0; i < s->ntunables; i++)
        if (strcmp(s->tunables[i].name, name) == 0)
            return (int)i;
    return -1;
}

int spec_param_dim(const struct spec *s, size_t param)
{
    const struct param *p = &s->params[param];

    if (!p->is_integer || p->is_pointer || !p->value.text)
        return -1;
    for (size_t d = 0; d < s->ndims; d++)
        if (strcmp(s->dims[d], p->value.text) == 0)
            return (int)d;
    return -1;
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
