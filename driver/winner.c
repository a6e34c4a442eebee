#include "driver/winner.h"

#include <string.h>
#include "driver/build/knobs.h"
#include "driver/build/sandbox.h"
#include "driver/lang/structure.h"

/* the first of the errors on one line, as there is a build log around it, and how many more */
static void first_error(const struct diag *d, struct error *err)
{
    size_t i = 0;

    while (i < d->nmessages && d->messages[i].kind != DIAG_ERROR)
        i++;
    if (i == d->nmessages)
        return;
    struct place at = source_place(d->messages[i].src, d->messages[i].at);
    error_set(err, "its text cannot be used: %s:%d:%d: %s%s", d->messages[i].src->path, at.row,
              at.column, d->messages[i].text, d->nerrors > 1 ? " (and more)" : "");
}

struct value_names {
    const char **name;
    size_t n;
};

static void add_names(struct arena *a, const struct record *r, struct value_names *to)
{
    for (size_t j = 0; r && j < r->nwinners; j++)
        for (size_t v = 0; !r->winners[j].structure && v < r->winners[j].nvalues; v++)
            *arena_push(a, to->name, to->n) = r->winners[j].values[v].name;
}

/* the own spec of target k, with knobs */
static const struct spec *own_spec(struct arena *a, const struct unit_source *u, size_t k)
{
    const struct spec *spec = u->targets[k].spec;
    struct value_names names = {0};

    for (size_t i = 0; i < u->ntargets; i++) {
        const struct target *t = &u->targets[i];
        if (t->spec != spec)
            continue;
        add_names(a, t->record, &names);
        for (size_t o = 0; o < t->nothers; o++)
            add_names(a, t->others[o].record, &names);
    }
    return names.n ? knobs_spec_for(a, spec, names.name, names.n, NULL) : spec;
}

const struct spec **winner_specs(struct arena *a, const struct unit_source *u)
{
    const struct spec **specs = arena_array(a, const struct spec *, u->ntargets + 1);

    for (size_t i = 0; i < u->ntargets; i++) {
        size_t k = 0;
        while (u->targets[k].spec != u->targets[i].spec)
            k++;
        specs[i] = k < i ? specs[k] : own_spec(a, u, i);
    }
    return specs;
}

/* a lockfile may come from anywhere: what this text does has to be what kernels do */
static bool screened(const char *text, struct error *err)
{
    struct buf errors;

    buf_init(&errors, 1 << 12);
    bool clean = sandbox_screen(text, strlen(text), &errors) == 0;
    if (!clean)
        error_set(err, "its text is refused: %.*s", (int)strcspn(buf_text(&errors), "\n"),
                  buf_text(&errors));
    buf_release(&errors);
    return clean;
}

const struct spec *winner_spec(struct unit_source *u, const struct target *t,
                               const struct spec *own, const struct record_winner *w,
                               struct error *err)
{
    const struct spec *spec = own;
    struct diag d;

    if (w->structure && !w->text) {
        spec = structure_find(t->spec, w->structure);
        if (!spec)
            error_set(err, "the annotation has no structure(\"%s\")", w->structure);
    } else if (w->structure) {
        diag_init(&d, u->file->arena);
        spec = screened(w->text, err)
                   ? structure_read(u->file, t->spec, w->structure, w->text, strlen(w->text), &d)
                   : NULL;
        if (!spec)
            first_error(&d, err);
    }
    return spec;
}

static bool is_among(const struct tunable *t, int64_t value)
{
    for (size_t i = 0; i < t->nvalues; i++)
        if (t->values[i] == value)
            return true;
    return false;
}

static void no_value(const char *name, struct error *err)
{
    error_set(err, "it does not fit the code: there is no such value of '%s'", name);
}

const int64_t *winner_values(struct arena *a, const struct record_winner *w,
                             const struct spec *spec, struct error *err)
{
    int64_t *values = arena_array(a, int64_t, spec->ntunables + 1);

    for (size_t i = 0; i < spec->ntunables; i++) {
        const struct tunable *t = &spec->tunables[i];
        bool is_knob = t->kind == TUNABLE_KNOB;
        size_t k = 0;
        while (k < w->nvalues && strcmp(w->values[k].name, t->name) != 0)
            k++;
        values[i] = k < w->nvalues ? w->values[k].value : 0;
        if ((k == w->nvalues && !is_knob) || (is_knob && !is_among(t, values[i])))
            return no_value(t->name, err), NULL;
    }
    for (size_t k = 0; k < w->nvalues; k++)
        if (spec_find_tunable(spec, w->values[k].name) < 0)
            return no_value(w->values[k].name, err), NULL;
    return values;
}
