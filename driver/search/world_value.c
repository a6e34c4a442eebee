/* driver/search/world_value.c - what an idea is worth, and which is next.
 *
 * Three beliefs, each a posterior that starts at world_rule and at what earlier searches knew:
 *
 * Works: an attempt at the idea gives something right with probability p ~ Beta. Its prior comes
 * from the idea's difficulty, moved by all proposers' attempts of that difficulty, then by its own
 * proposer's among them, then by its own among those, each level standing for a few attempts of the
 * next (so a hundred attempts elsewhere do not outvote five of its own). A cycle makes k attempts,
 * which all fail with (1 - p)^k, in the mean over the Beta the product of (b + i) / (a + b + i).
 *
 * Gain: a promise is corrected by a regression on what is known of the idea (world_gain.c).
 *
 * Cost: the logarithm of a cycle's seconds is normal around that of its difficulty, all of them
 * moved together by how fast this search turned out to be.
 *
 * The improvement is counted on the portfolio. For each workload with the least time B of anyone
 * and the time T of what the idea starts from, log gain g ~ N(m, s) improves it by max(0, g - log
 * T/B), of which the mean is d F(d/s) + s f(d/s) with d = m - log T/B (Mockus's expected
 * improvement, in logarithms; F and f the normal's). The value is improvement x works / cost. An
 * idea is also worth what stands on it: along each path of open ideas below it the gains add, the
 * chances multiply, and later costs are paid only when what is before them works; the best path
 * counts. So a slow step that others are to build on is taken when they promise enough.
 *
 * The choice samples the posteriors (Thompson), one draw of the regression for each proposer, one p
 * for each idea, and goes half of the way from the means to the samples: a budget is a few dozen
 * cycles, in which what exploring finds out has no time to pay. It stops by means and one standard
 * deviation, not by samples.
 *
 * More ideas cost a call that tries none. They are wanted when there is something new to build on,
 * a structure that works and is nearly as fast as the best, and when there are few to choose from;
 * after a failure, and below what turned out slow, those at hand are tried first. */
#include "driver/search/world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/space_impl.h"
#include "driver/search/world_impl.h"

/* Chosen on the places that the simulator calls tuned (tests/bench/policy.c), where what it finds
 * changes little around them: twice or half of one of those of the gain costs 1 % at most. */
const struct world_rule world_rule = {
    .works = {0.85, 0.75, 0.6, 0.45, 0.3},
    .works_worth = 6,
    .pooled_worth = 6,
    .class_worth = 4,
    .own_failure = 1.5,
    .attempts = 3,
    .slope = 0.7,
    .slope_sd = 0.2,
    .offset = -0.14,
    .offset_sd = 0.4,
    .easy = -1,
    .easy_sd = 0.5,
    .standing = -0.2,
    .standing_sd = 0.2,
    .noise = 0.25,
    .noise_worth = 4,
    .spread = 0.25,
    .seconds = {80, 88, 98, 108, 120},
    .seconds_sd = 1,
    .earlier_worth = 12,
    .cool_down = 2,
    .failed_cycles = 3,
    .wander = 0.5,
    .near = 0.3,
    .open = 8,
};

static const double cycle_sd = 0.5; /* of the logarithm of the seconds of like cycles */

struct belief {
    double a, b;          /* the Beta of an attempt */
    double attempts;      /* in a cycle */
    double trait[TRAITS]; /* of its gain */
    struct line line;
    double noise; /* of the gain around the line, with the author's own spread */
    double cost;
};

/* numbers that stand for the beliefs, means or samples */
struct guess {
    double works, gain, noise, cost;
};

/* ---- beliefs ----------------------------------------------------------------------------- */

static double fails(const struct tally *t)
{
    return t->fails[0] + t->fails[1] + t->fails[2];
}

/* what this search saw */
struct seen {
    struct tally same, other; /* at its difficulty, by its proposer and by all others */
    double attempts, cycles;  /* of anyone */
    double shift, shift_n;    /* log cost over the rule's, sum and count, of anyone */
    double cost, cost_n;      /* log cost at its difficulty */
};

static struct seen look_around(const struct world *w, const struct node *n)
{
    struct seen s = {0};

    for (size_t i = 1; i < w->n; i++) {
        const struct node *other = w->nodes[i];
        struct tally t = {0};
        bool level = other->idea.difficulty == n->idea.difficulty, same;
        if (!other->seen)
            continue;
        same = strcmp(other->idea.proposer, n->idea.proposer) == 0;
        world_tally(w, other, &t);
        s.attempts += t.works + fails(&t);
        s.cycles += t.cycles;
        s.shift += t.log_cost - t.cycles * log(w->rule.seconds[other->idea.difficulty - 1]);
        s.shift_n += t.cycles;
        if (level) {
            s.cost += t.log_cost;
            s.cost_n += t.cycles;
        }
        if (level)
            world_tally_add(same ? &s.same : &s.other, &t, 1);
    }
    return s;
}

static void believe_works(const struct world *w, const struct node *n, const struct seen *s,
                          const struct tally *earlier, struct belief *b)
{
    const struct world_rule *r = &w->rule;
    double p = r->works[n->idea.difficulty - 1], attempts;
    struct tally own = {0}, all = {0};

    world_tally(w, n, &own);
    world_tally_add(&all, &s->other, 1);
    world_tally_add(&all, &s->same, 1);
    p = (r->works_worth * p + all.works) / (r->works_worth + all.works + fails(&all));
    p = (r->pooled_worth * p + s->same.works + earlier->works) /
        (r->pooled_worth + s->same.works + fails(&s->same) + earlier->works + fails(earlier));
    b->a = r->class_worth * p + own.works;
    b->b = r->class_worth * (1 - p) + r->own_failure * fails(&own);
    attempts = (4 * r->attempts + s->attempts) / (4 + s->cycles);
    b->attempts = attempts < 1 ? 1 : attempts > 16 ? 16 : attempts;
}

static double believe_cost(const struct world *w, const struct node *n, const struct seen *s,
                           const struct tally *earlier)
{
    const struct world_rule *r = &w->rule;
    double rule = log(r->seconds[n->idea.difficulty - 1]);
    double tie = cycle_sd * cycle_sd / (r->seconds_sd * r->seconds_sd);
    double shift = s->shift + earlier->log_cost - earlier->cycles * rule;
    double around = rule + shift / (tie + s->shift_n + earlier->cycles);
    double mean = (2 * around + s->cost + earlier->log_cost) / (2 + s->cost_n + earlier->cycles);

    return exp(mean + cycle_sd * cycle_sd / 2);
}

static struct belief believe(const struct world *w, const struct node *n)
{
    struct seen s = look_around(w, n);
    const char *facing = world_facing(w, n);
    struct tally level =
        world_earlier(w, facing, n->idea.proposer, n->idea.difficulty, w->rule.earlier_worth);
    struct tally any = world_earlier(w, facing, n->idea.proposer, 0, w->rule.earlier_worth);
    struct belief b = {0};
    double sd;

    believe_works(w, n, &s, &level, &b);
    b.line = world_line(w, n->idea.proposer, &any.gain);
    world_traits(w, n, b.trait);
    world_predicted(n, &sd);
    b.noise = hypot(b.line.noise, w->rule.spread * b.line.mean[1] * sd);
    b.cost = believe_cost(w, n, &s, &level);
    return b;
}

/* ---- guesses ----------------------------------------------------------------------------- */

static double mean_gain(const struct belief *b)
{
    return world_line_gain(&b->line, b->trait);
}

/* of the mean gain */
static double line_sd(const struct belief *b)
{
    double part[TRAITS], sum = 0;

    world_line_spread(&b->line, b->trait, part);
    for (int i = 0; i < TRAITS; i++)
        sum += part[i] * part[i];
    return sqrt(sum);
}

/* a cycle of k attempts gives something, k whole or not */
static double cycle_works(double p, double k)
{
    return 1 - pow(1 - p, k);
}

static double mean_works(const struct belief *b)
{
    double none = 1, whole = floor(b->attempts);

    for (double i = 0; i < whole; i++)
        none *= (b->b + i) / (b->a + b->b + i);
    return 1 - none * pow((b->b + whole) / (b->a + b->b + whole), b->attempts - whole);
}

static struct guess guess_mean(const struct belief *b)
{
    return (struct guess){mean_works(b), mean_gain(b), hypot(b->noise, line_sd(b)), b->cost};
}

/* what may well be: one standard deviation above the means */
static struct guess guess_hopeful(const struct belief *b)
{
    double sum = b->a + b->b, p = b->a / sum;

    p = fmin(1, p + sqrt(p * (1 - p) / (sum + 1)));
    return (struct guess){cycle_works(p, b->attempts), mean_gain(b) + line_sd(b), b->noise,
                          b->cost};
}

/* FNV-1a: draws that go with a name */
static uint64_t hash(const char *s)
{
    uint64_t h = 0xCBF29CE484222325u;

    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001B3u;
    return h;
}

/* One sample. The line's comes from the round and the proposer's name alone, since all ideas of a
 * proposer stand or fall together with its word. */
static struct guess guess_sample(struct world *w, const struct node *n, const struct belief *b,
                                 uint64_t round)
{
    struct world own = {.random = round ^ hash(n->idea.proposer)};
    double wander = w->rule.wander, p = world_beta(w, b->a, b->b), gain = mean_gain(b);
    double part[TRAITS];

    world_line_spread(&b->line, b->trait, part);
    for (int i = 0; i < TRAITS; i++)
        gain += wander * part[i] * world_normal(&own);

    p = wander * cycle_works(p, b->attempts) + (1 - wander) * mean_works(b);
    return (struct guess){p, gain, b->noise, b->cost};
}

/* ---- improvement ------------------------------------------------------------------------- */

/* the mean of max(0, N(d, s)) */
static double expected(double d, double s)
{
    double t;

    if (!(s > 1e-9))
        return d > 0 ? d : 0;
    t = d / s;
    return d * 0.5 * erfc(-t * M_SQRT1_2) + s * exp(-0.5 * t * t) * 0.3989422804014327;
}

/* of the portfolio, by an open idea whose ancestors up to `first` are open too, all as guessed */
static double improvement(const struct world *w, size_t first, size_t last,
                          const struct guess *guess, const double *least)
{
    const struct node *base = w->nodes[w->nodes[first]->idea.parent];
    double sum = 0;

    for (size_t i = 0; i < w->nw; i++) {
        double d = 0, s2 = 0, from = world_time(w, base, i);
        for (size_t id = last;; id = w->nodes[id]->idea.parent) {
            if (world_is_for(w, w->nodes[id], i)) {
                d += guess[id].gain;
                s2 += guess[id].noise * guess[id].noise;
            }
            if (id == first)
                break;
        }
        if (s2 <= 0)
            continue;
        if (from > 0 && least[i] > 0)
            d -= log(from / least[i]);
        sum += w->weight[i] * expected(d, sqrt(s2));
    }
    return sum;
}

struct worth {
    double improvement; /* x works, of the path with most of it */
    double value;       /* of the path with most of it */
};

/* Adds to worth[] of the idea that can be chosen now what the path from it to `last` is worth; for
 * nothing where none can. */
static void add_path(const struct world *w, size_t last, const struct guess *guess,
                     const double *least, struct worth *worth)
{
    double works = guess[last].works, cost = guess[last].cost, gain;
    size_t first = last;

    while (!world_stands(w->nodes[w->nodes[first]->idea.parent])) {
        first = w->nodes[first]->idea.parent;
        if (w->nodes[first]->idea.state != IDEA_OPEN)
            return;
        works *= guess[first].works;
        cost = guess[first].cost + guess[first].works * cost;
    }
    gain = works * improvement(w, first, last, guess, least);
    worth[first].improvement = fmax(worth[first].improvement, gain);
    worth[first].value = fmax(worth[first].value, gain / cost);
}

static void least_times(const struct world *w, double *least)
{
    size_t id;

    for (size_t i = 0; i < w->nw; i++)
        least[i] = world_least(w, i, &id);
}

struct idea_value world_value(const struct world *w, size_t id)
{
    struct idea_value v = {0, 1, 0, 0, 0};
    const struct node *n = world_node(w, id);
    struct guess *guess;
    double *least;
    struct belief b;

    if (!n || id == 0)
        return v;
    guess = space_zeroed(w->n, sizeof *guess);
    least = space_zeroed(w->nw, sizeof *least);
    b = believe(w, n);
    guess[id] = guess_mean(&b);
    least_times(w, least);
    v.works = guess[id].works;
    v.gain = exp(guess[id].gain);
    v.improvement = improvement(w, id, id, guess, least);
    v.cost = guess[id].cost;
    v.value = v.improvement * v.works / v.cost;
    free(guess);
    free(least);
    return v;
}

/* ---- choice ------------------------------------------------------------------------------ */

static bool can_be_chosen(const struct world *w, size_t id)
{
    const struct node *n = w->nodes[id];

    return id && n->idea.state == IDEA_OPEN && world_stands(w->nodes[n->idea.parent]);
}

static void pass_choices(struct world *w, size_t n)
{
    for (size_t i = 1; i < w->n; i++) {
        size_t *cool_down = &w->nodes[i]->idea.cool_down;
        *cool_down -= *cool_down < n ? *cool_down : n;
    }
}

/* what each idea that can be chosen is worth by samples, and hopefully */
static void weigh(struct world *w, struct worth *sampled, struct worth *hoped)
{
    struct guess *sample = space_zeroed(w->n, sizeof *sample),
                 *hope = space_zeroed(w->n, sizeof *hope);
    double *least = space_zeroed(w->nw, sizeof *least);
    uint64_t round = space_rand(&w->random);

    least_times(w, least);
    for (size_t i = 1; i < w->n; i++) {
        if (w->nodes[i]->idea.state == IDEA_OPEN) {
            struct belief b = believe(w, w->nodes[i]);
            sample[i] = guess_sample(w, w->nodes[i], &b, round);
            hope[i] = guess_hopeful(&b);
        }
    }
    for (size_t i = 1; i < w->n; i++) {
        if (w->nodes[i]->idea.state == IDEA_OPEN) {
            add_path(w, i, sample, least, sampled);
            add_path(w, i, hope, least, hoped);
        }
    }
    free(sample);
    free(hope);
    free(least);
}

/* The best by samples of those that are worth it hopefully and need not wait. Where all of those
 * have to wait, the choices that they wait for pass at once: there is nobody to go before them. */
static size_t best_choice(struct world *w, double least)
{
    struct worth *sampled = space_zeroed(w->n, sizeof *sampled),
                 *hoped = space_zeroed(w->n, sizeof *hoped);
    size_t best = 0, wait = (size_t)-1;

    weigh(w, sampled, hoped);
    for (size_t i = 1; i < w->n; i++) {
        if (!can_be_chosen(w, i) || !(hoped[i].improvement > least))
            hoped[i].improvement = -1;
        else if (w->nodes[i]->idea.cool_down < wait)
            wait = w->nodes[i]->idea.cool_down;
    }
    for (size_t i = 1; i < w->n; i++) {
        if (hoped[i].improvement >= 0 && w->nodes[i]->idea.cool_down == wait &&
            (!best || sampled[i].value > sampled[best].value))
            best = i;
    }
    if (best)
        pass_choices(w, wait);
    free(sampled);
    free(hoped);
    return best;
}

size_t world_choose(struct world *w, double least)
{
    size_t id = best_choice(w, isfinite(least) && least > 0 ? log1p(least) : 0);

    if (!id)
        return 0;
    pass_choices(w, 1);
    w->nodes[id]->idea.state = IDEA_ACTIVE;
    w->nodes[id]->idea.cycles++;
    w->nodes[id]->touched = ++w->clock;
    return id;
}

/* how much slower than the least times: the mean log over the workloads it was measured on */
static double behind(const struct world *w, const struct node *n)
{
    double sum = 0, weight = 0;
    size_t id;

    for (size_t i = 0; n->us && i < w->nw; i++) {
        double least = world_least(w, i, &id), part = w->weight[i];
        if (n->us[i] > 0 && least > 0 && world_is_for(w, n, i)) {
            sum += part * log(n->us[i] / least);
            weight += part;
        }
    }
    return weight > 0 ? sum / weight : HUGE_VAL;
}

bool world_wants_ideas(const struct world *w, size_t closed)
{
    size_t open = 0;

    for (size_t i = 1; i < w->n; i++)
        open += can_be_chosen(w, i);
    return open < w->rule.open ||
           (closed && closed < w->n && behind(w, w->nodes[closed]) < w->rule.near);
}
