/* driver/search/sizes.c - see sizes.h.
 *
 * Dimensions are drawn evenly on a logarithmic scale, so that small ones come too, and a product of
 * them that is large is made smaller: a proof is to take no longer than the screening did. */
#include "driver/search/sizes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "driver/lang/expr.h"
#include "driver/search/space_impl.h"
#include "runtime/base/arena.h"

#define MOST_VOLUME 1e6 /* product of the dimensions, unless all named sizes are larger */
#define SMALL_VOLUME (1 << 14)
#define TRIES 64     /* until the assumptions hold */
#define STEP_MOST 64 /* of which sizes may have to be multiples that are smaller than any named */

struct range { /* of a dimension over the points that bind it */
    int64_t low, high, step;
};

static size_t random_below(struct sizes *s, size_t n)
{
    return n ? (size_t)(space_rand(&s->random) % n) : 0;
}

static double random_unit(struct sizes *s)
{
    return (double)(space_rand(&s->random) >> 11) / 9007199254740992.0;
}

struct sizes sizes_begin(const struct spec *spec, const int64_t *values)
{
    struct sizes s = {.spec = spec, .values = values};

    if (getrandom(&s.random, sizeof s.random, 0) != sizeof s.random)
        s.random = (uint64_t)(uintptr_t)&s; /* of addresses that the system draws */
    return s;
}

/* ---- what was named ---- */

static bool is_bound(const struct point *p, size_t d)
{
    return !p->bound || p->bound[d];
}

static int64_t divisor(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static struct range range_of(const struct spec *spec, size_t d)
{
    struct range r = {INT64_MAX, INT64_MIN, 0};

    for (size_t i = 0; i < spec->npoints; i++) {
        int64_t x = spec->points[i].dims[d];
        if (!is_bound(&spec->points[i], d))
            continue;
        r.low = x < r.low ? x : r.low;
        r.high = x > r.high ? x : r.high;
        r.step = divisor(x > 0 ? x : 0, r.step);
    }
    r.step = r.step > 0 ? r.step : 1;
    if (r.low == r.high && r.low > 4) /* one size is named: smaller ones must work too */
        r.low /= 4, r.step = r.step > STEP_MOST ? STEP_MOST : r.step;
    return r;
}

static double volume(const struct spec *spec, const struct point *p)
{
    double product = 1;

    for (size_t d = 0; d < spec->ndims; d++)
        if (is_bound(p, d))
            product *= fmax(1, (double)p->dims[d]);
    return product;
}

static double volume_allowed(const struct spec *spec)
{
    double least = HUGE_VAL;

    for (size_t i = 0; i < spec->npoints; i++)
        least = fmin(least, volume(spec, &spec->points[i]));
    return fmax(least, MOST_VOLUME);
}

/* ---- assumptions ---- */

struct view { /* parameters as a drawn point has them */
    const struct sizes *s;
    const struct point *p;
    bool unknown;
};

static int lookup(void *arg, const char *name, int64_t *value)
{
    struct view *v = arg;
    const struct spec *spec = v->s->spec;
    int param = spec_find_param(spec, name), tunable = spec_find_tunable(spec, name);
    const char *text = param >= 0 ? spec->params[param].value.text : NULL;
    int dim = text ? spec_find_dim(spec, text) : -1;

    if (dim >= 0 && is_bound(v->p, (size_t)dim)) {
        *value = v->p->dims[dim];
        return 1;
    }
    if (tunable >= 0 && v->s->values) {
        *value = v->s->values[tunable];
        return 1;
    }
    v->unknown = true;
    return 0;
}

/* do all assumptions hold? *known: they can be computed */
static bool assumed(const struct sizes *s, const struct point *p, bool *known)
{
    struct view v = {s, p, false};
    bool holds = true;

    for (size_t i = 0; i < s->spec->nassumes; i++) {
        int64_t value = 0;
        if (expr_eval(s->spec->assumes[i].expr, lookup, &v, &value, NULL) == 0)
            holds = holds && value != 0;
    }
    *known = !v.unknown;
    return holds;
}

/* ---- one draw ---- */

static bool is_prime(int64_t n)
{
    for (int64_t k = 2; k <= n / k; k++)
        if (n % k == 0)
            return false;
    return n > 1;
}

static int64_t draw_between(struct sizes *s, struct range r, bool prime)
{
    double low = log(fmax(1, (double)r.low)), high = log(fmax(1, (double)r.high));
    int64_t x = (int64_t)floor(exp(low + (high - low) * random_unit(s)) + 0.5);

    if (s->coarse)
        return x / r.step ? x / r.step * r.step : r.step;
    while (prime && x > 2 && !is_prime(x))
        x--;
    return x < 1 ? 1 : x;
}

/* in turn 0, 1, about a warp, then about one of the variant's own numbers */
static int64_t draw_edge(struct sizes *s)
{
    static const int64_t edges[] = {1, 31, 33, 0, 32};
    size_t n = sizeof edges / sizeof *edges;
    int64_t own;

    if (s->edges < n || !s->spec->ntunables || !s->values)
        return edges[s->edges++ % n];
    own = s->values[random_below(s, s->spec->ntunables)] + (int64_t)random_below(s, 3) - 1;
    return own > 0 && own < 1 << 20 ? own : edges[random_below(s, n)];
}

static void draw_dims(struct sizes *s, unsigned k, struct point *p)
{
    const struct spec *spec = s->spec;
    size_t one = random_below(s, spec->ndims);
    bool edge = !s->coarse && k % SIZES_EDGE == SIZES_EDGE - 1;
    double most = volume_allowed(spec);

    for (size_t d = 0; d < spec->ndims; d++)
        if (is_bound(p, d))
            p->dims[d] = draw_between(s, range_of(spec, d), !edge && random_below(s, 2));
    if (edge && is_bound(p, one))
        p->dims[one] = draw_edge(s);
    for (unsigned turn = 0; volume(spec, p) > most && turn < 4096; turn++) {
        size_t d = random_below(s, spec->ndims);
        struct range r = range_of(spec, d);
        if (is_bound(p, d) && p->dims[d] > 1 && p->dims[d] > r.low)
            p->dims[d] = draw_between(s, (struct range){r.low, p->dims[d], r.step}, false);
    }
}

static const char *label_of(struct arena *a, const struct spec *spec, const struct point *p)
{
    const char *label = "";

    for (size_t d = 0; d < spec->ndims; d++)
        if (is_bound(p, d))
            label = arena_printf(a, "%s%s%s=%lld", label, *label ? ", " : "", spec->dims[d],
                                 (long long)p->dims[d]);
    return arena_printf(a, "%s, drawn", label);
}

static struct point *point_like(struct arena *a, const struct spec *spec, const struct point *like)
{
    struct point *p = arena_alloc(a, sizeof *p);

    *p = *like;
    p->name = "";
    p->timed = false;
    p->gens = NULL;
    p->dims = arena_array(a, int64_t, spec->ndims);
    memcpy(p->dims, like->dims, spec->ndims * sizeof *p->dims);
    return p;
}

static size_t largest_dim(const struct spec *spec, const struct point *p)
{
    size_t most = 0;

    for (size_t d = 1; d < spec->ndims; d++)
        if (p->dims[d] > p->dims[most])
            most = d;
    return most;
}

/* what is left of a dimension */
static int64_t part_of(const struct spec *spec, size_t d, int64_t x, int64_t by)
{
    int64_t step = range_of(spec, d).step, part = x / by;

    step = step > STEP_MOST ? STEP_MOST : step;
    part = part < STEP_MOST ? STEP_MOST : part;
    part = (part + step - 1) / step * step;
    return part < x ? part : x;
}

const struct point *sizes_small(struct sizes *s, struct arena *a, bool alone)
{
    const struct spec *spec = s->spec;
    const struct point *least = spec->npoints ? &spec->points[spec_least_point(spec)] : NULL;
    bool known;

    if (!spec->ndims || !least)
        return NULL;
    struct point *p = point_like(a, spec, least);
    size_t largest = largest_dim(spec, least);
    for (int64_t by = 2; volume(spec, p) > SMALL_VOLUME && by <= INT32_MAX; by *= 2)
        for (size_t d = 0; d < spec->ndims; d++)
            if (is_bound(p, d) && (!alone || d == largest))
                p->dims[d] = part_of(spec, d, least->dims[d], by);
    p->label = label_of(a, spec, p);
    return volume(spec, p) < volume(spec, least) && assumed(s, p, &known) && known ? p : NULL;
}

const struct point *sizes_draw(struct sizes *s, struct arena *a, unsigned k)
{
    const struct spec *spec = s->spec;
    const struct point *like = spec->npoints ? &spec->points[random_below(s, spec->npoints)] : NULL;

    if (!spec->ndims || !like)
        return NULL;
    struct point *p = point_like(a, spec, like);
    for (int try = 0; try < TRIES; try++) {
        bool known;
        memcpy(p->dims, like->dims, spec->ndims * sizeof *p->dims);
        draw_dims(s, k, p);
        p->label = label_of(a, spec, p);
        if (assumed(s, p, &known) && known)
            return p;
        if (!known)
            return NULL;
    }
    return NULL;
}
