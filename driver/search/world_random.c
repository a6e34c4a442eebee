/* driver/search/world_random.c - random numbers of the shapes that the posteriors have, from the
 * world's own generator (splitmix64), so that a search can be run again. */
#include <math.h>
#include "driver/search/space_impl.h"
#include "driver/search/world_impl.h"

/* in (0, 1) */
static double world_uniform(struct world *w)
{
    return ((double)(space_rand(&w->random) >> 11) + 0.5) * 0x1p-53;
}

/* Box and Muller, one of the pair */
double world_normal(struct world *w)
{
    double r = sqrt(-2 * log(world_uniform(w)));

    return r * cos(6.283185307179586 * world_uniform(w));
}

/* Marsaglia and Tsang, "A simple method for generating gamma variables", 2000 */
static double world_gamma(struct world *w, double shape)
{
    double d, c;

    if (shape < 1)
        return world_gamma(w, shape + 1) * pow(world_uniform(w), 1 / shape);
    d = shape - 1.0 / 3;
    c = 1 / sqrt(9 * d);
    for (;;) {
        double x = world_normal(w), v = 1 + c * x;
        if (v <= 0)
            continue;
        v = v * v * v;
        if (log(world_uniform(w)) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}

double world_beta(struct world *w, double a, double b)
{
    double x = world_gamma(w, a), y = world_gamma(w, b);

    return x + y > 0 ? x / (x + y) : a / (a + b);
}
