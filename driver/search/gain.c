/* driver/search/gain.c
 *
 * An estimate from the best few. Where the tail of a distribution is exponential, as good tails are
 * more or less, the gaps between its k least values, each times its place, all have the tail's
 * scale as their mean; and when n values become N the least one falls by the scale times log(N /
 * n). Points that a tuner chooses are no random ones, and better than those, but what it chooses
 * among is used up at the same rate: the figure says when to stop, and is no promise. */
#include "driver/search/gain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/log.h"

enum { LEAST = 8, BEST = 10 };

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double gain_left(const double *logs, size_t n, double more)
{
    size_t k = n / 4 < BEST ? n / 4 : BEST;
    double scale = 0;
    if (!(more > 0) || n < LEAST)
        return more > 0 ? -1 : 0;
    double *x = malloc(n * sizeof *x);
    if (!x)
        fatal("out of memory");
    memcpy(x, logs, n * sizeof *x);
    qsort(x, n, sizeof *x, order);
    for (size_t i = 1; i <= k; i++)
        scale += (double)i * (x[i] - x[i - 1]) / (double)k;
    free(x);
    return 1 - exp(-scale * log1p(more / (double)n));
}
