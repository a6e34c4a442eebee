/* driver/search/world.c - the tree of ideas and what happens to them.
 *
 * Ideas are numbered as they come and are never taken out: a pruned one stays, so that nobody has
 * it again. A cycle runs from the choice of an idea to world_close. It fails when the idea still
 * has nothing that works; after each failed cycle the idea has to let twice as many choices pass,
 * and after a few it is pruned, with all that was to be built on it, so that no idea can hold a
 * search up for ever. One that works is closed, even if it is slow: its children may be faster than
 * anything else. */
#include "driver/search/world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/world_impl.h"
#include "runtime/base/log.h"

enum { IDEAS_MOST = 200, COOL_DOWN_MOST = 32 };

/* What one unit of money and one token stand for in seconds, so that costs add up: an hour of a
 * rented GPU costs about three units of money; tokens count only where they have no price. */
static const double money_seconds = 1200, token_seconds = 0.005;

const char *const world_states[] = {"open", "active", "closed", "pruned"};
const char *const world_attempts[] = {"screen", "build", "check", "slow", "gain"};
const char *const world_bottlenecks[WORLD_BOTTLENECKS] = {"memory", "latency", "compute", "launch",
                                                          "unknown"};

/* a positive number within reason, or 0 */
static double sane(double x)
{
    return x > 0 && x <= 1e12 ? x : 0;
}

/* a time; one no clock can have told is none */
static double sane_us(double us)
{
    return us >= 1e-6 && us <= 1e15 ? us : 0;
}

/* ---- making ------------------------------------------------------------------------------ */

static const char *copy(struct world *w, const char *s)
{
    return arena_dup(w->arena, s ? s : "");
}

static void take_workloads(struct world *w, const struct world_config *c)
{
    double sum = 0;

    w->given = c->workloads > 0;
    w->nw = w->given ? c->workloads : 1;
    w->labels = arena_array(w->arena, const char *, w->nw);
    w->weight = arena_array(w->arena, double, w->nw);
    w->original = arena_array(w->arena, double, w->nw);
    for (size_t i = 0; i < w->nw; i++) {
        double weight = w->given && c->weight ? c->weight[i] : 1;
        double us = w->given && c->original_us ? c->original_us[i] : 0;
        w->labels[i] = copy(w, w->given && c->labels ? c->labels[i] : "");
        w->weight[i] = sane(weight);
        w->original[i] = sane_us(us);
        sum += w->weight[i];
    }
    for (size_t i = 0; i < w->nw; i++)
        w->weight[i] = isfinite(sum) && sum > 0 ? w->weight[i] / sum : 1 / (double)w->nw;
}

struct node *world_add(struct world *w, size_t parent)
{
    struct node **slot = arena_push(w->arena, w->nodes, w->n);
    struct node *n = *slot = arena_alloc(w->arena, sizeof *n);

    n->idea = (struct idea){
        .id = w->n - 1,
        .parent = parent,
        .title = "",
        .rationale = "",
        .regime = "",
        .low = 1,
        .likely = 1,
        .high = 1,
        .difficulty = 1,
        .bottleneck = "unknown",
        .proposer = "",
    };
    n->depth = w->n > 1 ? w->nodes[parent]->depth + 1 : 0;
    n->touched = ++w->clock;
    return n;
}

struct world *world_new(const struct world_config *c)
{
    struct arena *arena = arena_new();
    struct world *w = arena_alloc(arena, sizeof *w);
    struct node *root;

    w->arena = arena;
    w->rule = world_rule;
    w->random = c->seed;
    w->most = c->most ? c->most : IDEAS_MOST;
    w->kernel_class = copy(w, c->kernel_class && *c->kernel_class ? c->kernel_class : "any");
    w->bottleneck = copy(w, c->bottleneck && *c->bottleneck ? c->bottleneck : "unknown");
    w->arch = copy(w, c->arch && *c->arch ? c->arch : "any");
    world_priors_read(w, c->priors);
    take_workloads(w, c);
    root = world_add(w, 0);
    root->idea.title = "the original";
    root->idea.bottleneck = w->bottleneck;
    root->idea.state = IDEA_CLOSED;
    root->idea.gain = 1;
    root->us = w->original;
    root->idea.us = root->us;
    return w;
}

void world_free(struct world *w)
{
    if (w)
        arena_free(w->arena);
}

/* ---- looking ----------------------------------------------------------------------------- */

void world_limit(struct world *w, const char *bottleneck)
{
    w->bottleneck = w->nodes[0]->idea.bottleneck = copy(w, bottleneck);
}

size_t world_ideas(const struct world *w)
{
    return w->n;
}

struct node *world_node(const struct world *w, size_t id)
{
    return id < w->n ? w->nodes[id] : NULL;
}

const struct idea *world_idea(const struct world *w, size_t id)
{
    return id < w->n ? &w->nodes[id]->idea : NULL;
}

bool world_below(const struct world *w, size_t id, size_t ancestor)
{
    while (id != ancestor && id != 0)
        id = w->nodes[id]->idea.parent;
    return id == ancestor;
}

bool world_stands(const struct node *n)
{
    return n->idea.state == IDEA_CLOSED ||
           (n->idea.state == IDEA_ACTIVE && n->is_followed && n->us);
}

double world_time(const struct world *w, const struct node *n, size_t workload)
{
    while (n->idea.id && !(n->us && n->us[workload] > 0))
        n = w->nodes[n->idea.parent];
    return n->us[workload];
}

double world_least(const struct world *w, size_t workload, size_t *id)
{
    double least = w->original[workload];

    *id = 0;
    for (size_t i = 1; i < w->n; i++) {
        const double *us = w->nodes[i]->us;
        if (us && us[workload] > 0 && (least <= 0 || us[workload] < least)) {
            least = us[workload];
            *id = i;
        }
    }
    return least;
}

bool world_is_for(const struct world *w, const struct node *n, size_t workload)
{
    return !*n->idea.regime || strcmp(n->idea.regime, w->labels[workload]) == 0;
}

const char *world_facing(const struct world *w, const struct node *n)
{
    return w->nodes[n->idea.parent]->idea.bottleneck;
}

double world_portfolio(const struct world *w)
{
    double sum = 0;

    for (size_t i = 0; i < w->nw; i++) {
        size_t id;
        double least = world_least(w, i, &id);
        if (w->original[i] > 0)
            sum += w->weight[i] * log(least / w->original[i]);
    }
    return exp(sum);
}

size_t world_best(const struct world *w)
{
    double *led = calloc(w->n, sizeof *led);
    size_t best = 0;

    if (!led)
        fatal("out of memory");
    for (size_t i = 0; i < w->nw; i++) {
        size_t id;
        world_least(w, i, &id);
        led[id] += w->weight[i];
    }
    for (size_t i = 1; i < w->n; i++)
        best = led[i] > led[best] || (!best && led[i] > 0 && led[i] >= led[0]) ? i : best;
    free(led);
    return best;
}

/* ---- what happens ------------------------------------------------------------------------ */

void world_attempt(struct world *w, size_t id, enum attempt outcome, double seconds, int64_t tokens,
                   double money)
{
    struct node *n = world_node(w, id);

    if (!n || id == 0 || (unsigned)outcome >= ATTEMPTS)
        return;
    tokens = tokens > 0 ? tokens : 0;
    n->seen = true;
    n->idea.attempts[outcome]++;
    n->idea.seconds += sane(seconds);
    n->idea.money += sane(money);
    n->idea.tokens = n->idea.tokens > INT64_MAX - tokens ? INT64_MAX : n->idea.tokens + tokens;
    n->cycle_tries++;
    n->cycle_cost += sane(seconds) + money_seconds * sane(money);
    if (sane(money) <= 0)
        n->cycle_cost += token_seconds * (double)tokens;
    n->touched = ++w->clock;
}

/* Over the workloads that both it and what it was built on were measured on: its regime's, if it
 * has one, since that is what its author spoke of. */
static double measured_gain(const struct world *w, const struct node *n)
{
    const struct node *parent = w->nodes[n->idea.parent];
    double sum = 0, weight = 0;

    for (size_t i = 0; i < w->nw; i++) {
        double from = world_time(w, parent, i), part = w->weight[i] > 0 ? w->weight[i] : 1e-9;
        if (n->us[i] > 0 && from > 0 && world_is_for(w, n, i)) {
            sum += part * log(from / n->us[i]);
            weight += part;
        }
    }
    return weight > 0 ? exp(sum / weight) : 0;
}

void world_measured(struct world *w, size_t id, const double *us)
{
    struct node *n = world_node(w, id);
    bool any = false;

    if (!n || id == 0 || !us || !w->given)
        return;
    for (size_t i = 0; i < w->nw; i++)
        any = any || sane_us(us[i]) > 0;
    if (!any)
        return;
    if (!n->us)
        n->us = arena_array(w->arena, double, w->nw);
    n->idea.us = n->us;
    n->seen = true;
    for (size_t i = 0; i < w->nw; i++) {
        if (sane_us(us[i]) > 0 && (n->us[i] <= 0 || us[i] < n->us[i]))
            n->us[i] = us[i];
    }
    n->idea.gain = measured_gain(w, n);
    for (size_t i = 1; i < w->n; i++) /* which may have been measured before it was done */
        if (w->nodes[i]->idea.parent == id && w->nodes[i]->us)
            w->nodes[i]->idea.gain = measured_gain(w, w->nodes[i]);
    n->touched = ++w->clock;
}

void world_follow(struct world *w, size_t id)
{
    struct node *n = world_node(w, id);

    if (n && n->idea.state == IDEA_ACTIVE)
        n->is_followed = true;
}

void world_prune(struct world *w, size_t id, const char *why)
{
    for (size_t i = 1; i < w->n; i++) {
        struct node *n = w->nodes[i];
        if (n->idea.state != IDEA_OPEN || !world_below(w, i, id))
            continue;
        n->idea.state = IDEA_PRUNED;
        n->why = i == id ? copy(w, why) : "what it was to be built on was pruned";
        n->touched = ++w->clock;
    }
}

/* the cost of the cycle that ends joins those that the cost of the next ones is told from */
static void end_costs(struct node *n)
{
    if (n->cycle_cost > 0) {
        double l = log(n->cycle_cost);
        n->log_cost += l;
        n->log_cost2 += l * l;
        n->ended++;
    }
    n->cycle_cost = 0;
    n->cycle_tries = 0;
}

void world_close(struct world *w, size_t id)
{
    struct node *n = world_node(w, id);

    if (!n || n->idea.state != IDEA_ACTIVE)
        return;
    end_costs(n);
    n->touched = ++w->clock;
    if (n->us || n->idea.attempts[ATTEMPT_SLOW] + n->idea.attempts[ATTEMPT_GAIN] > 0) {
        n->idea.state = IDEA_CLOSED;
        return;
    }
    n->idea.state = IDEA_OPEN;
    n->failed++;
    n->idea.cool_down = w->rule.cool_down << (n->failed < 6 ? n->failed - 1 : 5);
    if (n->idea.cool_down > COOL_DOWN_MOST)
        n->idea.cool_down = COOL_DOWN_MOST;
    if (n->failed >= w->rule.failed_cycles)
        world_prune(w, id, "nothing that works after all its cycles");
}
