/* driver/search/tune_ga.c
 *
 * A genetic algorithm, as Kernel Tuner describes its own: a population of 20 configurations, drawn
 * at random at first. Parents of the next one are drawn by rank, the better the likelier; each pair
 * mixes its values (uniform crossover), and of ten children about one changes into a neighbour,
 * which is another value of one tunable. Children that are not valid are dropped. What was measured
 * before is not measured again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/tune_impl.h"

enum {
    POPULATION = 20,
    MUTATION = 10,     /* one child of so many */
    TRIES = 2000,      /* pairs, for one generation */
    GENERATIONS = 100, /* in a row without a new configuration */
};
#define RANK_POWER 2.5 /* beta(1, 2.5) of the rank */

struct ga {
    size_t now[POPULATION], at, n; /* the generation; next of it; how many there are */
    size_t ranked[POPULATION];
    uint32_t *one, *two;
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

static size_t ga_parent(struct tuner *t, const struct ga *g)
{
    double x = 1 - pow(1 - tuner_uniform(t), 1 / RANK_POWER);
    size_t i = (size_t)(x * (double)g->n);

    return g->ranked[i < g->n ? i : g->n - 1];
}

static bool ga_has(const struct ga *g, size_t point)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->now[i] == point)
            return true;
    return false;
}

/* another valid point that differs in one tunable */
static void ga_mutate(struct tuner *t, uint32_t *index)
{
    for (int i = 0; i < 20; i++) {
        size_t k = tuner_below(t, t->space->nt), n = t->space->spec->tunables[k].nvalues;
        uint32_t old = index[k];
        if (n < 2)
            continue;
        index[k] = (uint32_t)((old + 1 + tuner_below(t, n - 1)) % n);
        if (space_find(t->space, index) != SPACE_NONE)
            return;
        index[k] = old;
    }
}

static void ga_child(struct tuner *t, struct ga *g, uint32_t *index)
{
    size_t point;

    if (tuner_below(t, MUTATION) == 0)
        ga_mutate(t, index);
    point = space_find(t->space, index);
    if (point != SPACE_NONE && g->n < POPULATION && !ga_has(g, point))
        g->now[g->n++] = point;
}

static void ga_breed(struct tuner *t, struct ga *g)
{
    struct ga parents = *g;
    size_t nt = t->space->nt;

    g->n = g->at = 0;
    for (int i = 0; i < TRIES && g->n < POPULATION; i++) {
        size_t a = ga_parent(t, &parents), b = ga_parent(t, &parents);
        if (a == b)
            continue;
        memcpy(g->one, space_index(t->space, a), nt * sizeof *g->one);
        memcpy(g->two, space_index(t->space, b), nt * sizeof *g->two);
        for (size_t k = 0; k < nt; k++) {
            uint32_t value = g->one[k];
            if (tuner_uniform(t) < 0.5) {
                g->one[k] = g->two[k];
                g->two[k] = value;
            }
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
    for (int i = 0; i < GENERATIONS; i++) {
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
                         .two = tuner_grow(NULL, t->space->nt + 1, sizeof *g->two)};
    return g;
}

static void ga_close(void *own)
{
    struct ga *g = own;

    free(g->one);
    free(g->two);
    free(g);
}

const struct tuner_way tune_ga = {
    .name = "ga", .open = ga_open, .close = ga_close, .next = ga_next};
