/* driver/search/tune_surrogate.c
 *
 * A model of the space says what to try: a Gaussian process over the logarithm of the score
 * (tune_gp.h), over what points have in common (tune_features.h). Points that are far from each
 * other come first. From then on the one is suggested that is expected to be the most below the
 * best so far (expected improvement), the mean over some draws of the model's hyper-parameters.
 * What is being measured is believed to turn out as expected, so that points of a batch differ.
 *
 * How bad a bad point is does not matter: scores far above the median are cut off, or the model
 * would spend itself on them. A failure has no score; how likely one is is learned by the same
 * model from failures alone, and what will probably fail is expected to gain less.
 *
 * What an earlier search measured of the same space, on another GPU say, is taken as the model's
 * mean, as far as what was measured since follows it (earlier_trust): a source that misleads is
 * soon not believed. Its best points are tried at once.
 *
 * A space of some thousand points is looked at whole. Of a larger one, or one that is not listed,
 * only some points: neighbours of the best, and others at random, which are renewed from time to
 * time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/tune_features.h"
#include "driver/search/tune_gp.h"
#include "driver/search/tune_impl.h"
#include "runtime/base/log.h"

enum {
    STARTS = 7,       /* points that are spread out, before the model is asked */
    SOURCE_FIRST = 2, /* of the best of an earlier search, at once */
    SOURCE_STARTS = 3,
    SPREAD_DRAWS = 100,  /* random points of which the most different is taken */
    MODELS = 2,          /* draws of hyper-parameters */
    STEPS = 60,          /* of drawing them again; fewer where each takes longer */
    FIELD_WHOLE = 20480, /* points that are all looked at */
    FIELD_PART = 8192,   /* of a larger space */
    FIELD_BEST = 8,      /* whose neighbours are among them */
    FIELD_KEPT = 512,    /* that were expected most of before */
    DRAWN_MOST = 2048,   /* at random, each time */
    LEARN_MOST = 240,    /* trials that the model learns from */
    LEARN_BEST = 120,
    LEARN_LAST = 60,
    SOURCE_MOST = 240, /* trials of a source that fill what it does not say */
    REFIT_MOST = 32,   /* reports until the hyper-parameters are drawn again */
};

#define REACH 0.8      /* of a feature, times the root of their number: what is expected */
#define REACH_MORE 1.2 /* logarithm: of those that are not a tunable's own, which may not matter \
                        */
#define TRUST_BEFORE 2 /* trials that an earlier search is taken to have been right about */
#define TRUST_LOW 0.5  /* a source that is worth less is searched without */
#define SOURCE_CUT 3   /* logarithm: what is that much slower than its best is just bad */
#define SPREAD_LEAST 0.01 /* of the values' own variance: what a source explains all but of */

struct earlier {
    bool is;          /* there was an earlier search */
    float *log_score; /* by place in the field */
    size_t *best;     /* its best points first */
    size_t nbest, next;
    double trust;             /* what a difference there says of one here */
    struct trial_seen *trial; /* by point, in order; the last one counts */
    size_t n;
};

struct surrogate {
    struct features *features;
    struct gp_field field;
    size_t *point; /* of the field */
    bool whole;    /* the field is the space */
    struct gp_data *data;
    struct gp_values time, failure;
    size_t *row; /* points of data */
    struct gp *gp[MODELS];
    size_t refit_at; /* reports */
    float *score, *mu;
    struct earlier earlier;
    float x[FEATURES_MOST];
    uint32_t *index;
};

static void *zeroed(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);

    if (!p)
        fatal("out of memory");
    return p;
}

/* ---- the field ------------------------------------------------------------------------------ */

static void field_set(struct surrogate *s, size_t place, size_t point)
{
    size_t n = features_count(s->features);

    s->point[place] = point;
    features_of(s->features, point, s->x);
    for (size_t i = 0; i < n; i++)
        s->field.x[i][place] = s->x[i];
}

static int by_score(const void *a, const void *b)
{
    const struct trial_seen *x = a, *y = b;

    if (x->failed != y->failed)
        return x->failed ? 1 : -1;
    if (x->score != y->score)
        return x->score < y->score ? -1 : 1;
    return x->point < y->point ? -1 : x->point > y->point;
}

static struct trial_seen *sorted_trials(const struct trial_seen *from, size_t n)
{
    struct trial_seen *sorted = zeroed(n, sizeof *sorted);

    memcpy(sorted, from, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_score);
    return sorted;
}

/* valid unused points that differ from this one in one tunable */
static size_t add_neighbours(struct tuner *t, size_t point, size_t place, size_t most)
{
    struct surrogate *s = t->own;
    const struct spec *spec = t->space->spec;

    for (size_t k = 0; k < t->space->nt; k++) {
        memcpy(s->index, space_index(t->space, point), t->space->nt * sizeof *s->index);
        uint32_t at = s->index[k];
        for (uint32_t v = 0; v < spec->tunables[k].nvalues && place < most; v++) {
            if (v == at || (spec->tunables[k].nvalues > 64 && (v > at ? v - at : at - v) > 16))
                continue;
            s->index[k] = v;
            size_t p = space_find(t->space, s->index);
            if (p != SPACE_NONE && !tuner_is_used(t, p))
                field_set(s, place++, p);
        }
    }
    return place;
}

static int by_value_down(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return x > y ? -1 : x < y;
}

/* those of the field that most was expected of stay, in front */
static size_t keep_best(struct tuner *t)
{
    struct surrogate *s = t->own;
    float *sorted = zeroed(s->field.n, sizeof *sorted), least;
    size_t place = 0;

    memcpy(sorted, s->score, s->field.n * sizeof *sorted);
    qsort(sorted, s->field.n, sizeof *sorted, by_value_down);
    least = sorted[s->field.n < FIELD_KEPT ? s->field.n - 1 : FIELD_KEPT - 1];
    for (size_t i = 0; i < s->field.n && place < FIELD_KEPT; i++)
        if (s->score[i] > 0 && s->score[i] >= least && !tuner_is_used(t, s->point[i]))
            field_set(s, place++, s->point[i]);
    free(sorted);
    return place;
}

/* a new choice of points: a larger space is seen through it */
static void field_renew(struct tuner *t)
{
    struct surrogate *s = t->own;
    struct trial_seen *best = sorted_trials(t->seen, t->nseen);
    size_t place = keep_best(t), fresh;

    for (size_t i = 0; i < t->ngood && i < FIELD_BEST; i++)
        place = add_neighbours(t, best[i].point, place, s->field.n / 2);
    free(best);
    for (size_t i = 0; s->earlier.is && i < s->earlier.nbest && i < FIELD_KEPT; i++)
        if (!tuner_is_used(t, s->earlier.best[i]) && place < s->field.n)
            field_set(s, place++, s->earlier.best[i]);
    fresh = place + DRAWN_MOST;
    for (; place < s->field.n && place < fresh; place++)
        field_set(s, place, space_random(t->space, &t->random));
    for (int i = 0; i < MODELS; i++)
        gp_forget(s->gp[i]);
}

/* ---- rows: what the model learns from ------------------------------------------------------- */

static void row_add(struct surrogate *s, size_t point)
{
    size_t i = s->data->n++, n = features_count(s->features);

    s->row[i] = point;
    features_of(s->features, point, s->x);
    for (size_t f = 0; f < n; f++)
        s->data->x[f][i] = s->x[f];
}

static const struct trial_seen *trial_of(const struct tuner *t, size_t point)
{
    for (size_t i = t->nseen; i-- > 0;)
        if (t->seen[i].point == point)
            return &t->seen[i];
    return NULL;
}

static bool has_row(const struct surrogate *s, size_t point)
{
    for (size_t i = s->data->n; i-- > 0;)
        if (s->row[i] == point)
            return true;
    return false;
}

static void row_take(struct surrogate *s, size_t point, size_t most)
{
    if (s->data->n < most && !has_row(s, point))
        row_add(s, point);
}

/* all trials; when there are too many the best, the last, and some of the others */
static void rows_choose(struct tuner *t)
{
    struct surrogate *s = t->own;

    s->data->n = 0;
    if (t->nseen > LEARN_MOST) {
        struct trial_seen *best = sorted_trials(t->seen, t->nseen);
        for (size_t i = 0; i < LEARN_BEST; i++)
            row_take(s, best[i].point, LEARN_MOST);
        free(best);
        for (size_t i = t->nseen - LEARN_LAST; i < t->nseen; i++)
            row_take(s, t->seen[i].point, LEARN_MOST);
    }
    for (size_t i = 0, step = t->nseen / LEARN_MOST + 1; i < t->nseen; i += step)
        row_take(s, t->seen[i].point, LEARN_MOST);
}

/* those that are being measured */
static void rows_outstanding(struct tuner *t)
{
    struct surrogate *s = t->own;
    size_t left = t->outstanding;

    for (size_t i = t->nasked; i-- > 0 && left && s->data->n < GP_ROWS;) {
        if (trial_of(t, t->asked[i]))
            continue;
        left--;
        row_take(s, t->asked[i], GP_ROWS);
    }
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* above it a score is just bad. n > 0; sorts v */
static double cut_of(double *v, size_t n)
{
    double middle;

    qsort(v, n, sizeof *v, by_number);
    middle = v[(n - 1) / 2];
    return middle + 0.5 * (middle - v[0]) + 0.1;
}

/* ---- the source ----------------------------------------------------------------------------- */

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
    struct trial_seen *best = sorted_trials(o->trial, o->n);
    struct gp_data *d = gp_data_new(features_count(s->features));
    struct gp_values *y = zeroed(1, sizeof *y);
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
    g = gp_new(d, &s->field);
    gp_sample(g, d, y, d->n, 40, &t->random);
    gp_extend(g, d, &s->field);
    gp_predict(g, y, &s->field, s->mu);
    for (size_t i = 0; i < s->field.n; i++)
        if (!earlier_trial(o, s->point[i]))
            o->log_score[i] = s->mu[i] + (float)mean;
    gp_free(g);
    gp_data_free(d);
    free(y);
    free(best);
}

static void earlier_place(struct tuner *t)
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

static void earlier_open(struct tuner *t)
{
    struct surrogate *s = t->own;
    struct earlier *o = &s->earlier;
    struct trial_seen *best;

    o->is = true;
    o->trust = 1;
    o->trial = zeroed(t->nrecalled, sizeof *o->trial);
    memcpy(o->trial, t->recalled, t->nrecalled * sizeof *o->trial);
    qsort(o->trial, t->nrecalled, sizeof *o->trial, by_point);
    for (size_t i = 0; i < t->nrecalled; i++)
        if (!o->n || o->trial[o->n - 1].point != o->trial[i].point)
            o->trial[o->n++] = o->trial[i];
    best = sorted_trials(o->trial, o->n);
    o->best = zeroed(o->n, sizeof *o->best);
    while (o->nbest < o->n && !best[o->nbest].failed) {
        o->best[o->nbest] = best[o->nbest].point;
        o->nbest++;
    }
    free(best);
    o->log_score = zeroed(s->field.room, sizeof *o->log_score);
    o->is = o->nbest > 0;
    if (o->is)
        earlier_place(t);
}

/* ---- the model ------------------------------------------------------------------------------ */

/* what the source says of each row, cut off as scores are */
static void earlier_rows(struct tuner *t, double *value, double *cut)
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
    *cut = n ? cut_of(seen, n) : 0;
    for (size_t i = 0; i < s->data->n; i++)
        value[i] = value[i] < *cut ? value[i] : *cut;
}

/* the slope of what was measured over what the source says, from 0 to 1.2: 1 until it is seen to be
 * otherwise */
static double earlier_trust(const struct surrogate *s, const double *value)
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

struct scale {
    double source_cut, shift, factor, best;
};

/* the values of the rows, as the model wants them: around 0, with a variance of 1 */
static struct scale rows_value(struct tuner *t)
{
    struct surrogate *s = t->own;
    double good[GP_ROWS], source[GP_ROWS], cut, sum = 0, squares = 0, n = 0, raw = 0;
    struct scale c = {0, 0, 1, HUGE_VAL};
    size_t ngood = 0, rows = s->data->n;

    for (size_t i = 0; i < rows; i++) {
        const struct trial_seen *x = trial_of(t, s->row[i]);
        s->time.known[i] = x && !x->failed;
        s->failure.known[i] = x != NULL;
        s->failure.y[i] = x && x->failed;
        s->time.y[i] = x ? x->score : 0;
        s->data->noise[i] = x ? x->noise * x->noise : 0;
        if (s->time.known[i])
            good[ngood++] = x->score;
    }
    cut = cut_of(good, ngood);
    for (size_t i = 0; i < rows; i++)
        s->time.y[i] = s->time.y[i] < cut ? s->time.y[i] : cut;
    if (s->earlier.is) {
        earlier_rows(t, source, &c.source_cut);
        s->earlier.trust = earlier_trust(s, source);
    }
    for (size_t i = 0; i < rows; i++) {
        if (!s->time.known[i])
            continue;
        raw += (s->time.y[i] - good[0]) * (s->time.y[i] - good[0]);
        s->time.y[i] -= s->earlier.is ? s->earlier.trust * source[i] : 0;
        sum += s->time.y[i];
        squares += s->time.y[i] * s->time.y[i];
        n++;
    }
    c.shift = sum / n;
    squares = squares / n - c.shift * c.shift;
    c.factor = sqrt((squares > 0 ? squares : 0) + SPREAD_LEAST * raw / n + 1e-6);
    for (size_t i = 0; i < rows; i++) {
        s->time.y[i] = (s->time.y[i] - c.shift) / c.factor;
        s->data->noise[i] /= c.factor * c.factor;
    }
    c.best = (good[0] - c.shift) / c.factor;
    return c;
}

static void model_refit(struct tuner *t)
{
    struct surrogate *s = t->own;
    size_t known;
    int steps;

    if (!s->whole) {
        field_renew(t);
        if (s->earlier.is)
            earlier_place(t);
    }
    rows_choose(t);
    known = s->data->n;
    rows_value(t);
    steps = known < 50 ? STEPS : known < 100 ? STEPS * 6 / 10 : STEPS * 3 / 10;
    for (int i = 0; i < MODELS; i++)
        gp_sample(s->gp[i], s->data, &s->time, known, steps, &t->random);
    s->refit_at = t->nseen + (t->nseen / 20 < REFIT_MOST ? t->nseen / 20 + 1 : REFIT_MOST);
    rows_outstanding(t);
}

static void model_update(struct tuner *t)
{
    struct surrogate *s = t->own;

    if (!s->data->n || t->nseen >= s->refit_at)
        model_refit(t);
    else
        rows_outstanding(t);
    for (size_t i = t->nseen; i-- > 0 && s->data->n < GP_ROWS && !has_row(s, t->seen[i].point);)
        row_add(s, t->seen[i].point);
}

/* how much is gained at each point of the field, on average, with what the source says and what may
 * fail */
static void model_score(struct tuner *t)
{
    struct surrogate *s = t->own;
    struct scale c = rows_value(t);
    const float *from = s->earlier.log_score;
    size_t fails = t->nseen - t->ngood;

    memset(s->score, 0, s->field.room * sizeof *s->score);
    for (int m = 0; m < MODELS; m++) {
        struct gp *g = s->gp[m];
        gp_extend(g, s->data, &s->field);
        g->s2 = gp_predict(g, &s->time, &s->field, g->mu);
        for (size_t i = 0; s->earlier.is && i < s->field.n; i++) {
            double v = from[i] < c.source_cut ? from[i] : c.source_cut;
            g->mu[i] += (float)(s->earlier.trust * v / c.factor);
        }
        gp_improvement(g, &s->field, c.best, s->score);
    }
    if (!fails)
        return;
    gp_predict(s->gp[0], &s->failure, &s->field, s->mu);
    for (size_t i = 0; i < s->field.n; i++) {
        float works = 1 - s->mu[i];
        s->score[i] *= works < 0.02f ? 0.02f : works > 1 ? 1 : works;
    }
}

static size_t model_point(struct tuner *t)
{
    struct surrogate *s = t->own;
    size_t best = SPACE_NONE;
    float most = -1;

    model_update(t);
    model_score(t);
    for (size_t i = 0; i < s->field.n; i++) {
        if (s->score[i] > most && !tuner_is_used(t, s->point[i])) {
            most = s->score[i];
            best = s->point[i];
        }
    }
    return best;
}

/* ---- opening -------------------------------------------------------------------------------- */

static void field_open(struct tuner *t, struct surrogate *s)
{
    size_t known = space_known(t->space), n;

    s->whole = space_is_enumerated(t->space) && known <= FIELD_WHOLE;
    n = s->whole ? known : FIELD_PART;
    s->point = zeroed(n, sizeof *s->point);
    for (size_t i = 0; i < n; i++)
        s->point[i] = s->whole ? i : space_random(t->space, &t->random);
    s->features = features_new(t->space, s->point, n);
    gp_field_init(&s->field, features_count(s->features), n);
    for (size_t i = 0; i < n; i++)
        field_set(s, i, s->point[i]);
}

static struct surrogate *surrogate_open(struct tuner *t)
{
    struct surrogate *s = zeroed(1, sizeof *s);
    size_t n;

    s->index = zeroed(t->space->nt, sizeof *s->index);
    field_open(t, s);
    n = features_count(s->features);
    s->data = gp_data_new(n);
    for (size_t i = 0; i < n; i++) {
        size_t own = features_own(s->features);
        double reach = log(REACH * sqrt((double)own));
        s->data->length[i] = (struct gp_prior){i < own ? reach : reach + REACH_MORE, 1};
    }
    for (int i = 0; i < MODELS; i++)
        s->gp[i] = gp_new(s->data, &s->field);
    s->row = zeroed(GP_ROWS, sizeof *s->row);
    s->score = zeroed(s->field.room, sizeof *s->score);
    s->mu = zeroed(s->field.room, sizeof *s->mu);
    return s;
}

/* ---- the start ------------------------------------------------------------------------------ */

static float nearest(const struct tuner *t, const float *x, size_t n)
{
    const struct surrogate *s = t->own;
    float other[FEATURES_MOST], least = HUGE_VALF;

    for (size_t k = 0; k < t->nasked; k++) {
        float d = 0;
        features_of(s->features, t->asked[k], other);
        for (size_t f = 0; f < n; f++)
            d += fabsf(x[f] - other[f]);
        least = d < least ? d : least;
    }
    return least;
}

/* an unused point far from all that were asked for; SPACE_NONE when none is met */
static size_t spread_point(struct tuner *t)
{
    struct surrogate *s = t->own;
    size_t best = SPACE_NONE, n = features_own(s->features);
    float most = -1;

    for (int i = 0; i < SPREAD_DRAWS; i++) {
        size_t point = space_random(t->space, &t->random);
        float d;
        if (tuner_is_used(t, point))
            continue;
        features_of(s->features, point, s->x);
        d = nearest(t, s->x, n);
        if (d > most) {
            most = d;
            best = point;
        }
    }
    return best;
}

/* the best of the source that was not tried */
static size_t earlier_point(struct tuner *t)
{
    struct earlier *o = &((struct surrogate *)t->own)->earlier;

    while (o->next < o->nbest && tuner_is_used(t, o->best[o->next]))
        o->next++;
    return o->next < o->nbest ? o->best[o->next++] : SPACE_NONE;
}

/* how many points are spread out before the model is asked. With a source it is two of its best and
 * another, which tells whether the source is right */
static size_t starts_of(struct tuner *t)
{
    struct surrogate *s = t->own;
    size_t starts = t->evals / 3 < STARTS ? t->evals / 3 : STARTS;

    if (!s->earlier.is)
        return starts;
    if (t->nasked < SOURCE_STARTS || t->ngood < 2)
        return SOURCE_STARTS;
    if (t->nasked < starts + SOURCE_FIRST) {
        rows_choose(t);
        rows_value(t);
        s->data->n = 0;
    }
    return s->earlier.trust < TRUST_LOW ? starts + SOURCE_FIRST : SOURCE_STARTS;
}

static size_t surrogate_next(struct tuner *t)
{
    struct surrogate *s = t->own ? t->own : (t->own = surrogate_open(t));
    size_t point = SPACE_NONE;

    if (!s->earlier.trial && t->nrecalled)
        earlier_open(t);
    if (s->earlier.is && t->suggested < SOURCE_FIRST)
        point = earlier_point(t);
    if (point == SPACE_NONE && (t->nasked < starts_of(t) || t->ngood < 2))
        point = spread_point(t);
    else if (point == SPACE_NONE)
        point = model_point(t);
    return point;
}

static void surrogate_close(void *own)
{
    struct surrogate *s = own;

    if (!s)
        return;
    for (int i = 0; i < MODELS; i++)
        gp_free(s->gp[i]);
    gp_data_free(s->data);
    gp_field_release(&s->field);
    features_free(s->features);
    free(s->point);
    free(s->row);
    free(s->score);
    free(s->mu);
    free(s->index);
    free(s->earlier.log_score);
    free(s->earlier.best);
    free(s->earlier.trial);
    free(s);
}

const struct tuner_way tune_surrogate = {
    .name = "surrogate", .close = surrogate_close, .next = surrogate_next};
