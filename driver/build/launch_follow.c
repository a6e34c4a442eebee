#include "driver/build/launch_follow.h"

#include "driver/build/copy.h"
#include "driver/build/cxx.h"
#include "driver/build/launch_site.h"
#include "driver/lang/structure.h"
#include "runtime/base/arena.h"

static bool dims_mention(struct arena *a, const struct cxx dim[3], const char *name)
{
    for (int i = 0; i < 3; i++)
        if (dim[i].text && text_mentions(a, dim[i].text, name))
            return true;
    return false;
}

/* is launch(...) another one with these values? Constants that are made from tunables are taken to
 * be other ones */
static bool is_other_launch(const struct copy *c, const int64_t *values)
{
    const struct spec *s = c->spec;
    const int64_t *code = cxx_code_values(c->arena, s);
    bool changed = false;

    for (size_t i = 0; i < s->ntunables; i++) {
        if (s->tunables[i].kind == TUNABLE_KNOB || values[i] == code[i])
            continue;
        changed = true;
        if (dims_mention(c->arena, s->launch.grid, s->tunables[i].name) ||
            dims_mention(c->arena, s->launch.block, s->tunables[i].name))
            return true;
    }
    return changed && !copy_launch_is_direct(c);
}

/* does the code at a place mention anything that follows from a tunable, but for the entry? */
static bool follows(const struct copy *c, size_t at)
{
    const struct group *own = uses_group_at(c->uses, c->spec->name_at.at);
    const struct group *g = uses_group_at(c->uses, at);

    for (size_t k = 0; g && k < g->nnames; k++)
        for (size_t i = 0; i < c->uses->ngroups; i++)
            if (c->tainted[i] && &c->uses->group[i] != own && &c->uses->group[i] != g &&
                uses_declares(c->uses, &c->uses->group[i], g->name[k]) &&
                !(own && uses_declares(c->uses, own, g->name[k])))
                return true;
    return false;
}

/* the text of the launch, its macro's, or, as what it names may be computed there, the code that
 * runs it */
static bool site_follows(const struct copy *c, const struct launch_site *site)
{
    bool does = follows(c, site->name.at) || (site->macro && follows(c, site->macro->name_at.at));

    for (size_t i = 0; i < site->nat && !does; i++)
        does = follows(c, site->at[i]);
    return does;
}

const size_t *launch_fixed(struct arena *a, const struct spec *spec, const int64_t *values,
                           size_t *n)
{
    size_t *places = NULL, nsites;

    *n = 0;
    if (spec->kind != ENTRY_KERNEL || spec->structure)
        return NULL;
    const struct copy *c = copy_plan(a, spec);
    if (!is_other_launch(c, values))
        return NULL;
    const struct launch_site *site = launch_sites(c, 0, &nsites);
    for (size_t i = 0; i < nsites; i++)
        if (!site[i].is_value && !site_follows(c, &site[i]))
            *arena_push(a, places, *n) = site[i].name.at;
    return places;
}
