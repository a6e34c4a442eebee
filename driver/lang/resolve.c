/* resolve.c - the order of the steps, and what they share. */
#include "driver/lang/resolve.h"

#include <stdarg.h>
#include "runtime/base/arena.h"

int resolve_error(struct resolver *r, const struct clause *clause, size_t at, const char *format,
                  ...)
{
    va_list args;

    va_start(args, format);
    diag_errorv(r->diag, clause ? clause->src : r->file->src, at, format, args);
    va_end(args);
    return -1;
}

struct span resolve_place(const struct resolver *r, const struct clause *clause, struct span at)
{
    return clause->src == r->file->src ? at : clause->use_at;
}

struct cxx resolve_place_cxx(const struct resolver *r, const struct clause *clause, struct cxx cxx)
{
    if (cxx.text)
        cxx.at = resolve_place(r, clause, cxx.at);
    return cxx;
}

const char *resolve_param_hint(const struct resolver *r, const char *name)
{
    const char **names = arena_array(r->arena, const char *, r->spec->nparams);
    const char *near;

    for (size_t i = 0; i < r->spec->nparams; i++)
        names[i] = r->spec->params[i].name;
    near = diag_nearest(name, names, r->spec->nparams);
    return near ? arena_printf(r->arena, "; did you mean '%s'?", near) : "";
}

int resolve_block(struct resolver *r)
{
    static int (*const STEPS[])(struct resolver *) = {
        resolve_select,   resolve_entry,  resolve_instances, resolve_names,    resolve_arrays,
        resolve_dims,     resolve_params, resolve_launch,    resolve_settings, resolve_reference,
        resolve_tunables, resolve_wheres, resolve_points,    resolve_assumes,  resolve_structures,
    };

    for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++)
        if (STEPS[i](r))
            return -1;
    resolve_place_all(r);
    return 0;
}
