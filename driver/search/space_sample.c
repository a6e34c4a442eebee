/* driver/search/space_sample.c
 *
 * Spaces that are too large to list. A point is drawn by binding the tunables in turn, each to a
 * value that the constraints decided so far allow. Uniform draws come first, as they favour no
 * region; where constraints leave too few of them, a walk that steps back out of dead ends finds
 * points, some more often than others. */
#include "driver/search/space_impl.h"

#include <stdlib.h>
#include <string.h>
#include "runtime/base/log.h"

enum { UNIFORM_TRIES = 200, WALK_STEPS = 100000, DESCENTS = 2000, LOOKS = 32 };

uint64_t space_rand(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint32_t any_value(const struct space *s, size_t tunable, uint64_t *state)
{
    return (uint32_t)(space_rand(state) % s->spec->tunables[tunable].nvalues);
}

/* ---- the points met so far ------------------------------------------------------------------ */

static size_t hash_of(const struct space *s, const uint32_t *index)
{
    uint64_t state = s->nt;

    for (size_t i = 0; i < s->nt; i++)
        state = space_rand(&state) ^ index[i];
    return (size_t)space_rand(&state);
}

/* the place of this index in the table: its entry, or the empty one where it belongs */
static size_t place_of(const struct space *s, const uint32_t *index)
{
    size_t at = hash_of(s, index) & (s->table_size - 1);

    while (s->table[at] &&
           memcmp(space_index(s, s->table[at] - 1), index, s->nt * sizeof *index) != 0)
        at = (at + 1) & (s->table_size - 1);
    return at;
}

static size_t space_hash_find(const struct space *s, const uint32_t *index)
{
    return s->table_size ? s->table[place_of(s, index)] - 1 : SPACE_NONE;
}

static void grow_table(struct space *s)
{
    size_t size = s->table_size ? s->table_size * 2 : 1024;

    free(s->table);
    s->table = calloc(size, sizeof *s->table);
    if (!s->table)
        fatal("out of memory");
    s->table_size = size;
    for (size_t p = 0; p < s->known; p++)
        s->table[place_of(s, space_index(s, p))] = p + 1;
}

size_t space_meet(struct space *s, const uint32_t *index)
{
    size_t point = space_hash_find(s, index);

    if (point != SPACE_NONE)
        return point;
    if (2 * (s->known + 1) > s->table_size)
        grow_table(s);
    point = space_add(s, index);
    s->table[place_of(s, index)] = point + 1;
    return point;
}

/* ---- drawing -------------------------------------------------------------------------------- */

static bool draw_uniform(struct space *s, uint64_t *state, uint32_t *index)
{
    for (size_t k = 0; k < s->nt; k++) {
        index[k] = any_value(s, k, state);
        if (space_test(s, index, k + 1) != POINT_VALID)
            return false;
    }
    return true;
}

/* Depth first from a random start: every tunable's values are tried in a circle from a random one,
 * so that the walk ends with a point wherever there is one, given the steps. */
static bool draw_walking(struct space *s, uint64_t *state, uint32_t *index)
{
    uint32_t *tried = calloc(s->nt + 1, sizeof *tried);
    size_t depth = 0;

    if (!tried)
        fatal("out of memory");
    index[0] = any_value(s, 0, state);
    for (int steps = 0; steps < WALK_STEPS; steps++) {
        size_t n = s->spec->tunables[depth].nvalues;
        if (tried[depth] == n) {
            if (depth == 0)
                break;
            depth--;
        } else {
            tried[depth]++;
            index[depth] = (uint32_t)((index[depth] + 1) % n);
            if (space_test(s, index, depth + 1) != POINT_VALID)
                continue;
            if (++depth == s->nt)
                break;
            tried[depth] = 0;
            index[depth] = any_value(s, depth, state);
        }
    }
    free(tried);
    return depth == s->nt;
}

bool space_draw(struct space *s, uint64_t *state, uint32_t *index)
{
    for (int i = 0; i < UNIFORM_TRIES; i++) {
        if (draw_uniform(s, state, index))
            return true;
    }
    return draw_walking(s, state, index);
}

/* One descent: at each depth the share of the values that are allowed, from LOOKS of them, times
 * their number; then on through an allowed one. The product is an unbiased guess of the number of
 * points (Knuth 1975), wide but cheap. */
static double descend(struct space *s, uint64_t *state, uint32_t *index)
{
    double points = 1;

    for (size_t k = 0; k < s->nt; k++) {
        size_t n = s->spec->tunables[k].nvalues, looks = n < LOOKS ? n : LOOKS, good = 0;
        uint32_t chosen = 0;
        for (size_t i = 0; i < looks; i++) {
            index[k] = n <= LOOKS ? (uint32_t)i : any_value(s, k, state);
            if (space_test(s, index, k + 1) != POINT_VALID)
                continue;
            if (space_rand(state) % ++good == 0)
                chosen = index[k];
        }
        if (!good)
            return 0;
        points *= (double)n * (double)good / (double)looks;
        index[k] = chosen;
    }
    return points;
}

double space_estimate(struct space *s, uint64_t seed)
{
    uint32_t *index = calloc(s->nt + 1, sizeof *index);
    double sum = 0;

    if (!index)
        fatal("out of memory");
    for (int i = 0; i < DESCENTS; i++)
        sum += descend(s, &seed, index);
    free(index);
    return sum / DESCENTS > 1 ? sum / DESCENTS : 1;
}
