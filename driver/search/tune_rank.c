/* driver/search/tune_rank.c - which of the points that were asked for is worth measuring first.
 *
 * Compilers run ahead, so points are asked for long before they are measured, and what they were
 * asked for may be known by then. They are judged once more by what is known now, each alone: with
 * the hyper-parameters as they were last drawn, the mean over the draws, but without those points
 * for data that are not measured yet. */
#include <stdlib.h>
#include <string.h>
#include "driver/search/tune_surrogate_impl.h"

enum {
    RANKED_MOST = GP_TILE,
    ROWS_DRAWS = 100, /* rows from which on one draw tells enough, and each takes long */
};

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

/* by what one draw of the model says: adds to the gain of each of the first n points */
static void rank_add(const struct surrogate *s, struct rank *r, const struct gp *draw,
                     const size_t *points, size_t n, const struct scale *scale)
{
    struct gp *g = r->gp;

    memcpy(g->theta, draw->theta, sizeof g->theta);
    gp_forget(g);
    g->s2 = gp_predict(g, r->data, &r->time, &r->field, g->mu);
    for (size_t i = 0; i < n; i++)
        g->mu[i] += (float)(said_of(s, points[i]) / scale->factor);
    gp_improvement(g, &r->field, scale->best, r->gain);
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
    memset(r->gain, 0, r->field.room * sizeof *r->gain);
    for (size_t m = 0; m < (r->data->n < ROWS_DRAWS ? s->models : 1); m++)
        rank_add(s, r, s->gp[m], points, n, &scale);
    memcpy(gain, r->gain, n * sizeof *gain);
    return true;
}
