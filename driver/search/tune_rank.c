/* driver/search/tune_rank.c - which of the points that were asked for is worth measuring first.
 *
 * Compilers run ahead, so points are asked for long before they are measured, and what they were
 * asked for may be known by then. They are judged once more by what is known now, each alone: with
 * the hyper-parameters as they were last drawn, but without those points for data that are not
 * measured yet. */
#include <stdlib.h>
#include <string.h>
#include "driver/search/tune_surrogate_impl.h"

enum { RANKED_MOST = GP_TILE };

struct rank {
    struct gp_data *data;
    struct gp_values time;
    struct gp_field field;
    struct gp *gp;
    float *gain;
};

static struct rank *rank_open(const struct surrogate *s)
{
    struct rank *r = space_zeroed(1, sizeof *r);
    size_t n = features_count(s->features);

    r->data = gp_data_new(n);
    gp_field_init(&r->field, n, RANKED_MOST);
    r->gp = gp_new(r->data, &r->field, true);
    r->gain = space_zeroed(r->field.room, sizeof *r->gain);
    return r;
}

void rank_close(struct rank *r)
{
    if (!r)
        return;
    gp_free(r->gp);
    gp_field_release(&r->field);
    gp_data_free(r->data);
    free(r->gain);
    free(r);
}

/* the rows that are measured */
static void rank_rows(const struct surrogate *s, struct rank *r)
{
    size_t n = 0;

    for (size_t i = 0; i < s->data->n; i++) {
        if (!s->time.known[i])
            continue;
        for (size_t f = 0; f < s->data->nf; f++)
            r->data->x[f][n] = s->data->x[f][i];
        r->data->noise[n] = s->data->noise[i];
        r->time.y[n] = s->time.y[i];
        r->time.known[n++] = true;
    }
    r->data->n = n;
}

/* what is said of a point beforehand: it was asked for, so it is among the rows */
static double said_of(const struct surrogate *s, size_t point)
{
    for (size_t i = s->data->n; i-- > 0;)
        if (s->row[i] == point)
            return s->said[i];
    return 0;
}

bool rank_points(struct tuner *t, const size_t *points, size_t n, float *gain)
{
    struct surrogate *s = t->own;
    struct scale scale;
    struct rank *r;

    if (n > RANKED_MOST || !s || !s->refit_at)
        return false;
    scale = surrogate_values(t);
    r = s->rank = s->rank ? s->rank : rank_open(s);
    rank_rows(s, r);
    for (size_t i = 0; i < n; i++) {
        features_of(s->features, points[i], s->x);
        for (size_t f = 0; f < s->data->nf; f++)
            r->field.x[f][i] = s->x[f];
    }
    memcpy(r->gp->theta, s->gp[0]->theta, sizeof r->gp->theta);
    gp_forget(r->gp);
    r->gp->s2 = gp_predict(r->gp, r->data, &r->time, &r->field, r->gp->mu);
    for (size_t i = 0; i < n; i++)
        r->gp->mu[i] += (float)(said_of(s, points[i]) / scale.factor);
    memset(r->gain, 0, r->field.room * sizeof *r->gain);
    gp_improvement(r->gp, &r->field, scale.best, r->gain);
    memcpy(gain, r->gain, n * sizeof *gain);
    return true;
}
