/* driver/capture/describe.c - see describe.h.
 *
 * First everything is tried with all launches, then with the first alone: what the attempts say is
 * kept of the one that is used only. */
#include "driver/capture/describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/capture/infer.h"
#include "runtime/base/arena.h"

enum {
    ROUNDING = 512,  /* bytes to which pools round the size of what they hand out */
    STRUCTURE = 4096 /* largest element whose size is guessed */
};

struct work {
    struct captured *c;
    struct arena *arena;
    struct description *d;
    struct infer infer; /* over the scalars that are dimensions */
};

static void add_remark(struct work *w, const char *text)
{
    *arena_push(w->arena, w->d->remarks, w->d->nremarks) = text;
}

static void add_reason(struct work *w, const char *text)
{
    *arena_push(w->arena, w->d->reasons, w->d->nreasons) = text;
}

static struct captured_launch *launch(const struct work *w, size_t i)
{
    return &w->d->kernel->launches[w->d->launches[i]];
}

static const struct captured_group *group(const struct work *w, size_t i)
{
    return &w->d->kernel->groups[launch(w, i)->group];
}

struct captured_array *described_in(const struct captured_launch *l,
                                    const struct described_array *a)
{
    for (size_t i = 0; i < l->narrays; i++)
        if (l->arrays[i].param == a->param && l->arrays[i].word == a->word)
            return &l->arrays[i];
    return NULL;
}

/* ---- which launches ---- */

static bool same_arrays(const struct captured_launch *a, const struct captured_launch *b)
{
    if (a->narrays != b->narrays || a->nvalues != b->nvalues)
        return false;
    for (size_t i = 0; i < a->narrays; i++)
        if (a->arrays[i].param != b->arrays[i].param || a->arrays[i].word != b->arrays[i].word)
            return false;
    return true;
}

static bool same_settings(const struct captured_group *a, const struct captured_group *b)
{
    return memcmp(a->block, b->block, sizeof a->block) == 0 &&
           memcmp(a->cluster, b->cluster, sizeof a->cluster) == 0 && a->smem == b->smem &&
           a->cooperative == b->cooperative;
}

/* can launch i be described together with launch 0? The values of dimensions may differ */
static bool is_alike(const struct work *w, size_t i)
{
    const struct captured_kernel *k = w->d->kernel;
    const struct captured_launch *a = launch(w, 0), *b = launch(w, i);

    if (!same_arrays(a, b) || !same_settings(group(w, 0), group(w, i)))
        return false;
    for (size_t p = 0; p < a->nvalues; p++) {
        bool is_dim = false;
        type_value(w->arena, &k->params[p].type, a->values[p].bytes, a->values[p].size, NULL,
                   &is_dim);
        if (a->values[p].size != b->values[p].size)
            return false;
        if (!is_dim && k->params[p].type.pointers == 0 &&
            memcmp(a->values[p].bytes, b->values[p].bytes, a->values[p].size) != 0)
            return false;
    }
    return true;
}

/* ---- scalars ---- */

static bool holds_addresses(const struct work *w, size_t p)
{
    for (size_t i = 0; i < launch(w, 0)->narrays; i++)
        if (launch(w, 0)->arrays[i].param == p)
            return true;
    return false;
}

static void describe_dim(struct work *w, struct described_scalar *s, size_t p)
{
    long long *values = arena_array(w->arena, long long, w->d->nlaunches);

    for (size_t i = 0; i < w->d->nlaunches; i++)
        type_value(w->arena, &w->d->kernel->params[p].type, launch(w, i)->values[p].bytes,
                   launch(w, i)->values[p].size, &values[i], &s->is_dim);
    s->values = values;
}

static void describe_value(struct work *w, size_t p)
{
    const struct captured_param *param = &w->d->kernel->params[p];
    const struct captured_value *v = &launch(w, 0)->values[p];
    struct described_scalar s = {.name = param->name};

    s.value = type_value(w->arena, &param->type, v->bytes, v->size, NULL, &s.is_dim);
    if (!s.value) {
        add_reason(w, arena_printf(w->arena,
                                   "'%s' is of type '%s', %zu bytes%s: make a host function the "
                                   "entry, which takes plain arguments, or use call(...) there",
                                   param->name, *param->type_text ? param->type_text : "?", v->size,
                                   holds_addresses(w, p) ? ", which holds addresses" : ""));
        return;
    }
    if (holds_addresses(w, p))
        add_reason(w, arena_printf(w->arena,
                                   "'%s' is of type '%s', but holds an address: make it a pointer",
                                   param->name, *param->type_text ? param->type_text : "?"));
    if (s.is_dim && param->type.scalar == SCALAR_UNKNOWN)
        add_remark(w, arena_printf(w->arena, "'%s' is of type '%s', taken for a whole number",
                                   param->name, *param->type_text ? param->type_text : "?"));
    if (s.is_dim)
        describe_dim(w, &s, p);
    *arena_push(w->arena, w->d->scalars, w->d->nscalars) = s;
}

/* a pointer that points to no array of ours */
static void describe_pointer(struct work *w, size_t p)
{
    const struct captured_param *param = &w->d->kernel->params[p];
    const struct captured_value *v = &launch(w, 0)->values[p];
    struct described_scalar s = {.name = param->name, .value = "nullptr"};
    bool is_null = true;

    for (size_t i = 0; i < v->size; i++)
        is_null &= v->bytes[i] == 0;
    if (is_null)
        *arena_push(w->arena, w->d->scalars, w->d->nscalars) = s;
    else
        add_reason(w, arena_printf(w->arena, "'%s' points to memory that CUDA does not manage",
                                   param->name));
}

static bool is_array(const struct work *w, size_t p)
{
    struct described_array at = {.param = p};
    const struct type *t = &w->d->kernel->params[p].type;

    /* eight bytes of which nothing is known are what their value says */
    return described_in(launch(w, 0), &at) != NULL &&
           (t->pointers > 0 || (!*t->name && launch(w, 0)->values[p].size == 8));
}

static void describe_scalars(struct work *w)
{
    const struct captured_kernel *k = w->d->kernel;
    struct infer_scalar *dims = NULL;

    for (size_t p = 0; p < launch(w, 0)->nvalues; p++) {
        if (is_array(w, p))
            continue;
        if (k->params[p].type.pointers > 0)
            describe_pointer(w, p);
        else
            describe_value(w, p);
    }
    w->infer = (struct infer){.arena = w->arena, .nsamples = w->d->nlaunches};
    for (size_t i = 0; i < w->d->nscalars; i++)
        if (w->d->scalars[i].is_dim)
            *arena_push(w->arena, dims, w->infer.nscalars) =
                (struct infer_scalar){w->d->scalars[i].name, w->d->scalars[i].values};
    w->infer.scalars = dims;
}

/* ---- arrays ---- */

/* the size of an element whose type is not known: what is left per item, if one of the dimensions
 * counts the items */
static size_t guess_size(const struct work *w, const uint64_t *bytes)
{
    size_t best = 0;

    for (size_t i = 0; i < w->infer.nscalars; i++) {
        const long long *n = w->infer.scalars[i].values;
        uint64_t size = n[0] > 1 ? bytes[0] / (uint64_t)n[0] : 0;
        bool fits = size > 0 && size <= STRUCTURE;
        for (size_t s = 0; s < w->infer.nsamples; s++)
            fits = fits && n[s] > 0 && size * (uint64_t)n[s] == bytes[s];
        if (fits && (best == 0 || size < best))
            best = size;
    }
    return best;
}

static bool all_same(const uint64_t *x, size_t n)
{
    while (n > 1 && x[n - 1] == x[0])
        n--;
    return n <= 1;
}

/* leaves the extent NULL when no text is right for all launches */
static void name_extent(struct work *w, struct described_array *a, const uint64_t *bytes)
{
    uint64_t *counts = arena_array(w->arena, uint64_t, w->d->nlaunches);
    bool pooled = true;
    const char *also;

    for (size_t i = 0; i < w->d->nlaunches; i++) {
        const struct captured_array *x = described_in(launch(w, i), a);
        counts[i] = bytes[i] / a->size;
        pooled &= bytes[i] % (ROUNDING / 2) == 0 && (x->shared || x->at > 0);
    }
    a->extent = infer_extent(&w->infer, counts, pooled ? (ROUNDING - 1) / a->size : 0, &also);
    if (also)
        add_remark(w,
                   arena_printf(w->arena, "the extent of '%s' may as well be %s", a->name, also));
    if (a->extent && infer_value(&w->infer, a->extent, 0) != counts[0])
        add_remark(w, arena_printf(w->arena,
                                   "'%s' lies in %" PRIu64 " bytes, which a pool may have rounded "
                                   "up from %s elements",
                                   a->name, bytes[0], a->extent));
    if (a->extent)
        for (size_t i = 0; i < w->d->nlaunches; i++)
            counts[i] = infer_value(&w->infer, a->extent, i);
    else if (all_same(counts, w->d->nlaunches))
        a->extent = arena_printf(w->arena, "%" PRIu64, counts[0]);
    a->counts = counts;
}

static void note_range(struct work *w, const struct described_array *a)
{
    const struct captured_array *x = described_in(launch(w, 0), a);

    if (x->kept == 0)
        add_reason(w, arena_printf(w->arena, "the contents of '%s' could not be kept", a->name));
    else if (x->kept < x->bytes)
        add_remark(w, arena_printf(w->arena,
                                   "only the first %" PRIu64 " of the %" PRIu64
                                   " bytes at '%s' were kept: see --max-bytes",
                                   x->kept, x->bytes, a->name));
    if (x->shared)
        add_remark(w, arena_printf(w->arena,
                                   "'%s' ends here where the next argument in its allocation "
                                   "begins",
                                   a->name));
    else if (x->at > 0)
        add_remark(w, arena_printf(w->arena,
                                   "'%s' begins %" PRIu64 " bytes into an allocation of %" PRIu64
                                   " and is taken to go on to its end",
                                   a->name, x->at, x->allocated));
}

static void note_aliases(struct work *w, const struct described_array *a)
{
    const struct captured_array *x = described_in(launch(w, 0), a);

    for (size_t i = 0; i < w->d->narrays; i++) {
        const struct described_array *b = &w->d->arrays[i];
        const struct captured_array *y = described_in(launch(w, 0), b);
        if (a != b && x->allocated == y->allocated && x->at == y->at && x->bytes == y->bytes &&
            memcmp(launch(w, 0)->values[a->param].bytes + a->word,
                   launch(w, 0)->values[b->param].bytes + b->word, 8) == 0)
            add_remark(w, arena_printf(w->arena,
                                       "'%s' and '%s' were the same memory; here they are two "
                                       "arrays",
                                       b->name, a->name));
    }
}

static void set_role(struct work *w, struct described_array *a)
{
    bool changed = false, poison = true, known = true,
         is_const = w->d->kernel->params[a->param].type.is_const;

    for (size_t i = 0; i < w->d->nlaunches; i++) {
        const struct captured_array *x = described_in(launch(w, i), a);
        changed |= x->changed > 0;
        poison &= x->poison;
        known &= x->is_compared;
    }
    a->role = (!changed && known) || is_const ? DESCRIBED_IN
              : poison                        ? DESCRIBED_OUT
                                              : DESCRIBED_INOUT;
    if (is_const && changed)
        add_remark(
            w, arena_printf(w->arena, "'%s' is const, but changed: by another argument?", a->name));
    else if (!is_const && !known)
        add_remark(w, arena_printf(w->arena,
                                   "what the launch did to '%s' is not known, so it is inout",
                                   a->name));
    else if (a->role == DESCRIBED_INOUT)
        add_remark(w, arena_printf(w->arena,
                                   "'%s' changed: if the kernel never reads what was there, make "
                                   "it out(%s[%s])",
                                   a->name, a->name, a->extent ? a->extent : "..."));
}

static void describe_array(struct work *w, const struct captured_array *x)
{
    const struct captured_kernel *k = w->d->kernel;
    uint64_t *bytes = arena_array(w->arena, uint64_t, w->d->nlaunches);
    struct described_array *a = arena_push(w->arena, w->d->arrays, w->d->narrays);

    a->param = x->param;
    a->word = x->word;
    a->name = captured_array_name(w->arena, k, x);
    a->type = captured_element(k, x);
    a->size = a->type.size;
    for (size_t i = 0; i < w->d->nlaunches; i++)
        bytes[i] = described_in(launch(w, i), a)->kept;
    if (strcmp(a->type.name, "void") == 0 || !*a->type.name)
        a->as = "unsigned char";
    else if (a->size == 0)
        a->size = guess_size(w, bytes);
    if (a->size == 0)
        a->size = 1;
    name_extent(w, a, bytes);
    if (a->size == 1 && !a->as && a->type.scalar == SCALAR_UNKNOWN)
        add_reason(w, arena_printf(w->arena,
                                   "no size of '%s' is known, so its file holds bytes: give it a "
                                   "second dimension of sizeof(%s), and '%s' its extent",
                                   a->type.name, a->type.name, a->name));
    set_role(w, a);
    note_range(w, a);
    note_aliases(w, a);
    if (k->params[x->param].type.pointers > 1)
        add_reason(w, arena_printf(w->arena, "'%s' is an array of addresses", a->name));
}

static void describe_arrays(struct work *w)
{
    const struct captured_launch *l = launch(w, 0);
    size_t inputs = w->infer.nscalars, outputs = 0;

    for (size_t i = 0; i < l->narrays; i++)
        if (l->arrays[i].word == 0 && is_array(w, l->arrays[i].param))
            describe_array(w, &l->arrays[i]);
    for (size_t i = 0; i < w->d->narrays; i++) {
        inputs += w->d->arrays[i].role != DESCRIBED_OUT;
        outputs += w->d->arrays[i].role != DESCRIBED_IN;
    }
    if (outputs == 0 && w->d->nreasons == 0)
        add_reason(w,
                   "nothing that its arguments point to changed, so there is no output to check");
    if (inputs == 0 && w->d->nreasons == 0)
        add_reason(w, "it has neither sizes nor inputs for a workload to name");
}

/* ---- geometry ---- */

static void describe_axis(struct work *w, int axis)
{
    const struct captured_group *g = group(w, 0);
    uint64_t *grid = arena_array(w->arena, uint64_t, w->d->nlaunches);
    const char *also;

    for (size_t i = 0; i < w->d->nlaunches; i++)
        grid[i] = group(w, i)->grid[axis];
    w->d->block[axis] = arena_printf(w->arena, "%u", g->block[axis]);
    if (g->cluster[0])
        w->d->cluster[axis] = arena_printf(w->arena, "%u", g->cluster[axis]);
    w->d->grid[axis] = infer_grid(&w->infer, grid, g->block[axis],
                                  (uint64_t)g->block[0] * g->block[1] * g->block[2], &also);
    if (also)
        add_remark(w, arena_printf(w->arena, "the grid's %c may as well be %s", "xyz"[axis], also));
    if (!w->d->grid[axis] && all_same(grid, w->d->nlaunches))
        w->d->grid[axis] = arena_printf(w->arena, "%u", g->grid[axis]);
}

static void describe_geometry(struct work *w)
{
    for (int axis = 0; axis < 3; axis++)
        describe_axis(w, axis);
    w->d->smem = group(w, 0)->smem;
    if (group(w, 0)->cooperative)
        add_reason(w, "it was launched cooperatively, which launch(...) cannot say: make the host "
                      "function that launches it the entry");
}

/* ---- what the name does not tell ---- */

static void describe_unknown(struct work *w)
{
    const struct captured_kernel *k = w->d->kernel;

    if (!k->name.has_params && !k->source && k->nparams)
        add_reason(w, "its name tells no types: give the source by --source FILE.cu");
    if (k->name.ntargs && !k->tparams)
        add_reason(w, "it is a template, and the names of its parameters are not known: give the "
                      "source by --source FILE.cu, or add instance(NAME = VALUE, ...)");
}

/* ---- all ---- */

static struct description describe_launches(struct captured *c, const struct captured_kernel *k,
                                            size_t n)
{
    struct description d = {.kernel = k};
    struct work w = {.c = c, .arena = c->arena, .d = &d};

    for (size_t i = 0; i < n; i++)
        *arena_push(c->arena, d.launches, d.nlaunches) = i;
    for (size_t i = 1; i < n; i++)
        if (!is_alike(&w, i))
            return d; /* without a grid: not usable */
    describe_scalars(&w);
    describe_geometry(&w);
    describe_unknown(&w);
    describe_arrays(&w);
    return d;
}

static bool is_complete(const struct description *d)
{
    for (size_t i = 0; i < d->narrays; i++)
        if (!d->arrays[i].extent)
            return false;
    return d->grid[0] && d->grid[1] && d->grid[2];
}

static void note_names(struct captured *c, struct description *d)
{
    bool unnamed = false;

    for (size_t p = 0; p < d->kernel->nparams; p++)
        unnamed |= !d->kernel->params[p].is_named;
    if (unnamed)
        *arena_push(c->arena, d->remarks, d->nremarks) =
            "the driver does not know what parameters are called: rename p0, p1, ... as in the "
            "source, or capture with --source FILE.cu";
}

struct description describe(struct captured *c, const struct captured_kernel *k)
{
    struct description d = describe_launches(c, k, k->nlaunches);

    if (k->nlaunches > 1 && !is_complete(&d)) {
        d = describe_launches(c, k, 1);
        *arena_push(c->arena, d.remarks, d.nremarks) =
            arena_printf(c->arena,
                         "%zu launches were captured, which one annotation cannot describe: this "
                         "is the first",
                         k->nlaunches);
    }
    note_names(c, &d);
    return d;
}
