/* driver/search/tune_surrogate.c
 *
 * A model of the space says what to try: a Gaussian process over the logarithm of the score
 * (tune_gp.h), over what points have in common (tune_features.h). Points that are far from each
 * other come first. From then on the one is suggested that is expected to be the most below the
 * best so far (expected improvement), the mean over some draws of the model's hyper-parameters.
 * What is being measured is believed to turn out as expected, and each draw chooses in turn, so
 * that points of a batch differ.
 *
 * How bad a bad point is does not matter: scores far above the median are cut off, or the model
 * would spend itself on them. A failure has no score; how likely one is is learned by the same
 * model from failures alone, and what will probably fail is expected to gain less.
 *
 * What an earlier search measured of the same space, on another GPU say, is taken as the model's
 * mean, as far as what was measured since follows it (earlier_trust): a source that misleads is
 * soon not believed. Its best points are tried at once. Where there is none, lessons from other
 * spaces (tune_taught.c) are the mean, as far as the measurements bear them out; where the spaces
 * are alike the first points are among those that they hold for good.
 *
 * A space of some thousand points is looked at whole. Of a larger one, or one that is not listed,
 * only some points: neighbours of the best, and others at random, which are renewed from time to
 * time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/tune_surrogate_impl.h"

enum {
    STARTS = 5,       /* points that are spread out, before the model is asked */
    SOURCE_FIRST = 1, /* of the best of an earlier search, at once */
    SOURCE_STARTS = 2,
    GUIDED = 3,
    SPREAD_DRAWS = 100, /* random points of which the most different is taken */
    STEPS = 60,         /* of drawing hyper-parameters again; fewer where each takes longer */
    LEARN_MOST = 240,   /* trials that the model learns from */
    LEARN_BEST = 120,
    LEARN_LAST = 60,
    TRUST_AFTER = 6,
    REFIT_MOST = 32,       /* reports until hyper-parameters are drawn again */
    MODELS_LEAST = 2,      /* draws of them, of as many rows as there may be */
    MODELS_LARGE = 4,      /* of a space that is seen in part, and anew each time */
    VALUES_MOST = 1 << 22, /* rows times points, over more models than that */
    REDRAWN = 4,           /* at once: the others follow in turn */
};

#define REACH 0.65 /* of a feature, times the root of their number: what is expected */
#define TRUST_NONE \
    0.3 /* what is worth less after TRUST_AFTER trials misleads: it is not asked again */
#define TRUST_LOW 0.5     /* a source that is worth less is searched without */
#define SPREAD_LEAST 0.01 /* of the values' own variance: what a source explains all but of */

/* Logarithms: how much further a feature of each kind reaches. Fits of the recorded spaces say that
 * a switch is mostly of little consequence, in each kernel; and what is not a tunable's own may not
 * matter at all */
static const double REACH_MORE[FEATURE_KINDS] = {
    [FEATURE_SWITCH] = 0.8, [FEATURE_DIVISOR] = 1.2, [FEATURE_PRODUCT] = 1.2};

static int by_score(const void *a, const void *b)
{
    const struct trial_seen *x = a, *y = b;

    if (x->failed != y->failed)
        return x->failed ? 1 : -1;
    if (x->score != y->score)
        return x->score < y->score ? -1 : 1;
    return x->point < y->point ? -1 : x->point > y->point;
}

struct trial_seen *surrogate_sorted(const struct trial_seen *from, size_t n)
{
    struct trial_seen *sorted = space_zeroed(n, sizeof *sorted);

    memcpy(sorted, from, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_score);
    return sorted;
}

/* ---- rows: what the model learns from ------------------------------------------------------- */

static void row_add(struct surrogate *s, size_t point)
{
    size_t i = s->data->n++, n = features_count(s->features);

    s->row[i] = point;
    features_of(s->features, point, s->x);
    for (size_t f = 0; f < n; f++)
        s->data->x[f][i] = s->x[f];
    taught_row(s, i, point);
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
        struct trial_seen *best = surrogate_sorted(t->seen, t->nseen);
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

/* ---- the model ------------------------------------------------------------------------------ */

/* the values of the rows, as the model wants them: around 0, with a variance of 1 */
struct scale surrogate_values(struct tuner *t)
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
    cut = tuner_cut(good, ngood);
    for (size_t i = 0; i < rows; i++)
        s->time.y[i] = s->time.y[i] < cut ? s->time.y[i] : cut;
    if (s->earlier.is) {
        earlier_rows(t, source, &c.source_cut);
        s->earlier.trust = earlier_trust(s, source);
        if (ngood >= TRUST_AFTER && s->earlier.trust < TRUST_NONE)
            s->earlier.is = false;
    } else {
        taught_learn(s);
    }
    for (size_t i = 0; i < rows; i++) {
        s->said[i] = s->earlier.is ? s->earlier.trust * source[i] : taught_of_row(s, i);
        if (!s->time.known[i])
            continue;
        raw += (s->time.y[i] - good[0]) * (s->time.y[i] - good[0]);
        s->time.y[i] -= s->said[i];
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

/* Few rows say little of the hyper-parameters, and models of few rows are cheap: there are more of
 * them then, in the memory that the least number needs for all rows, and in little more time */
static void models_fit(struct surrogate *s)
{
    size_t n = s->whole ? MODELS_MOST : MODELS_LARGE, rows;

    while (n > MODELS_LEAST && (s->data->n > GP_ROWS * MODELS_LEAST / n ||
                                n * s->data->n * s->field.room > VALUES_MOST))
        n /= 2;
    if (n == s->models)
        return;
    rows = GP_ROWS * MODELS_LEAST / n;
    s->models = n;
    for (size_t i = 0; i < n; i++)
        gp_lend(s->gp[i], s->memory + i * rows * s->field.room, rows);
}

/* Chooses rows anew; returns how many of them, from the first on, are as they were: mostly all, and
 * a draw that is kept need not take them in again */
static size_t rows_renew(struct tuner *t)
{
    struct surrogate *s = t->own;
    size_t old[GP_ROWS], n = s->data->n, same = 0;

    memcpy(old, s->row, n * sizeof *old);
    rows_choose(t);
    while (same < n && same < s->data->n && s->row[same] == old[same])
        same++;
    return same;
}

static void model_refit(struct tuner *t)
{
    struct surrogate *s = t->own;
    size_t known, gap, same, redrawn = s->models;
    int steps;

    if (!s->whole) {
        field_renew(t);
        if (s->earlier.is)
            earlier_place(t);
        taught_place(t);
    }
    same = rows_renew(t);
    known = s->data->n;
    surrogate_values(t);
    steps = known < 50 ? STEPS : known < 100 ? STEPS * 6 / 10 : STEPS * 3 / 10;
    if (s->refit_at && redrawn > REDRAWN)
        redrawn = REDRAWN;
    for (size_t i = 0; i < s->models; i++)
        if (!s->whole || s->gp[i]->n > same) /* of other rows, or another field */
            gp_forget(s->gp[i]);
    for (size_t i = 0; i < redrawn; i++)
        gp_sample(s->gp[s->drawn++ % s->models], s->data, &s->time, known, steps, &t->random);
    gap = t->nseen / (t->nseen < 100 ? 20 : 8) + 1;
    s->refit_at = t->nseen + (gap < REFIT_MOST ? gap : REFIT_MOST);
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
    models_fit(s);
}

/* what the best is expected to be when all that is being measured has come back: a point has to be
 * better than those before it in its batch */
static double best_expected(const struct surrogate *s, const struct gp *g, double best)
{
    for (size_t i = 0; i < s->data->n; i++) {
        size_t place = s->whole ? s->row[i] : 0;
        if (s->failure.known[i])
            continue;
        while (place < s->field.n && s->point[place] != s->row[i])
            place++;
        if (place < s->field.n && (double)g->mu[place] < best)
            best = (double)g->mu[place];
    }
    return best;
}

/* how much is gained at each point of the field, on average, with what others say and what may
 * fail. In a batch the models take turns, so that its points differ as the models do */
static void model_score(struct tuner *t)
{
    struct surrogate *s = t->own;
    struct scale c = surrogate_values(t);
    const float *from = s->earlier.log_score;
    const double *taught = taught_of_field(s);
    size_t fails = t->nseen - t->ngood;

    memset(s->score, 0, s->field.room * sizeof *s->score);
    for (size_t m = 0; m < s->models; m++) {
        struct gp *g = s->gp[m];
        g->s2 = gp_predict(g, s->data, &s->time, &s->field, g->mu);
        for (size_t i = 0; s->earlier.is && i < s->field.n; i++) {
            double v = from[i] < c.source_cut ? from[i] : c.source_cut;
            g->mu[i] += (float)(s->earlier.trust * v / c.factor);
        }
        for (size_t i = 0; taught && i < s->field.n; i++)
            g->mu[i] += (float)(taught[i] / c.factor);
        if (!t->outstanding || t->outstanding % s->models == m)
            gp_improvement(g, &s->field, best_expected(s, g, c.best), s->score);
    }
    if (!fails)
        return;
    gp_predict(s->gp[0], s->data, &s->failure, &s->field, s->mu);
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

static struct surrogate *surrogate_open(struct tuner *t)
{
    struct surrogate *s = space_zeroed(1, sizeof *s);
    size_t n;

    s->index = space_zeroed(t->space->nt, sizeof *s->index);
    field_open(t, s);
    n = features_count(s->features);
    s->data = gp_data_new(n);
    for (size_t i = 0; i < n; i++) {
        size_t own = features_own(s->features);
        double reach = log(REACH * sqrt((double)own));
        s->data->length[i] =
            (struct gp_prior){reach + REACH_MORE[features_kind(s->features, i)], 1};
    }
    for (int i = 0; i < MODELS_MOST; i++)
        s->gp[i] = gp_new(s->data, &s->field, false);
    s->memory = space_zeroed(MODELS_LEAST * GP_ROWS * s->field.room, sizeof *s->memory);
    models_fit(s);
    s->row = space_zeroed(GP_ROWS, sizeof *s->row);
    s->score = space_zeroed(s->field.room, sizeof *s->score);
    s->mu = space_zeroed(s->field.room, sizeof *s->mu);
    return s;
}

/* ---- the start ------------------------------------------------------------------------------ */

/* Unused points at random into point[]. Where lessons are believed beforehand only those that they
 * hold for good, the fewer the more they are believed; for one point of GUIDED: the others tell
 * whether they are right */
static size_t spread_draw(struct tuner *t, size_t *point)
{
    struct surrogate *s = t->own;
    double guess[SPREAD_DRAWS], sorted[SPREAD_DRAWS], belief = taught_belief(s), most;
    size_t n = 0, good = 0;

    for (int i = 0; i < SPREAD_DRAWS; i++) {
        point[n] = space_random(t->space, &t->random);
        if (!tuner_is_used(t, point[n]))
            guess[n++] = 0;
    }
    if (!n || !(belief > 0) || t->suggested % GUIDED)
        return n;
    for (size_t i = 0; i < n; i++)
        sorted[i] = guess[i] = taught_guess(s, point[i]);
    tuner_sort(sorted, n);
    most = sorted[(size_t)((double)(n - 1) * (1 - belief))];
    for (size_t i = 0; i < n; i++)
        if (guess[i] <= most)
            point[good++] = point[i];
    return good;
}

/* how far each of n points is from the nearest of those that were asked for, in its own features */
static void spread_least(struct tuner *t, const size_t *point, size_t n, float *least)
{
    struct surrogate *s = t->own;
    size_t own = features_own(s->features);
    float x[SPREAD_DRAWS][FEATURES_MOST];

    for (size_t i = 0; i < n; i++) {
        features_of(s->features, point[i], x[i]);
        least[i] = HUGE_VALF;
    }
    for (size_t k = 0; k < t->nasked; k++) {
        features_of(s->features, t->asked[k], s->x);
        for (size_t i = 0; i < n; i++) {
            float d = 0;
            for (size_t f = 0; f < own; f++)
                d += fabsf(x[i][f] - s->x[f]);
            least[i] = d < least[i] ? d : least[i];
        }
    }
}

/* one of those far from all that were asked for; SPACE_NONE when none is met */
static size_t spread_point(struct tuner *t)
{
    size_t point[SPREAD_DRAWS], n = spread_draw(t, point), best = SPACE_NONE;
    float least[SPREAD_DRAWS], most = -1;

    spread_least(t, point, n, least);
    for (size_t i = 0; i < n; i++) {
        if (least[i] > most) {
            most = least[i];
            best = point[i];
        }
    }
    return best;
}

/* how many points are spread out before the model is asked. With a source it is its best and
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
        surrogate_values(t);
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
    if (!s->taught.slots && !t->nrecalled)
        taught_open(t);
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
    for (int i = 0; i < MODELS_MOST; i++)
        gp_free(s->gp[i]);
    free(s->memory);
    gp_data_free(s->data);
    gp_field_release(&s->field);
    features_free(s->features);
    free(s->point);
    free(s->row);
    free(s->score);
    free(s->mu);
    free(s->index);
    earlier_release(&s->earlier);
    rank_close(s->rank);
    taught_release(&s->taught);
    free(s);
}

const struct tuner_way tune_surrogate = {
    .name = "surrogate", .close = surrogate_close, .next = surrogate_next, .rank = rank_points};
