/* driver/search/tune_surrogate.c
 *
 * What to try next, without a model of the space. The first points are spread out: each is the one
 * of a handful of random points that differs most from all before it. From then on most suggestions
 * are neighbours of good points: of the points reported, one is chosen with a preference for the
 * best, and one or two of its tunables take a step, mostly to the next value in the list. Of
 * several such proposals that one is taken which a vote of the nearest known points expects most
 * of. The rest of the suggestions are spread out again, so that a search that sits in a bad valley
 * leaves it, the more of them the longer nothing got better. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/tune_impl.h"

enum {
    SPREAD_DRAWS = 24, /* random points of which the most different is taken */
    PROPOSALS = 32,    /* neighbours of which the most promising is taken */
    VOTERS = 5,
    TOP = 10,         /* points that neighbours are taken of */
    LOOKED_AT = 2000, /* known points that a vote or a distance is taken over */
};

struct own {
    struct trial_seen *seen; /* good ones first and in order, then failures */
    size_t nseen, ngood, seen_room;
    size_t stale;    /* reports since the best got better */
    uint32_t *index; /* room for a point */
};

/* How far two points are from each other: a step between neighbouring values counts a half or more,
 * the whole range of a tunable one. */
static double distance(const struct tuner *t, const uint32_t *a, const uint32_t *b)
{
    double sum = 0;

    for (size_t i = 0; i < t->space->nt; i++) {
        double range = (double)t->space->spec->tunables[i].nvalues - 1;
        if (a[i] != b[i])
            sum += 0.5 + 0.5 * fabs((double)a[i] - (double)b[i]) / range;
    }
    return sum;
}

static double nearest(const struct tuner *t, size_t point)
{
    const uint32_t *index = space_index(t->space, point);
    double least = HUGE_VAL;

    for (size_t i = 0; i < t->nasked; i += t->nasked / LOOKED_AT + 1) {
        double d = distance(t, index, space_index(t->space, t->asked[i]));
        least = d < least ? d : least;
    }
    return least;
}

/* an unused point far from all that were tried; SPACE_NONE when none is met */
static size_t spread_point(struct tuner *t)
{
    size_t best = SPACE_NONE;
    double most = 0;

    for (int i = 0; i < SPREAD_DRAWS; i++) {
        size_t point = space_random(t->space, &t->random);
        double d;
        if (tuner_is_used(t, point))
            continue;
        d = nearest(t, point);
        if (d > most) {
            most = d;
            best = point;
        }
    }
    return best;
}

/* ---- neighbours ----------------------------------------------------------------------------- */

static void step(struct tuner *t, size_t tunable)
{
    struct own *o = t->own;
    size_t n = t->space->spec->tunables[tunable].nvalues;
    uint32_t *at = &o->index[tunable];

    if (n < 2)
        return;
    if (n == 2 || tuner_uniform(t) < 0.3)
        *at = (uint32_t)((*at + 1 + tuner_below(t, n - 1)) % n);
    else if (*at == 0 || (*at + 1 < n && tuner_uniform(t) < 0.5))
        ++*at;
    else
        --*at;
}

/* a valid unused point one to three steps from a good one, or SPACE_NONE */
static size_t neighbour(struct tuner *t)
{
    struct own *o = t->own;
    size_t top = o->ngood < TOP ? o->ngood : TOP, rank = 0, point;
    double p = tuner_uniform(t);

    if (!t->space->nt)
        return SPACE_NONE; /* nothing is tuned: there is one point */
    while (rank + 1 < top && tuner_uniform(t) < 0.6)
        rank++;
    memcpy(o->index, space_index(t->space, o->seen[rank].point), t->space->nt * sizeof *o->index);
    for (int steps = p < 0.5 ? 1 : p < 0.85 ? 2 : 3; steps > 0; steps--)
        step(t, tuner_below(t, t->space->nt));
    point = space_find(t->space, o->index);
    return point == SPACE_NONE || tuner_is_used(t, point) ? SPACE_NONE : point;
}

/* What the nearest points that were tried say of this one: their mean score, nearer ones counting
 * more; a failure counts as the worst that was measured. Little is known far away, which makes a
 * point neither better nor worse. */
static double expectation(const struct tuner *t, size_t point)
{
    const struct own *o = t->own;
    const uint32_t *index = space_index(t->space, point);
    double near[VOTERS], score[VOTERS], weight = 0, sum = 0, worst;
    int n = 0;

    worst = o->ngood ? o->seen[o->ngood - 1].score : 0;
    for (size_t i = 0; i < o->nseen; i += o->nseen / LOOKED_AT + 1) {
        double d = distance(t, index, space_index(t->space, o->seen[i].point));
        int at = n < VOTERS ? n++ : VOTERS;
        for (; at > 0 && near[at - 1] > d; at--) {
            if (at < VOTERS) {
                near[at] = near[at - 1];
                score[at] = score[at - 1];
            }
        }
        if (at < VOTERS) {
            near[at] = d;
            score[at] = o->seen[i].failed ? worst : o->seen[i].score;
        }
    }
    for (int i = 0; i < n; i++) {
        double w = 1 / (0.01 + near[i] * near[i]);
        weight += w;
        sum += w * score[i];
    }
    return sum / weight;
}

static size_t promising_point(struct tuner *t)
{
    size_t best = SPACE_NONE;
    double least = HUGE_VAL;

    for (int i = 0; i < PROPOSALS; i++) {
        size_t point = neighbour(t);
        double e;
        if (point == SPACE_NONE)
            continue;
        e = expectation(t, point);
        if (e < least) {
            least = e;
            best = point;
        }
    }
    return best;
}

/* ---- suggestions ---------------------------------------------------------------------------- */

static size_t local_next(struct tuner *t)
{
    const struct own *o = t->own;
    double wander = 0.08 + 0.3 * (1 - exp(-(double)o->stale / 60));
    bool start = t->nasked <= t->starts || !o->ngood;
    size_t point = SPACE_NONE;

    if (!start && tuner_uniform(t) >= wander)
        point = promising_point(t);
    if (point == SPACE_NONE)
        point = spread_point(t);
    if (point == SPACE_NONE && o->ngood)
        point = promising_point(t);
    return point;
}

static void *local_open(struct tuner *t)
{
    struct own *o = calloc(1, sizeof *o);
    o->index = tuner_grow(NULL, t->space->nt + 1, sizeof *o->index);
    return o;
}

static void local_close(void *own)
{
    struct own *o = own;
    free(o->seen);
    free(o->index);
    free(o);
}

static void local_learn(struct tuner *t, const struct trial_seen *trial)
{
    struct own *o = t->own;
    size_t at = o->nseen;

    if (o->nseen == o->seen_room) {
        o->seen_room = o->seen_room ? 2 * o->seen_room : 256;
        o->seen = tuner_grow(o->seen, o->seen_room, sizeof *o->seen);
    }
    if (!trial->failed) {
        for (at = o->ngood++; at > 0 && o->seen[at - 1].score > trial->score; at--)
            continue;
    }
    memmove(o->seen + at + 1, o->seen + at, (o->nseen - at) * sizeof *o->seen);
    o->seen[at] = *trial;
    o->nseen++;
    o->stale = at == 0 && !trial->failed ? 0 : o->stale + 1;
}

const struct tuner_way tune_surrogate = {.name = "surrogate",
                                         .open = local_open,
                                         .close = local_close,
                                         .next = local_next,
                                         .learn = local_learn};
