/* driver/search/tune_taught.c - what searches of other spaces say of the points of this one
 * (tune_lesson.h).
 *
 * Each lesson is believed as far as its space was like this one, and then as far as what is
 * measured follows it: the values are fitted by a sum of lessons, each times a slope that is near
 * what was believed of it before (ridge regression). None is held against what it says: slopes are
 * not negative. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/tune_surrogate_impl.h"

#define ALIKE_LEAST 0.5 /* likeness below which nothing is believed beforehand */
#define BELIEF_MOST 0.8 /* in all lessons together, beforehand */
/* how firmly that is believed, as so many points; how much more firmly a lesson of a space that is
 * not like this one is not, which by chance alone seems to be right too often */
#define FIRM 6.0
#define FIRM_UNLIKE 60.0
#define UNLIKE 4 /* times likeness, below 1 */

/* ---- which ---------------------------------------------------------------------------------- */

static void take(struct taught *o, const struct lesson *l, double likeness)
{
    size_t at = o->n;

    for (; at > 0 && o->alike[at - 1] < likeness; at--) {
        if (at < TAUGHT_MOST) {
            o->alike[at] = o->alike[at - 1];
            o->lesson[at] = o->lesson[at - 1];
        }
    }
    if (at == TAUGHT_MOST)
        return;
    o->alike[at] = likeness;
    o->lesson[at] = l;
    o->n += o->n < TAUGHT_MOST;
}

void taught_open(struct tuner *t)
{
    struct surrogate *s = t->own;
    struct taught *o = &s->taught;
    double sum = 0;

    o->slots = slots_new(t->space);
    for (size_t i = 0; i < t->nlessons; i++) {
        double likeness = lesson_likeness(t->lesson[i], o->slots);
        if (likeness > 0)
            take(o, t->lesson[i], likeness);
    }
    for (size_t k = 0; k < o->n; k++) {
        double over = (o->alike[k] - ALIKE_LEAST) / (1 - ALIKE_LEAST);
        o->alike[k] = over > 0 ? over * over : 0;
        sum += o->alike[k];
    }
    for (size_t k = 0; k < o->n; k++) {
        o->before[k] = o->alike[k] * (sum > 1 ? BELIEF_MOST / sum : BELIEF_MOST);
        o->row[k] = space_zeroed(GP_ROWS, sizeof(float));
        o->field[k] = space_zeroed(s->field.room, sizeof(float));
    }
    o->sum = space_zeroed(s->field.room, sizeof *o->sum);
    taught_place(t);
}

void taught_release(struct taught *o)
{
    free(o->sum);
    for (size_t k = 0; k < o->n; k++) {
        free(o->row[k]);
        free(o->field[k]);
    }
    slots_free(o->slots);
}

double taught_belief(const struct surrogate *s)
{
    double sum = 0;

    for (size_t k = 0; k < s->taught.n; k++)
        sum += s->taught.before[k];
    return sum;
}

/* ---- what they say -------------------------------------------------------------------------- */

void taught_place(struct tuner *t)
{
    struct surrogate *s = t->own;
    struct taught *o = &s->taught;
    float x[SLOTS_MOST];

    for (size_t i = 0; o->n && i < s->field.n; i++) {
        slots_of(o->slots, s->point[i], x);
        for (size_t k = 0; k < o->n; k++)
            o->field[k][i] = (float)lesson_value(o->lesson[k], o->slots, x);
    }
}

void taught_row(struct surrogate *s, size_t i, size_t point)
{
    struct taught *o = &s->taught;
    float x[SLOTS_MOST];

    if (o->n)
        slots_of(o->slots, point, x);
    for (size_t k = 0; k < o->n; k++)
        o->row[k][i] = (float)lesson_value(o->lesson[k], o->slots, x);
}

double taught_of_row(const struct surrogate *s, size_t i)
{
    double sum = 0;

    for (size_t k = 0; k < s->taught.n; k++)
        sum += s->taught.slope[k] * (double)s->taught.row[k][i];
    return sum;
}

const double *taught_of_field(struct surrogate *s)
{
    struct taught *o = &s->taught;

    if (!o->n)
        return NULL;
    memset(o->sum, 0, s->field.n * sizeof *o->sum);
    for (size_t k = 0; k < o->n; k++)
        for (size_t i = 0; o->slope[k] > 0 && i < s->field.n; i++)
            o->sum[i] += o->slope[k] * (double)o->field[k][i];
    return o->sum;
}

double taught_guess(const struct surrogate *s, size_t point)
{
    float x[SLOTS_MOST];
    double sum = 0;

    slots_of(s->taught.slots, point, x);
    for (size_t k = 0; k < s->taught.n; k++)
        if (s->taught.before[k] > 0)
            sum += s->taught.before[k] * lesson_value(s->taught.lesson[k], s->taught.slots, x);
    return sum;
}

/* ---- how far that holds --------------------------------------------------------------------- */

struct fit { /* A slope = b; a lesson that is out has slope 0 */
    double a[TAUGHT_MOST][TAUGHT_MOST], b[TAUGHT_MOST];
    bool out[TAUGHT_MOST];
    size_t n;
};

/* by elimination; A is positive definite */
static void fit_solve(const struct fit *f, double *slope)
{
    double a[TAUGHT_MOST][TAUGHT_MOST + 1];
    size_t n = f->n;

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            a[i][j] = f->out[i] || f->out[j] ? i == j : f->a[i][j];
        a[i][n] = f->out[i] ? 0 : f->b[i];
    }
    for (size_t k = 0; k < n; k++) {
        for (size_t i = k + 1; i < n; i++) {
            double by = a[i][k] / a[k][k];
            for (size_t j = k; j <= n; j++)
                a[i][j] -= by * a[k][j];
        }
    }
    for (size_t k = n; k-- > 0;) {
        slope[k] = a[k][n];
        for (size_t j = k + 1; j < n; j++)
            slope[k] -= a[k][j] * slope[j];
        slope[k] /= a[k][k];
    }
}

/* the one with the most negative slope goes, until there is none */
static void fit_positive(struct fit *f, double *slope)
{
    for (;;) {
        size_t worst = f->n;
        fit_solve(f, slope);
        for (size_t k = 0; k < f->n; k++)
            if (slope[k] < 0 && (worst == f->n || slope[k] < slope[worst]))
                worst = k;
        if (worst == f->n)
            return;
        f->out[worst] = true;
    }
}

void taught_learn(struct surrogate *s)
{
    struct taught *o = &s->taught;
    struct fit f = {.n = o->n};
    double mean[TAUGHT_MOST] = {0}, middle = 0, variance = 0, n = 0, unit;
    size_t rows = s->data->n;

    for (size_t i = 0; i < rows; i++) {
        if (!s->time.known[i])
            continue;
        n++;
        middle += s->time.y[i];
        variance += s->time.y[i] * s->time.y[i];
        for (size_t k = 0; k < o->n; k++)
            mean[k] += (double)o->row[k][i];
    }
    middle /= n > 0 ? n : 1;
    variance = n > 0 ? variance / n - middle * middle : 0;
    unit = sqrt(variance > 1e-8 ? variance : 1e-8);
    for (size_t i = 0; i < rows; i++) {
        for (size_t k = 0; s->time.known[i] && k < o->n; k++) {
            double x = (double)o->row[k][i] - mean[k] / n;
            f.b[k] += x * (s->time.y[i] - middle) / unit;
            for (size_t j = 0; j < o->n; j++)
                f.a[k][j] += x * ((double)o->row[j][i] - mean[j] / n);
        }
    }
    for (size_t k = 0; k < o->n; k++) {
        double firm = FIRM + FIRM_UNLIKE * fmax(0, 1 - UNLIKE * o->alike[k]);
        f.a[k][k] += firm;
        f.b[k] += firm * o->before[k];
    }
    fit_positive(&f, o->slope);
    for (size_t k = 0; k < o->n; k++)
        o->slope[k] *= unit;
}
