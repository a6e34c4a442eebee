#include "driver/build/knob.h"

#include "runtime/base/arena.h"

static void apply_site(const struct knob_site *s, int64_t value, const struct renames *names,
                       struct edits *e)
{
    const char *text = s->before;

    if (s->behind)
        text = arena_printf(e->arena, "%s%lld%s", s->before, (long long)value, s->behind);
    edits_add(e, s->span, names ? rename_text(text, names) : text);
}

/* does a knob that is on write where the guard would? */
static bool is_taken(const struct spec *spec, const int64_t *values, const struct knob_site *guard)
{
    for (size_t i = 0; i < spec->ntunables; i++) {
        const struct knob *k = spec->tunables[i].knob;
        for (size_t j = 0; k && values[i] && j < k->nsites; j++)
            if (k->sites[j].span.at == guard->span.at)
                return true;
    }
    return false;
}

void knobs_apply(const struct spec *spec, const int64_t *values, const struct renames *names,
                 struct edits *e)
{
    const struct knob *on = NULL;

    for (size_t i = 0; i < spec->ntunables; i++) {
        const struct knob *k = spec->tunables[i].knob;
        if (!k || !values[i])
            continue;
        on = k;
        for (size_t j = 0; j < k->nsites; j++)
            apply_site(&k->sites[j], values[i], names, e);
    }
    for (size_t j = 0; on && j < on->nguards; j++)
        if (!is_taken(spec, values, &on->guards[j]))
            apply_site(&on->guards[j], 0, NULL, e);
}
