#include "driver/lang/spec.h"

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

const struct spec *spec_plain(const struct spec *s)
{
    return s->knobs_of ? s->knobs_of : s;
}
