/* driver/search/tune_ga.c
 *
 * A genetic algorithm, the one that Kernel Tuner 1.5.0 has, with its defaults: a population of 26
 * configurations, drawn at random at first. Parents of the next one are drawn by rank, the better
 * the likelier; each pair exchanges its values from some tunable on. A child that is not valid
 * becomes a valid one whose values are all at most one place away, or else one that differs in one
 * value; of 55 about one changes into such a neighbour anyway. What was measured before is not
 * measured again. tests/bench/kernel_tuner_ga.py runs Kernel Tuner's own on the same spaces. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/tune_impl.h"

enum {
    POPULATION = 26,
    MUTATION = 55, /* one child of so many */
    TRIES = 2000,  /* pairs, for one generation */
    REPAIRS = 500, /* points tried at random, near a child of a space that is not enumerated */
    GENERATIONS = 90,
};
#define RANK_POWER 2.5 /* beta(1, 2.5) of the rank */

struct ga {
    size_t now[POPULATION], at, n; /* the generation; next of it; how many there are */
    int generation;
    size_t ranked[POPULATION];
    uint32_t *one, *two, *near;
};

/* the score of what came back; failures are worst, what is still out is not known */
static bool score_of(const struct tuner *t, size_t point, double *score)
{
    for (size_t i = t->nseen; i-- > 0;) {
        if (t->seen[i].point == point) {
            *score = t->seen[i].failed ? HUGE_VAL : t->seen[i].score;
            return true;
        }
    }
    return false;
}

static bool ga_rank(const struct tuner *t, struct ga *g)
{
    double score[POPULATION], s;

    for (size_t i = 0; i < g->n; i++) {
        size_t k = i;
        if (!score_of(t, g->now[i], &s))
            return false;
        for (; k > 0 && score[k - 1] > s; k--) {
            score[k] = score[k - 1];
            g->ranked[k] = g->ranked[k - 1];
        }
        score[k] = s;
        g->ranked[k] = g->now[i];
    }
    return true;
}

/* by its rank */
static size_t ga_parent(struct tuner *t, const struct ga *g)
{
    double x = 1 - pow(1 - tuner_uniform(t), 1 / RANK_POWER);
    size_t i = (size_t)(x * (double)g->n);

    return i < g->n ? i : g->n - 1;
}

static bool ga_has(const struct ga *g, size_t point)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->now[i] == point)
            return true;
    return false;
}

/* a valid point that differs in one tunable, at random */
static size_t ga_neighbour(struct tuner *t, uint32_t *index)
{
    size_t chosen = SPACE_NONE, n = 0;

    for (size_t k = 0; k < t->space->nt; k++) {
        uint32_t old = index[k];
        for (uint32_t v = 0; v < t->space->spec->tunables[k].nvalues; v++) {
            index[k] = v;
            size_t point = v == old ? SPACE_NONE : space_find(t->space, index);
            if (point != SPACE_NONE && tuner_below(t, ++n) == 0)
                chosen = point;
        }
        index[k] = old;
    }
    return chosen;
}

static bool is_near(const struct space *s, size_t point, const uint32_t *index)
{
    const uint32_t *x = space_index(s, point);

    for (size_t k = 0; k < s->nt; k++)
        if (x[k] > index[k] + 1 || index[k] > x[k] + 1)
            return false;
    return true;
}

/* a valid point of which no value is more than one place away */
static size_t ga_near(struct tuner *t, const struct ga *g, const uint32_t *index)
{
    size_t chosen = SPACE_NONE, n = 0, nt = t->space->nt;

    for (size_t p = 0; space_is_enumerated(t->space) && p < space_known(t->space); p++)
        if (is_near(t->space, p, index) && tuner_below(t, ++n) == 0)
            chosen = p;
    for (int i = 0; !space_is_enumerated(t->space) && i < REPAIRS && chosen == SPACE_NONE; i++) {
        for (size_t k = 0; k < nt; k++) {
            size_t v = index[k] + tuner_below(t, 3), last = t->space->spec->tunables[k].nvalues;
            g->near[k] = (uint32_t)(v < 1 ? 0 : v > last ? last - 1 : v - 1);
        }
        chosen = space_find(t->space, g->near);
    }
    return chosen;
}

static void ga_child(struct tuner *t, struct ga *g, uint32_t *index)
{
    size_t point = space_find(t->space, index);

    if (point == SPACE_NONE)
        point = ga_near(t, g, index);
    if (point == SPACE_NONE)
        point = ga_neighbour(t, index);
    if (point != SPACE_NONE && tuner_below(t, MUTATION) == 0) {
        memcpy(g->near, space_index(t->space, point), t->space->nt * sizeof *g->near);
        size_t other = ga_neighbour(t, g->near);
        point = other != SPACE_NONE ? other : point;
    }
    if (point != SPACE_NONE && g->n < POPULATION && !ga_has(g, point))
        g->now[g->n++] = point;
}

static void ga_breed(struct tuner *t, struct ga *g)
{
    struct ga parents = *g;
    size_t nt = t->space->nt;

    g->n = g->at = 0;
    for (int i = 0; i < TRIES && g->n < POPULATION; i++) {
        size_t a = ga_parent(t, &parents), b = a, from = nt ? tuner_below(t, nt) : 0;
        while (b == a && parents.n > 1)
            b = ga_parent(t, &parents);
        const uint32_t *x = space_index(t->space, parents.ranked[a]),
                       *y = space_index(t->space, parents.ranked[b]);
        for (size_t k = 0; k < nt; k++) {
            g->one[k] = k < from ? x[k] : y[k];
            g->two[k] = k < from ? y[k] : x[k];
        }
        ga_child(t, g, g->one);
        ga_child(t, g, g->two);
    }
}

static void ga_first(struct tuner *t, struct ga *g)
{
    for (int i = 0; i < TRIES && g->n < POPULATION; i++) {
        size_t point = space_random(t->space, &t->random);
        if (!ga_has(g, point))
            g->now[g->n++] = point;
    }
}

static size_t ga_next(struct tuner *t)
{
    struct ga *g = t->own;

    if (!g->n)
        ga_first(t, g);
    for (; g->generation < GENERATIONS; g->generation++) {
        while (g->at < g->n && tuner_is_used(t, g->now[g->at]))
            g->at++;
        if (g->at < g->n)
            return g->now[g->at];
        if (!ga_rank(t, g))
            return t->outstanding ? TUNER_WAITS : tuner_draw(t);
        ga_breed(t, g);
    }
    return tuner_draw(t);
}

static void *ga_open(struct tuner *t)
{
    struct ga *g = calloc(1, sizeof *g);

    if (g)
        *g = (struct ga){.one = tuner_grow(NULL, t->space->nt + 1, sizeof *g->one),
                         .two = tuner_grow(NULL, t->space->nt + 1, sizeof *g->two),
                         .near = tuner_grow(NULL, t->space->nt + 1, sizeof *g->near)};
    return g;
}

static void ga_close(void *own)
{
    struct ga *g = own;

    free(g->one);
    free(g->two);
    free(g->near);
    free(g);
}

const struct tuner_way tune_ga = {
    .name = "ga", .open = ga_open, .close = ga_close, .next = ga_next};
