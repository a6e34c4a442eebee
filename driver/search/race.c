/* driver/search/race.c
 *
 * Who leads is decided by few samples for many and many samples for few. The racers that took part
 * in the last round are those with the most samples; of them a third goes on, at least two while
 * their samples can still change the order and at most RACE_MOST, and gets as many samples again.
 * One that is further behind the leader than its samples could explain leaves too: 1.5 times after
 * the screen, and with every doubling half of that distance. */
#include "driver/search/race.h"

#include <math.h>
#include <stdlib.h>

enum { SAMPLES_ENOUGH = 24 }; /* then the confirmation decides */

/* those with more samples first, as they were kept for being better; then by score */
static int compare(const void *left, const void *right)
{
    const struct racer *a = left, *b = right;
    const int lost_a = !isfinite(a->score), lost_b = !isfinite(b->score);

    if (lost_a != lost_b)
        return lost_a - lost_b;
    if (a->samples != b->samples)
        return a->samples > b->samples ? -1 : 1;
    if (a->score != b->score)
        return a->score < b->score ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

size_t race_next(struct racer *racers, size_t n, int *samples)
{
    size_t level = 0, keep;
    double drop;

    *samples = 0;
    if (!n)
        return 0;
    qsort(racers, n, sizeof *racers, compare);
    while (level < n && racers[level].samples == racers[0].samples && isfinite(racers[level].score))
        level++;
    if (level < 2 || racers[0].samples >= SAMPLES_ENOUGH)
        return 0;
    keep = (level + 2) / 3;
    keep = keep < 2 ? 2 : keep > RACE_MOST ? RACE_MOST : keep;
    drop = racers[0].score * (1 + (RACE_DROP - 1) * RACE_SCREEN / (double)racers[0].samples);
    while (keep > 1 && racers[keep - 1].score > drop)
        keep--;
    if (keep < 2)
        return 0;
    *samples = racers[0].samples;
    return keep;
}
