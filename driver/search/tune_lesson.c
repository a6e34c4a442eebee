/* driver/search/tune_lesson.c
 *
 * The curves of a lesson are linear between their knots, and are found together, by least squares
 * that prefer small values (ridge). A row of the system has two numbers a slot. */
#include "driver/search/tune_lesson.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/space_impl.h"
#include "runtime/base/log.h"

enum { POINTS_LEAST = 20 };
#define FIRM 3.0       /* how firmly a knot is taken to be 0: as so many points there */
#define NOTHING 0.005f /* a knot that is nearer to 0 says nothing */

/* ---- curves --------------------------------------------------------------------------------- */

/* x is between knot `*at` and the next, by so much */
static float place_of(float x, size_t *at)
{
    x = x > 0 ? x < KNOTS - 1 ? x : KNOTS - 1 : 0;
    *at = (size_t)x < KNOTS - 2 ? (size_t)x : KNOTS - 2;
    return x - (float)*at;
}

static double curve_value(const struct curve *c, float x)
{
    size_t at;
    float by = place_of(x, &at);

    return (double)(c->at[at] + by * (c->at[at + 1] - c->at[at]));
}

double lesson_value(const struct lesson *l, const struct slots *s, const float *x)
{
    double sum = 0;

    for (size_t i = 0; i < l->n; i++) {
        size_t slot = slots_find(s, l->curve[i].slot);
        if (slot < slots_count(s))
            sum += curve_value(&l->curve[i], x[slot]);
    }
    return sum;
}

double lesson_likeness(const struct lesson *l, const struct slots *s)
{
    double both = 0;

    for (size_t i = 0; i < l->n; i++)
        both += slots_find(s, l->curve[i].slot) < slots_count(s);
    return both > 0 ? both / ((double)(l->n + slots_count(s)) - both) : 0;
}

/* ---- learning ------------------------------------------------------------------------------- */

struct system { /* A x = b, n by n */
    double *a, *b, *mean;
    size_t n;
};

/* x: of a point in each slot. Adds weight times what its row is */
static void each_knot(const struct slots *s, const float *x, size_t *column, double *value)
{
    for (size_t k = 0; k < slots_count(s); k++) {
        size_t at;
        double by = (double)place_of(x[k], &at);
        column[2 * k] = k * KNOTS + at;
        column[2 * k + 1] = k * KNOTS + at + 1;
        value[2 * k] = 1 - by;
        value[2 * k + 1] = by;
    }
}

static void system_fill(struct system *e, const struct slots *s, const size_t *point,
                        const double *y, size_t n)
{
    size_t column[2 * SLOTS_MOST], m = 2 * slots_count(s);
    double value[2 * SLOTS_MOST];
    float x[SLOTS_MOST];

    for (size_t i = 0; i < n; i++) {
        slots_of(s, point[i], x);
        each_knot(s, x, column, value);
        for (size_t p = 0; p < m; p++) {
            e->mean[column[p]] += value[p] / (double)n;
            e->b[column[p]] += value[p] * y[i];
            for (size_t q = 0; q < m; q++)
                e->a[column[p] * e->n + column[q]] += value[p] * value[q];
        }
    }
    for (size_t p = 0; p < e->n; p++) {
        for (size_t q = 0; q < e->n; q++)
            e->a[p * e->n + q] -= (double)n * e->mean[p] * e->mean[q];
        e->a[p * e->n + p] += FIRM;
    }
}

/* by Cholesky's factors; A is positive definite */
static void system_solve(struct system *e)
{
    size_t n = e->n;
    double *a = e->a, *b = e->b;

    for (size_t k = 0; k < n; k++) {
        a[k * n + k] = sqrt(a[k * n + k]);
        for (size_t i = k + 1; i < n; i++)
            a[i * n + k] /= a[k * n + k];
        for (size_t j = k + 1; j < n; j++)
            for (size_t i = j; a[j * n + k] != 0 && i < n; i++)
                a[i * n + j] -= a[i * n + k] * a[j * n + k];
    }
    for (size_t k = 0; k < n; k++) {
        for (size_t j = 0; j < k; j++)
            b[k] -= a[k * n + j] * b[j];
        b[k] /= a[k * n + k];
    }
    for (size_t k = n; k-- > 0;) {
        for (size_t j = k + 1; j < n; j++)
            b[k] -= a[j * n + k] * b[j];
        b[k] /= a[k * n + k];
    }
}

/* y: around 0, with a variance of 1; -1 when all are the same */
static int standardise(const double *value, double *y, size_t n)
{
    double mean = 0, variance = 0;

    for (size_t i = 0; i < n; i++)
        mean += value[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        variance += (value[i] - mean) * (value[i] - mean) / (double)n;
    for (size_t i = 0; i < n; i++)
        y[i] = (value[i] - mean) / sqrt(variance);
    return variance > 1e-12 ? 0 : -1;
}

static char *copy(const char *text)
{
    char *p = strdup(text);

    if (!p)
        fatal("out of memory");
    return p;
}

static struct lesson *lesson_new(const char *name, size_t n)
{
    struct lesson *l = space_zeroed(1, sizeof *l);

    l->name = copy(name);
    l->curve = space_zeroed(n, sizeof *l->curve);
    return l;
}

struct lesson *lesson_learn(const char *name, const struct slots *s, const size_t *point,
                            const double *value, size_t n)
{
    size_t size = slots_count(s) * KNOTS;
    struct system e = {space_zeroed(size * size, sizeof *e.a), space_zeroed(size, sizeof *e.b),
                       space_zeroed(size, sizeof *e.mean), size};
    double *y = space_zeroed(n, sizeof *y);
    struct lesson *l = NULL;

    if (n >= POINTS_LEAST && size && standardise(value, y, n) == 0) {
        system_fill(&e, s, point, y, n);
        system_solve(&e);
        l = lesson_new(name, slots_count(s));
        for (size_t k = 0; k < slots_count(s); k++) {
            struct curve *c = (struct curve *)&l->curve[l->n++];
            c->slot = copy(slots_name(s, k));
            for (size_t i = 0; i < KNOTS; i++) {
                float v = (float)e.b[k * KNOTS + i];
                c->at[i] = fabsf(v) < NOTHING ? 0 : v;
            }
        }
    }
    free(e.a);
    free(e.b);
    free(e.mean);
    free(y);
    return l;
}

void lesson_free(struct lesson *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->n; i++)
        free((char *)l->curve[i].slot);
    free((struct curve *)l->curve);
    free((char *)l->name);
    free(l);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

json_t *lesson_to_json(const struct lesson *l)
{
    json_t *curves = json_object();

    for (size_t i = 0; i < l->n; i++) {
        json_t *at = json_array();
        for (size_t k = 0; k < KNOTS; k++)
            json_array_append_new(at, json_real(round((double)l->curve[i].at[k] * 1000) / 1000));
        json_object_set_new(curves, l->curve[i].slot, at);
    }
    return json_pack("{s:s, s:o}", "name", l->name, "curves", curves);
}

struct lesson *lesson_from_json(const json_t *json)
{
    json_t *curves = json_object_get(json, "curves"), *at;
    const char *name = json_string_value(json_object_get(json, "name")), *slot;
    struct lesson *l;

    if (!name || !json_object_size(curves) || json_object_size(curves) > SLOTS_MOST)
        return NULL;
    l = lesson_new(name, json_object_size(curves));
    json_object_foreach(curves, slot, at)
    {
        struct curve *c = (struct curve *)&l->curve[l->n++];
        c->slot = copy(slot);
        for (size_t k = 0; k < KNOTS; k++) {
            double v = json_number_value(json_array_get(at, k));
            c->at[k] = isfinite(v) ? (float)v : 0;
        }
    }
    return l;
}
