#include "driver/winner.h"

#include <string.h>
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

const struct spec *winner_spec(struct unit_source *u, const struct target *t,
                               const struct record_winner *w, struct error *err)
{
    const struct spec *spec = t->spec;
    struct diag d;

    if (w->structure && !w->text) {
        spec = structure_find(t->spec, w->structure);
        if (!spec)
            error_set(err, "the annotation has no structure(\"%s\")", w->structure);
    } else if (w->structure) {
        diag_init(&d, u->file->arena);
        spec = structure_read(u->file, t->spec, w->structure, w->text, strlen(w->text), &d);
        if (!spec)
            first_error(&d, err);
    }
    return spec;
}

const int64_t *winner_values(struct arena *a, const struct record_winner *w,
                             const struct spec *spec)
{
    int64_t *values = arena_array(a, int64_t, spec->ntunables + 1);

    for (size_t i = 0; i < spec->ntunables; i++) {
        size_t k = 0;
        while (k < w->nvalues && strcmp(w->values[k].name, spec->tunables[i].name) != 0)
            k++;
        if (k == w->nvalues)
            return NULL;
        values[i] = w->values[k].value;
    }
    return values;
}
