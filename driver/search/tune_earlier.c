/* driver/search/tune_earlier.c - what an earlier search says of the points of this one: what it
 * measured, and for points that it did not try what a model of it expects there. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/tune_surrogate_impl.h"

enum {
    SOURCE_MOST = 240, /* trials that the model of it learns from */
    SOURCE_STEPS = 40, /* of drawing its hyper-parameters */
};
#define SOURCE_CUT 3   /* logarithm: what is that much slower than its best is just bad */
#define TRUST_BEFORE 2 /* trials that it is taken to have been right about */

static int by_point(const void *a, const void *b)
{
    const struct trial_seen *x = a, *y = b;

    return x->point < y->point ? -1 : x->point > y->point;
}

static const struct trial_seen *earlier_trial(const struct earlier *o, size_t point)
{
    struct trial_seen key = {.point = point};

    return o->n ? bsearch(&key, o->trial, o->n, sizeof key, by_point) : NULL;
}

/* what it says of the points that it did not try */
static void earlier_fill(struct tuner *t)
{
    struct surrogate *s = t->own;
    struct earlier *o = &s->earlier;
    struct trial_seen *best = surrogate_sorted(o->trial, o->n);
    struct gp_data *d = gp_data_new(features_count(s->features));
    struct gp_values *y = space_zeroed(1, sizeof *y);
    size_t half = SOURCE_MOST / 2, step = o->n / half + 1;
    double cut = best[0].score + SOURCE_CUT, mean = 0;
    struct gp *g;

    memcpy(d->length, s->data->length, sizeof d->length);
    for (size_t i = 0; i < o->n && d->n < SOURCE_MOST; i += i < half ? 1 : step) {
        y->y[d->n] = best[i].failed || best[i].score > cut ? cut : best[i].score;
        y->known[d->n] = true;
        mean += y->y[d->n];
        features_of(s->features, best[i].point, s->x);
        for (size_t f = 0; f < d->nf; f++)
            d->x[f][d->n] = s->x[f];
        d->n++;
    }
    mean /= (double)d->n;
    for (size_t i = 0; i < d->n; i++)
        y->y[i] -= mean;
    g = gp_new(d, &s->field, true);
    gp_sample(g, d, y, d->n, SOURCE_STEPS, &t->random);
    gp_predict(g, d, y, &s->field, s->mu);
    for (size_t i = 0; i < s->field.n; i++)
        if (!earlier_trial(o, s->point[i]))
            o->log_score[i] = s->mu[i] + (float)mean;
    gp_free(g);
    gp_data_free(d);
    free(y);
    free(best);
}

void earlier_place(struct tuner *t)
{
    struct surrogate *s = t->own;
    struct earlier *o = &s->earlier;
    bool missing = false;

    for (size_t i = 0; i < s->field.n; i++) {
        const struct trial_seen *x = earlier_trial(o, s->point[i]);
        missing = missing || !x;
        if (x)
            o->log_score[i] = x->failed ? HUGE_VALF : (float)x->score;
    }
    if (missing)
        earlier_fill(t);
}

void earlier_open(struct tuner *t)
{
    struct surrogate *s = t->own;
    struct earlier *o = &s->earlier;
    struct trial_seen *best;

    o->is = true;
    o->trust = 1;
    o->trial = space_zeroed(t->nrecalled, sizeof *o->trial);
    memcpy(o->trial, t->recalled, t->nrecalled * sizeof *o->trial);
    qsort(o->trial, t->nrecalled, sizeof *o->trial, by_point);
    for (size_t i = 0; i < t->nrecalled; i++)
        if (!o->n || o->trial[o->n - 1].point != o->trial[i].point)
            o->trial[o->n++] = o->trial[i];
    best = surrogate_sorted(o->trial, o->n);
    o->best = space_zeroed(o->n, sizeof *o->best);
    while (o->nbest < o->n && !best[o->nbest].failed) {
        o->best[o->nbest] = best[o->nbest].point;
        o->nbest++;
    }
    free(best);
    o->log_score = space_zeroed(s->field.room, sizeof *o->log_score);
    o->is = o->nbest > 0;
    if (o->is)
        earlier_place(t);
}

void earlier_release(struct earlier *o)
{
    free(o->log_score);
    free(o->best);
    free(o->trial);
}

void earlier_rows(struct tuner *t, double *value, double *cut)
{
    struct surrogate *s = t->own;
    double seen[GP_ROWS];
    size_t n = 0;

    for (size_t i = 0; i < s->data->n; i++) {
        const struct trial_seen *x = earlier_trial(&s->earlier, s->row[i]);
        value[i] = HUGE_VAL;
        if (x && !x->failed)
            value[i] = x->score;
        for (size_t k = 0; !x && k < s->field.n; k++)
            if (s->point[k] == s->row[i])
                value[i] = s->earlier.log_score[k];
        if (s->time.known[i] && isfinite(value[i]))
            seen[n++] = value[i];
    }
    *cut = n ? tuner_cut(seen, n) : 0;
    for (size_t i = 0; i < s->data->n; i++)
        value[i] = value[i] < *cut ? value[i] : *cut;
}

double earlier_trust(const struct surrogate *s, const double *value)
{
    double my = 0, mv = 0, vv = 0, vy = 0, n = 0, before;

    for (size_t i = 0; i < s->data->n; i++) {
        if (s->time.known[i]) {
            my += s->time.y[i];
            mv += value[i];
            n++;
        }
    }
    if (n < 2)
        return 1;
    for (size_t i = 0; i < s->data->n; i++) {
        if (s->time.known[i]) {
            vv += (value[i] - mv / n) * (value[i] - mv / n);
            vy += (value[i] - mv / n) * (s->time.y[i] - my / n);
        }
    }
    before = TRUST_BEFORE * (vv / n + 0.001);
    double slope = (vy + before) / (vv + before);
    return slope < 0 ? 0 : slope > 1.2 ? 1.2 : slope;
}

size_t earlier_point(struct tuner *t)
{
    struct earlier *o = &((struct surrogate *)t->own)->earlier;

    while (o->next < o->nbest && tuner_is_used(t, o->best[o->next]))
        o->next++;
    return o->next < o->nbest ? o->best[o->next++] : SPACE_NONE;
}
