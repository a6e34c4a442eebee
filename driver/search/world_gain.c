/* driver/search/world_gain.c - how a proposer's promises are corrected.
 *
 * Measured log gain = the sum of traits x weights + noise: a regression on what is known of an idea
 * before it is tried. The weights and the noise have the conjugate normal inverse-gamma posterior
 * (Gelman et al., Bayesian Data Analysis, 3.2 and 14.8). It starts at what believes half of a
 * promise of 2x. The traits:
 *
 * - 1, of which the weight is free to move, and the promise, of which it is held: an author that
 *   promises too much of everything is soon told by its offset, while which of its ideas it thinks
 *   more of goes on to count. (Held to a line through the origin, the slope would have to vanish.)
 * - What an easy idea promises beyond 2x: too good to be true until shown otherwise. A line alone
 *   has to believe all promises less because of such, and still goes for the largest first.
 * - What the structure that the idea starts from has gained already, since the more is gained the
 *   less is left.
 *
 * Earlier searches are known by promises and gains alone; they tell of the first two. */
#include <math.h>
#include <string.h>
#include "driver/search/world_impl.h"

/* sums over ideas that were measured: of products of their traits, of those and the log gain */
struct fit {
    double n, tt[TRAITS][TRAITS], ty[TRAITS], yy;
};

/* log of what the structure gained that an idea starts from, on the workloads it is for */
static double standing(const struct world *w, const struct node *n)
{
    const struct node *parent = w->nodes[n->idea.parent];
    double gained = 0, weight = 0;

    for (size_t i = 0; i < w->nw; i++) {
        double us = world_time(w, parent, i);
        if (us > 0 && w->original[i] > 0 && world_is_for(w, n, i)) {
            gained += w->weight[i] * log(w->original[i] / us);
            weight += w->weight[i];
        }
    }
    return weight > 0 ? gained / weight : 0;
}

void world_traits(const struct world *w, const struct node *n, double *trait)
{
    static const double easy[DIFFICULTIES] = {1, 0.5};
    double sd;

    trait[0] = 1;
    trait[1] = world_predicted(n, &sd);
    trait[2] = fmax(0, trait[1] - M_LN2) * easy[n->idea.difficulty - 1];
    trait[3] = standing(w, n);
}

/* what this search measured of a proposer's ideas */
static void fit_add(const struct world *w, const char *proposer, struct fit *f)
{
    for (size_t id = 1; id < w->n; id++) {
        const struct node *n = w->nodes[id];
        double trait[TRAITS];
        struct tally t = {0};
        if (!n->seen || strcmp(n->idea.proposer, proposer) != 0)
            continue;
        world_tally(w, n, &t);
        world_traits(w, n, trait);
        f->n += t.gain.n;
        f->yy += t.gain.yy;
        for (int i = 0; i < TRAITS; i++) {
            f->ty[i] += trait[i] * t.gain.y;
            for (int j = 0; j < TRAITS; j++)
                f->tt[i][j] += trait[i] * trait[j] * t.gain.n;
        }
    }
}

/* The posterior, by the Cholesky factor of its precision. What is left of the squares of the gains
 * is what the noise is told from. */
static struct line posterior(const struct world_rule *r, const struct fit *f)
{
    const double prior[TRAITS] = {r->offset, r->slope, r->easy, r->standing};
    const double sd[TRAITS] = {r->offset_sd, r->slope_sd, r->easy_sd, r->standing_sd};
    double noise2 = r->noise * r->noise, rest = f->yy, y[TRAITS];
    struct line line;
    double(*l)[TRAITS] = line.root;

    for (int i = 0; i < TRAITS; i++) {
        double own = noise2 / (sd[i] * sd[i]);
        y[i] = f->ty[i] + own * prior[i];
        rest += own * prior[i] * prior[i];
        for (int j = 0; j <= i; j++) {
            l[i][j] = f->tt[i][j] + (i == j ? own : 0);
            for (int k = 0; k < j; k++)
                l[i][j] -= l[i][k] * l[j][k];
            l[i][j] = i == j ? sqrt(fmax(l[i][i], 1e-12)) : l[i][j] / l[j][j];
        }
        for (int j = 0; j < i; j++)
            y[i] -= l[i][j] * y[j];
        y[i] /= l[i][i];
        rest -= y[i] * y[i];
    }
    for (int i = TRAITS - 1; i >= 0; i--) {
        line.mean[i] = y[i];
        for (int k = i + 1; k < TRAITS; k++)
            line.mean[i] -= l[k][i] * line.mean[k];
        line.mean[i] /= l[i][i];
    }
    line.noise =
        sqrt(fmax(1e-4, (r->noise_worth * noise2 + fmax(0, rest)) / (r->noise_worth + f->n)));
    return line;
}

struct line world_line(const struct world *w, const char *proposer, const struct pairs *earlier)
{
    struct fit f = {.n = earlier->n,
                    .tt = {{earlier->n, earlier->x}, {earlier->x, earlier->xx}},
                    .ty = {earlier->y, earlier->xy},
                    .yy = earlier->yy};

    fit_add(w, proposer, &f);
    return posterior(&w->rule, &f);
}

double world_line_gain(const struct line *line, const double *trait)
{
    double gain = 0;

    for (int i = 0; i < TRAITS; i++)
        gain += line->mean[i] * trait[i];
    return gain;
}

void world_line_spread(const struct line *line, const double *trait, double *part)
{
    for (int i = 0; i < TRAITS; i++) {
        part[i] = trait[i] * line->noise;
        for (int k = 0; k < i; k++)
            part[i] -= line->root[i][k] * part[k];
        part[i] /= line->root[i][i];
    }
}
