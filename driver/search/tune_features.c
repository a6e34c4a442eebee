/* driver/search/tune_features.c */
#include "driver/search/tune_features.h"

#include <math.h>
#include <stdlib.h>
#include "driver/lang/expr_impl.h"
#include "driver/search/space_impl.h"
#include "driver/search/tune_slots.h"

enum { SIZES_LEAST = 16, WARP_BITS = 5 };
#define ALIKE 0.999   /* correlation with one that is there: nothing new */
#define COUNTS_MOST 8 /* larger values from 0 on are on a logarithmic scale */

struct feature {
    enum feature_kind kind;
    size_t tunable;           /* whose value's number picks from the table */
    float *table;             /* NULL: it is of expressions */
    const struct expr *a, *b; /* the logarithm of a, or of a over b; NULL: it is of a slot */
    size_t slot;
    float low, scale;
};

struct features {
    struct space *space;
    struct slots *slots;
    struct feature feature[FEATURES_MOST];
    size_t n, own;
    const size_t *points; /* while it is made */
    size_t npoints;
    float *seen[FEATURES_MOST]; /* each feature of the points */
};

/* ---- the values ----------------------------------------------------------------------------- */

/* HUGE_VALF: there is none */
static float raw(const struct features *f, const struct feature *x, size_t point)
{
    int64_t a, b = 1;

    if (x->table)
        return x->table[space_index(f->space, point)[x->tunable]];
    if (!x->a) {
        float all[SLOTS_MOST];
        slots_of(f->slots, point, all);
        return all[x->slot];
    }
    if (space_compute(f->space, x->a, point, &a) ||
        (x->b && space_compute(f->space, x->b, point, &b)))
        return HUGE_VALF;
    if (x->b)
        return (float)(log(fabs((double)a) + 0.001) - log(fabs((double)b) + 0.001));
    return (float)(a < 0 ? -log1p(-(double)a) : log1p((double)a));
}

void features_of(const struct features *f, size_t point, float *x)
{
    for (size_t i = 0; i < f->n; i++) {
        float value = raw(f, &f->feature[i], point);
        x[i] = isfinite(value) ? (value - f->feature[i].low) * f->feature[i].scale : 0;
    }
}

/* ---- making --------------------------------------------------------------------------------- */

static bool is_alike(const float *x, const float *y, size_t n)
{
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;

    for (size_t i = 0; i < n; i++) {
        mx += x[i] / (double)n;
        my += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return fabs(xy) >= ALIKE * sqrt(xx * yy);
}

/* takes x and its table, unless it says nothing that the others do not */
static void add(struct features *f, struct feature x)
{
    float *seen = space_zeroed(f->npoints, sizeof *seen), low = HUGE_VALF, high = -HUGE_VALF;
    bool good = f->n < FEATURES_MOST;

    for (size_t i = 0; good && i < f->npoints; i++) {
        seen[i] = raw(f, &x, f->points[i]);
        low = seen[i] < low ? seen[i] : low;
        high = seen[i] > high ? seen[i] : high;
    }
    good = good && isfinite(low) && isfinite(high) && high > low;
    for (size_t k = 0; good && k < f->n; k++)
        good = !is_alike(seen, f->seen[k], f->npoints);
    if (!good) {
        free(seen);
        free(x.table);
        return;
    }
    x.low = low;
    x.scale = 1 / (high - low);
    f->seen[f->n] = seen;
    f->feature[f->n++] = x;
}

struct range {
    int64_t low, high;
    bool others; /* than powers of two */
};

static struct range range_of(const struct tunable *t)
{
    struct range r = {t->values[0], t->values[0], false};

    for (size_t i = 0; i < t->nvalues; i++) {
        int64_t v = t->values[i];
        r.low = v < r.low ? v : r.low;
        r.high = v > r.high ? v : r.high;
        r.others = r.others || (v > 0 && (v & (v - 1)));
    }
    return r;
}

static void add_tunable(struct features *f, size_t tunable)
{
    const struct tunable *t = &f->space->spec->tunables[tunable];
    struct range r = range_of(t);
    float *table = space_zeroed(t->nvalues, sizeof *table);
    bool is_size = r.low > 0 || (r.low == 0 && r.high > COUNTS_MOST);
    enum feature_kind kind = t->nvalues == 2 ? FEATURE_SWITCH
                             : is_size       ? FEATURE_SIZE
                                             : FEATURE_CHOICE;

    for (size_t i = 0; i < t->nvalues; i++) {
        double v = (double)t->values[i];
        table[i] = (float)(is_size ? log(v + (r.low == 0)) : v);
    }
    add(f, (struct feature){.kind = kind, .tunable = tunable, .table = table});
}

/* is a size a power of two; how many factors of two has it, as far as a warp needs them */
static void add_divisors(struct features *f, size_t tunable)
{
    const struct tunable *t = &f->space->spec->tunables[tunable];
    struct range r = range_of(t);

    if (r.low < 0 || r.high < SIZES_LEAST || !r.others || t->nvalues < 4)
        return;
    for (int kind = 0; kind < 2; kind++) {
        float *table = space_zeroed(t->nvalues, sizeof *table);
        for (size_t i = 0; i < t->nvalues; i++) {
            int64_t v = t->values[i];
            int bits = v ? __builtin_ctzll((unsigned long long)v) : WARP_BITS;
            table[i] =
                kind == 0 ? (v & (v - 1)) == 0 : (float)(bits < WARP_BITS ? bits : WARP_BITS);
        }
        add(f, (struct feature){.kind = FEATURE_DIVISOR, .tunable = tunable, .table = table});
    }
}

static void count_name(void *arg, const char *name, struct span at)
{
    (void)name;
    (void)at;
    ++*(size_t *)arg;
}

static size_t names_in(const struct expr *e)
{
    size_t n = 0;

    expr_names(e, count_name, &n);
    return n;
}

static bool is_comparison(const struct expr *e)
{
    return e->op >= INTEGER_EQ && e->op <= INTEGER_GE;
}

/* what is compared, and how often one thing goes into another */
static void add_constraint(struct features *f, const struct expr *e)
{
    if (!e || e->op == EXPR_NAME || e->op == EXPR_NUMBER)
        return;
    if (e->op == INTEGER_MOD) {
        if (names_in(e->a) + names_in(e->b) >= 2)
            add(f, (struct feature){.kind = FEATURE_PRODUCT, .a = e->a, .b = e->b});
    } else if (is_comparison(e)) {
        const struct expr *side[] = {e->a, e->b};
        for (int i = 0; i < 2; i++) {
            if (side[i]->op == INTEGER_MOD)
                add_constraint(f, side[i]);
            else if (names_in(side[i]) >= 2)
                add(f, (struct feature){.kind = FEATURE_PRODUCT, .a = side[i]});
        }
    } else {
        add_constraint(f, e->a);
        add_constraint(f, e->b);
        add_constraint(f, e->c);
    }
}

static void add_slot(struct features *f, const char *name)
{
    size_t slot = slots_find(f->slots, name);

    if (slot < slots_count(f->slots))
        add(f, (struct feature){.kind = FEATURE_PRODUCT, .slot = slot});
}

struct features *features_new(struct space *space, const size_t *points, size_t n)
{
    struct features *f = space_zeroed(1, sizeof *f);
    const struct spec *spec = space->spec;

    f->space = space;
    f->slots = slots_new(space);
    f->points = points;
    f->npoints = n;
    for (size_t i = 0; i < spec->ntunables; i++)
        add_tunable(f, i);
    f->own = f->n;
    for (size_t i = 0; i < spec->ntunables; i++)
        add_divisors(f, i);
    add_slot(f, "threads");
    add_slot(f, "work");
    for (size_t i = 0; i < spec->nwheres; i++)
        add_constraint(f, spec->wheres[i].expr);
    for (size_t i = 0; i < f->n; i++)
        free(f->seen[i]);
    f->points = NULL;
    return f;
}

void features_free(struct features *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->n; i++)
        free(f->feature[i].table);
    slots_free(f->slots);
    free(f);
}

size_t features_count(const struct features *f)
{
    return f->n;
}

size_t features_own(const struct features *f)
{
    return f->own;
}

enum feature_kind features_kind(const struct features *f, size_t feature)
{
    return f->feature[feature].kind;
}
