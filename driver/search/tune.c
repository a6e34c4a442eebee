/* driver/search/tune.c
 *
 * What to try next, without a model of the space. The first points are spread out: each is the one
 * of a handful of random points that differs most from all before it. From then on most suggestions
 * are neighbours of good points: of the points reported, one is chosen with a preference for the
 * best, and one or two of its tunables take a step, mostly to the next value in the list. Of
 * several such proposals that one is taken which a vote of the nearest known points expects most
 * of. The rest of the suggestions are spread out again, so that a search that sits in a bad valley
 * leaves it, the more of them the longer nothing got better.
 *
 * No point is suggested twice, and when the neighbourhoods are used up the rest of an enumerated
 * space follows: a budget that covers the space tries all of it, good corners first. */
#include "driver/search/tune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/space_impl.h"
#include "runtime/base/log.h"

enum {
    STARTS_LEAST = 8,
    STARTS_MOST = 20,
    OUTSTANDING_MOST = 64, /* suggestions without a report, unless all will be tried anyway */
    SPREAD_DRAWS = 24,     /* random points of which the most different is taken */
    PROPOSALS = 32,        /* neighbours of which the most promising is taken */
    VOTERS = 5,
    TOP = 10,         /* points that neighbours are taken of */
    LOOKED_AT = 2000, /* known points that a vote or a distance is taken over */
};

struct trial_seen {
    size_t point;
    bool failed;
    double score; /* logarithm of the score */
};

struct tuner {
    struct space *space;
    const struct spec *spec;
    uint64_t random;
    size_t evals, suggested, outstanding, starts;
    bool whole;    /* the budget covers the space */
    bool finished; /* no new point was to be found */
    bool *used;    /* by point number */
    size_t nused;
    size_t *asked; /* every point suggested, and the default, in order */
    size_t nasked, asked_room;
    struct trial_seen *seen; /* good ones first and in order, then failures */
    size_t nseen, ngood, seen_room;
    size_t stale; /* reports since the best got better */
    size_t *rest; /* a shuffle of the enumerated points, made when needed */
    size_t nrest;
    uint32_t *index; /* room for a point */
};

static void *grow(void *array, size_t n, size_t size)
{
    array = reallocarray(array, n, size);
    if (!array)
        fatal("out of memory");
    return array;
}

static double uniform(struct tuner *t)
{
    return (double)(space_rand(&t->random) >> 11) * 0x1p-53;
}

static size_t below(struct tuner *t, size_t n)
{
    return (size_t)(space_rand(&t->random) % n);
}

static bool is_used(const struct tuner *t, size_t point)
{
    return point < t->nused && t->used[point];
}

static void use(struct tuner *t, size_t point)
{
    if (point >= t->nused) {
        size_t n = point + 1 > 2 * t->nused ? point + 1 : 2 * t->nused;
        t->used = grow(t->used, n, sizeof *t->used);
        memset(t->used + t->nused, 0, (n - t->nused) * sizeof *t->used);
        t->nused = n;
    }
    t->used[point] = true;
    if (t->nasked == t->asked_room) {
        t->asked_room = t->asked_room ? 2 * t->asked_room : 256;
        t->asked = grow(t->asked, t->asked_room, sizeof *t->asked);
    }
    t->asked[t->nasked++] = point;
}

struct tuner *tuner_new(struct space *space, uint64_t seed, size_t evals)
{
    struct tuner *t = calloc(1, sizeof *t);
    size_t starts = evals / 10;

    if (!t)
        fatal("out of memory");
    t->space = space;
    t->spec = space->spec;
    t->random = seed;
    t->evals = evals;
    t->whole = space_is_enumerated(space) && space_known(space) <= evals + 1;
    t->starts = starts < STARTS_LEAST ? STARTS_LEAST : starts > STARTS_MOST ? STARTS_MOST : starts;
    t->index = grow(NULL, space->nt + 1, sizeof *t->index);
    use(t, space_default(space));
    return t;
}

void tuner_free(struct tuner *t)
{
    if (!t)
        return;
    free(t->used);
    free(t->asked);
    free(t->seen);
    free(t->rest);
    free(t->index);
    free(t);
}

/* How far two points are from each other: a step between neighbouring values counts a half or more,
 * the whole range of a tunable one. */
static double distance(const struct tuner *t, const uint32_t *a, const uint32_t *b)
{
    double sum = 0;

    for (size_t i = 0; i < t->space->nt; i++) {
        double range = (double)t->spec->tunables[i].nvalues - 1;
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
        if (is_used(t, point))
            continue;
        d = nearest(t, point);
        if (d > most) {
            most = d;
            best = point;
        }
    }
    return best;
}

/* the next of a shuffled list of all points: for when drawing meets used ones only */
static size_t rest_point(struct tuner *t)
{
    if (!space_is_enumerated(t->space))
        return SPACE_NONE;
    if (!t->rest) {
        t->nrest = space_known(t->space);
        t->rest = grow(NULL, t->nrest, sizeof *t->rest);
        for (size_t i = 0; i < t->nrest; i++) {
            size_t j = below(t, i + 1);
            t->rest[i] = t->rest[j];
            t->rest[j] = i;
        }
    }
    while (t->nrest && is_used(t, t->rest[t->nrest - 1]))
        t->nrest--;
    return t->nrest ? t->rest[t->nrest - 1] : SPACE_NONE;
}

/* ---- neighbours ----------------------------------------------------------------------------- */

static void step(struct tuner *t, size_t tunable)
{
    size_t n = t->spec->tunables[tunable].nvalues;
    uint32_t *at = &t->index[tunable];

    if (n < 2)
        return;
    if (n == 2 || uniform(t) < 0.3)
        *at = (uint32_t)((*at + 1 + below(t, n - 1)) % n);
    else if (*at == 0 || (*at + 1 < n && uniform(t) < 0.5))
        ++*at;
    else
        --*at;
}

/* a valid unused point one to three steps from a good one, or SPACE_NONE */
static size_t neighbour(struct tuner *t)
{
    size_t top = t->ngood < TOP ? t->ngood : TOP, rank = 0, point;
    double p = uniform(t);

    if (!t->space->nt)
        return SPACE_NONE; /* nothing is tuned: there is one point */
    while (rank + 1 < top && uniform(t) < 0.6)
        rank++;
    memcpy(t->index, space_index(t->space, t->seen[rank].point), t->space->nt * sizeof *t->index);
    for (int steps = p < 0.5 ? 1 : p < 0.85 ? 2 : 3; steps > 0; steps--)
        step(t, below(t, t->space->nt));
    point = space_find(t->space, t->index);
    return point == SPACE_NONE || is_used(t, point) ? SPACE_NONE : point;
}

/* What the nearest points that were tried say of this one: their mean score, nearer ones counting
 * more; a failure counts as the worst that was measured. Little is known far away, which makes a
 * point neither better nor worse. */
static double expectation(const struct tuner *t, size_t point)
{
    const uint32_t *index = space_index(t->space, point);
    double near[VOTERS], score[VOTERS], weight = 0, sum = 0, worst;
    int n = 0;

    worst = t->ngood ? t->seen[t->ngood - 1].score : 0;
    for (size_t i = 0; i < t->nseen; i += t->nseen / LOOKED_AT + 1) {
        double d = distance(t, index, space_index(t->space, t->seen[i].point));
        int at = n < VOTERS ? n++ : VOTERS;
        for (; at > 0 && near[at - 1] > d; at--) {
            if (at < VOTERS) {
                near[at] = near[at - 1];
                score[at] = score[at - 1];
            }
        }
        if (at < VOTERS) {
            near[at] = d;
            score[at] = t->seen[i].failed ? worst : t->seen[i].score;
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

static size_t next_point(struct tuner *t)
{
    double wander = 0.08 + 0.3 * (1 - exp(-(double)t->stale / 60));
    bool start = t->nasked <= t->starts || !t->ngood;
    size_t point = SPACE_NONE;

    if (!start && uniform(t) >= wander)
        point = promising_point(t);
    if (point == SPACE_NONE)
        point = spread_point(t);
    if (point == SPACE_NONE && t->ngood)
        point = promising_point(t);
    return point == SPACE_NONE ? rest_point(t) : point;
}

size_t tuner_suggest(struct tuner *t, size_t *points, size_t max)
{
    size_t most = t->nseen ? OUTSTANDING_MOST : t->starts, n = 0;

    while (n < max && t->suggested < t->evals && !t->finished &&
           (t->whole || t->outstanding < most)) {
        size_t point = next_point(t);
        if (point == SPACE_NONE) {
            t->finished = true;
            break;
        }
        use(t, point);
        points[n++] = point;
        t->suggested++;
        t->outstanding++;
    }
    return n;
}

static void learn(struct tuner *t, size_t point, bool failed, double score)
{
    struct trial_seen trial = {point, failed || !(score > 0) || !isfinite(score), 0};
    size_t at = t->nseen;

    if (t->nseen == t->seen_room) {
        t->seen_room = t->seen_room ? 2 * t->seen_room : 256;
        t->seen = grow(t->seen, t->seen_room, sizeof *t->seen);
    }
    if (!trial.failed) {
        trial.score = log(score);
        for (at = t->ngood++; at > 0 && t->seen[at - 1].score > trial.score; at--)
            continue;
    }
    memmove(t->seen + at + 1, t->seen + at, (t->nseen - at) * sizeof *t->seen);
    t->seen[at] = trial;
    t->nseen++;
    t->stale = at == 0 && !trial.failed ? 0 : t->stale + 1;
}

void tuner_report(struct tuner *t, size_t point, bool failed, double score)
{
    if (point != space_default(t->space) && t->outstanding)
        t->outstanding--;
    learn(t, point, failed, score);
}

void tuner_know(struct tuner *t, size_t point, bool failed, double score)
{
    if (point != space_default(t->space) && !is_used(t, point))
        use(t, point);
    learn(t, point, failed, score);
    t->starts = t->starts < STARTS_LEAST ? t->starts : STARTS_LEAST; /* the start has been made */
}

bool tuner_done(const struct tuner *t)
{
    return t->outstanding == 0 && (t->finished || t->suggested >= t->evals);
}
