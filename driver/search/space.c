/* driver/search/space.c
 *
 * A point is a vector of value indices. Constraints are sorted by the last tunable they mention, so
 * that a walk which binds tunables one after the other tests each as soon as it can be decided, and
 * never enters what one of them already excludes. Among those decided at the same moment the order
 * of the annotation holds: an earlier one may guard a later one (`TM > 0, BM % TM == 0`).
 *
 * The walk gives up, and the space is sampled, beyond SPACE_MOST points or NODES_MOST tests: that
 * is about two seconds. */
#include "driver/search/space_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/lang/constant.h"
#include "driver/lang/structure.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/log.h"

enum { NODES_MOST = 5000000, SEED = 20260101 };

void *space_zeroed(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);

    if (!p)
        fatal("out of memory");
    return p;
}

/* ---- constraints ---------------------------------------------------------------------------- */

struct uses {
    struct space *s;
    size_t constraint, depth;
};

/* Notes the value of a name that is the same at every point: a figure of the GPU, or a constant of
 * the file. What has none is told when it is evaluated. */
static void note_fixed(struct space *s, const char *name)
{
    struct space_name fixed = {name, 0}, *slot;
    const struct decl *entry;
    struct constants_view view;

    for (size_t i = 0; i < s->nfixed; i++) {
        if (strcmp(s->fixed[i].name, name) == 0)
            return;
    }
    if (strncmp(name, "gpu.", 4) == 0) {
        if (!gpu_figure(s->gpu, name, &fixed.value) || fixed.value <= 0)
            return; /* not known of this architecture */
    } else {
        if (!s->spec->file->decls || !s->gpu)
            return;
        view.constants = constants_new(s->arena, s->spec->file, s->gpu);
        entry = spec_decl(s->spec);
        view.scope = entry ? entry->scope : 0;
        if (!constants_lookup(&view, name, &fixed.value))
            return;
    }
    slot = arena_push(s->arena, s->fixed, s->nfixed);
    *slot = fixed;
}

static void note_use(void *arg, const char *name, struct span at)
{
    struct uses *u = arg;
    int i = spec_find_tunable(u->s->spec, name);

    (void)at;
    if (i < 0) {
        note_fixed(u->s, name);
        return;
    }
    u->s->uses[u->constraint * u->s->nt + (size_t)i] = true;
    if (u->depth < (size_t)i + 1)
        u->depth = (size_t)i + 1;
}

static void sort_constraints(struct space *s)
{
    size_t n = s->spec->nwheres, placed = 0;
    size_t *depth = space_zeroed(n, sizeof *depth);

    s->uses = space_zeroed(n * s->nt, sizeof *s->uses);
    s->told = space_zeroed(n, sizeof *s->told);
    s->order = space_zeroed(n, sizeof *s->order);
    s->first = space_zeroed(s->nt + 2, sizeof *s->first);
    for (size_t i = 0; i < n; i++) {
        struct uses u = {s, i, 0};
        expr_names(s->spec->wheres[i].expr, note_use, &u);
        depth[i] = u.depth;
    }
    for (size_t k = 0; k <= s->nt; k++) {
        s->first[k] = placed;
        for (size_t i = 0; i < n; i++) {
            if (depth[i] == k)
                s->order[placed++] = i;
        }
    }
    s->first[s->nt + 1] = placed;
    free(depth);
}

static int64_t bound_value(const struct space *s, size_t tunable)
{
    return s->spec->tunables[tunable].values[s->bound[tunable]];
}

static int lookup(void *arg, const char *name, int64_t *value)
{
    const struct space *s = arg;

    for (size_t i = 0; i < s->nbound; i++) {
        if (strcmp(s->spec->tunables[i].name, name) == 0) {
            *value = bound_value(s, i);
            return 1;
        }
    }
    for (size_t i = 0; i < s->nfixed; i++) {
        if (strcmp(s->fixed[i].name, name) == 0) {
            *value = s->fixed[i].value;
            return 1;
        }
    }
    return 0;
}

/* "BM = 64, TN = 0": the bound tunables that the constraint mentions, into b */
static void used_values(const struct space *s, size_t constraint, struct buf *b)
{
    const char *comma = "";

    for (size_t i = 0; i < s->nbound; i++) {
        if (!s->uses[constraint * s->nt + i])
            continue;
        buf_addf(b, "%s%s = %lld", comma, s->spec->tunables[i].name, (long long)bound_value(s, i));
        comma = ", ";
    }
}

static void tell_error(struct space *s, size_t constraint, const char *why)
{
    const struct constraint *c = &s->spec->wheres[constraint];
    struct buf b;

    if (!s->diag || s->told[constraint])
        return;
    s->told[constraint] = true;
    buf_init(&b, 1024);
    used_values(s, constraint, &b);
    diag_error(s->diag, structure_source(s->spec), c->at.at, "this constraint has no value%s%s: %s",
               b.len ? " at " : "", buf_text(&b), why);
    if (b.len)
        diag_note(s->diag, structure_source(s->spec), c->at.at,
                  "a constraint that stands before it may exclude such values: the first that does "
                  "not hold ends it");
    buf_release(&b);
}

enum verdict space_test(struct space *s, const uint32_t *index, size_t depth)
{
    s->bound = index;
    s->nbound = depth;
    for (size_t k = s->first[depth]; k < s->first[depth + 1]; k++) {
        struct error why = {""};
        int64_t value;
        size_t c = s->order[k];

        if (expr_eval(s->spec->wheres[c].expr, lookup, s, &value, &why) < 0) {
            tell_error(s, c, why.text);
            return POINT_ERROR;
        }
        if (!value) {
            if (k > s->killer)
                s->killer = k;
            return POINT_INVALID;
        }
    }
    return POINT_VALID;
}

/* all constraints, with the constraint that fails in *failed */
static enum verdict test_whole(struct space *s, const uint32_t *index, size_t *failed)
{
    enum verdict v = POINT_VALID;

    s->killer = 0;
    for (size_t depth = 0; depth <= s->nt && v == POINT_VALID; depth++)
        v = space_test(s, index, depth);
    if (failed && s->spec->nwheres)
        *failed = s->order[s->killer];
    return v;
}

/* ---- points --------------------------------------------------------------------------------- */

static uint32_t *point_index(const struct space *s, size_t point)
{
    return s->chunk[point / CHUNK] + point % CHUNK * s->nt;
}

size_t space_add(struct space *s, const uint32_t *index)
{
    if (s->known == s->room) {
        s->chunk = reallocarray(s->chunk, s->known / CHUNK + 1, sizeof *s->chunk);
        s->value = reallocarray(s->value, s->room + CHUNK, sizeof *s->value);
        if (!s->chunk || !s->value)
            fatal("out of memory");
        memset(s->value + s->room, 0, CHUNK * sizeof *s->value);
        s->chunk[s->known / CHUNK] = space_zeroed(CHUNK * s->nt, sizeof **s->chunk);
        s->room += CHUNK;
    }
    if (s->nt)
        memcpy(point_index(s, s->known), index, s->nt * sizeof *index);
    return s->known++;
}

/* walks all points in order; false when that is too much */
static bool enumerate(struct space *s)
{
    uint32_t *index = space_zeroed(s->nt, sizeof *index);
    size_t depth = 0, nodes = 0;
    bool down = space_test(s, index, 0) == POINT_VALID;

    /* `down`: the first depth tunables are bound and valid; else the last of them has to move on */
    while (down || depth) {
        if (down && depth < s->nt) {
            index[depth++] = 0;
        } else {
            if (down && s->known == SPACE_MOST)
                break;
            if (down)
                space_add(s, index);
            while (depth && ++index[depth - 1] == s->spec->tunables[depth - 1].nvalues)
                depth--;
            if (!depth)
                break;
        }
        if (++nodes > NODES_MOST)
            break;
        down = space_test(s, index, depth) == POINT_VALID;
    }
    free(index);
    return nodes <= NODES_MOST && (s->known < SPACE_MOST || !depth);
}

static void forget_points(struct space *s)
{
    for (size_t i = 0; i * CHUNK < s->known; i++)
        free(s->chunk[i]);
    free(s->chunk);
    free(s->value);
    s->chunk = NULL;
    s->value = NULL;
    s->known = s->room = 0;
}

static int compare_index(const struct space *s, const uint32_t *a, const uint32_t *b)
{
    for (size_t i = 0; i < s->nt; i++) {
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    }
    return 0;
}

static size_t ordered_find(const struct space *s, const uint32_t *index)
{
    size_t low = 0, high = s->known;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_index(s, index, point_index(s, middle));
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return SPACE_NONE;
}

size_t space_find(struct space *s, const uint32_t *index)
{
    for (size_t i = 0; i < s->nt; i++) {
        if (index[i] >= s->spec->tunables[i].nvalues)
            return SPACE_NONE;
    }
    if (s->enumerated)
        return ordered_find(s, index);
    return test_whole(s, index, NULL) == POINT_VALID ? space_meet(s, index) : SPACE_NONE;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void tell_default(struct space *s, const uint32_t *index, size_t failed)
{
    struct buf b;

    buf_init(&b, 1024);
    s->bound = index;
    s->nbound = s->nt;
    used_values(s, failed, &b);
    diag_error(s->diag, s->spec->file->src, s->spec->wheres[failed].at.at,
               "the values in the code do not satisfy this constraint: %s", buf_text(&b));
    buf_release(&b);
}

static int check_default(struct space *s, const uint32_t *index)
{
    size_t failed = 0;
    enum verdict v = test_whole(s, index, &failed);

    if (v == POINT_INVALID)
        tell_default(s, index, failed);
    return v == POINT_VALID ? 0 : -1;
}

static void tell_empty(struct space *s)
{
    const struct constraint *c = &s->spec->wheres[s->order[s->killer]];

    diag_error(s->diag, s->spec->file->src, c->at.at,
               "no combination of the tune() values is left: this constraint excludes the last of "
               "them");
}

/* an empty or contradictory space is told before the values in the code, which is the larger error
 */
static int build(struct space *s, const uint32_t *def)
{
    const size_t errors = s->diag->nerrors;
    bool whole;

    sort_constraints(s);
    whole = enumerate(s);
    if (s->diag->nerrors > errors)
        return -1;
    if (whole && !s->known) {
        tell_empty(s);
        return -1;
    }
    if (check_default(s, def) < 0)
        return -1;
    s->enumerated = whole;
    if (whole) {
        s->size = (double)s->known;
        s->def = ordered_find(s, def);
        return 0;
    }
    forget_points(s);
    s->def = space_meet(s, def);
    s->size = space_estimate(s, SEED);
    return s->diag->nerrors > errors ? -1 : 0;
}

struct space *space_new(const struct spec *spec, const struct gpu *gpu, struct diag *d)
{
    struct space *s = space_zeroed(1, sizeof *s);
    uint32_t *def = space_zeroed(spec->ntunables, sizeof *def);
    int rc;

    s->spec = spec;
    s->gpu = gpu;
    s->diag = d;
    s->nt = spec->ntunables;
    s->arena = arena_new();
    for (size_t i = 0; i < s->nt; i++)
        def[i] = (uint32_t)spec->tunables[i].def;
    rc = build(s, def);
    s->diag = NULL;
    free(def);
    if (rc == 0)
        return s;
    space_free(s);
    return NULL;
}

int space_compute(struct space *s, const struct expr *e, size_t point, int64_t *value)
{
    s->bound = point_index(s, point);
    s->nbound = s->nt;
    return expr_eval(e, lookup, s, value, NULL);
}

static int compare_rows(const void *a, const void *b, void *space)
{
    return compare_index(space, *(const uint32_t *const *)a, *(const uint32_t *const *)b);
}

struct space *space_listed(const struct spec *spec, const uint32_t *index, size_t n)
{
    struct space *s = space_zeroed(1, sizeof *s);
    const uint32_t **row = space_zeroed(n, sizeof *row);

    s->spec = spec;
    s->nt = spec->ntunables;
    s->arena = arena_new();
    for (size_t i = 0; i < n; i++)
        row[i] = index + i * s->nt;
    qsort_r(row, n, sizeof *row, compare_rows, s);
    for (size_t i = 0; i < n; i++)
        space_add(s, row[i]);
    free(row);
    s->enumerated = true;
    s->size = (double)n;
    s->def = SPACE_NONE;
    return s;
}

void space_free(struct space *s)
{
    if (!s)
        return;
    forget_points(s);
    arena_free(s->arena);
    free(s->first);
    free(s->order);
    free(s->uses);
    free(s->told);
    free(s->table);
    free(s);
}

double space_size(const struct space *s)
{
    return s->size;
}

bool space_is_enumerated(const struct space *s)
{
    return s->enumerated;
}

size_t space_known(const struct space *s)
{
    return s->known;
}

size_t space_default(const struct space *s)
{
    return s->def;
}

const uint32_t *space_index(const struct space *s, size_t point)
{
    return point_index(s, point);
}

const int64_t *space_values(const struct space *s, size_t point)
{
    const uint32_t *index = point_index(s, point);
    int64_t *values = s->value[point];

    if (values)
        return values;
    values = arena_array(s->arena, int64_t, s->nt + 1);
    for (size_t i = 0; i < s->nt; i++)
        values[i] = s->spec->tunables[i].values[index[i]];
    return s->value[point] = values;
}

size_t space_random(struct space *s, uint64_t *state)
{
    uint32_t *index;
    size_t point = SPACE_NONE;

    if (s->enumerated)
        return (size_t)(space_rand(state) % s->known);
    index = space_zeroed(s->nt, sizeof *index);
    if (space_draw(s, state, index))
        point = space_meet(s, index);
    free(index);
    return point == SPACE_NONE ? s->def : point;
}

const char *space_text(const struct space *s, size_t point, char *text, size_t cap)
{
    const int64_t *values = space_values(s, point);
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    for (size_t i = 0; i < s->nt; i++)
        buf_addf(&b, "%s%s=%lld", i ? ", " : "", s->spec->tunables[i].name, (long long)values[i]);
    snprintf(text, cap, "%s", buf_text(&b));
    buf_release(&b);
    return text;
}
