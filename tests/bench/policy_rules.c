/* tests/bench/policy_rules.c - the rules that are compared. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/log.h"
#include "tests/bench/policy.h"

enum { FOR_RULE = 100 };

/* ---- ours ---------------------------------------------------------------------------------- */

static void tell_ideas(const struct run *r, struct world *w, size_t from)
{
    static const char *const labels[] = {"one", "two"};
    json_t *edits = json_array(), *script = json_pack("{s:o}", "edits", edits);
    struct buf errors;

    buf_init(&errors, BUF_LIMIT);
    for (size_t i = from; i < r->n; i++) {
        const struct sim_idea *idea = &r->ideas[i];
        char title[32], name[32], up[32];
        json_t *edit;
        snprintf(title, sizeof title, "idea %zu", i);
        snprintf(name, sizeof name, "%zu", i);
        snprintf(up, sizeof up, "%zu", idea->parent);
        edit = json_pack("{s:s,s:s,s:s,s:s,s:[f,f,f],s:i,s:o}", "op", "insert", "id", name, "title",
                         title, "regime", idea->regime < 0 ? "" : labels[idea->regime], "gain",
                         exp(idea->promised - 0.25), exp(idea->promised),
                         exp(idea->promised + 0.25), "difficulty", idea->difficulty, "parent",
                         idea->parent < from ? json_integer((json_int_t)idea->parent)
                                             : json_string(up));
        json_array_append_new(edits, edit);
    }
    if (world_edit(w, script, "model", &errors) < 0)
        fatal("%s", buf_text(&errors));
    buf_release(&errors);
    json_decref(script);
}

static void tell_times(const struct run *r, struct world *w, size_t id)
{
    double us[PLACE_WORKLOADS];

    for (size_t i = 0; i < r->place->workloads; i++)
        us[i] = exp(r->ideas[id].time[i]) * 1000;
    world_measured(w, id, us);
}

static struct world *new_world(const struct run *r)
{
    static const char *const labels[] = {"one", "two"};
    static const double weight[] = {1, 1};
    double us[PLACE_WORKLOADS];
    struct world_config c = {.seed = r->seed * 77 + 1,
                             .workloads = r->place->workloads,
                             .labels = labels,
                             .weight = weight,
                             .original_us = us,
                             .most = IDEAS_ROOM};
    struct world *w;

    for (size_t i = 0; i < r->place->workloads; i++)
        us[i] = exp(r->ideas[0].time[i]) * 1000;
    w = world_new(&c);
    w->rule = *r->rule;
    return w;
}

/* attempts until one works, or as many as there are proposals; true: one does */
static bool attempt_some(struct run *r, size_t id, struct world *w)
{
    bool works = false;

    for (size_t i = 0; i < r->proposals && !run_over(r) && !(works && !r->at_once); i++) {
        enum attempt outcome = run_attempt(r, id);
        works = works || outcome == ATTEMPT_SLOW || outcome == ATTEMPT_GAIN;
        if (w)
            world_attempt(w, id, outcome, 15 + 5 * r->ideas[id].difficulty, 4000, 0.02);
    }
    return works;
}

/* ideas grow under such as work only, so no script here is refused */
void rule_ours(struct run *r)
{
    struct world *w = new_world(r);
    size_t closed = 0;
    bool wanted = true;

    while (!run_over(r)) {
        size_t from = r->n, id;
        if (wanted) {
            run_grow(r, closed);
            tell_ideas(r, w, from);
        }
        closed = 0;
        id = world_choose(w, 0.005);
        wanted = !id;
        if (!id)
            continue;
        r->visited++;
        if (attempt_some(r, id, w))
            tell_times(r, w, id);
        world_close(w, id);
        closed = id;
        wanted = world_wants_ideas(w, closed);
    }
    world_free(w);
}

/* ---- rules without a memory of their own ---------------------------------------------------- */

static bool can_try(const struct run *r, size_t id)
{
    return id && !r->ideas[id].done && r->ideas[r->ideas[id].parent].done &&
           isfinite(r->ideas[r->ideas[id].parent].time[0]);
}

static double total(const struct run *r, size_t id)
{
    double sum = 0;

    for (size_t w = 0; w < r->place->workloads; w++)
        sum += r->ideas[id].time[w];
    return sum;
}

/* more ideas are asked for when ours asks: after something new to build on, and when few are left
 */
static bool wants_ideas(const struct run *r, size_t closed)
{
    size_t open = 0;
    double best = HUGE_VAL;

    for (size_t i = 0; i < r->n; i++) {
        open += can_try(r, i);
        best = fmin(best, total(r, i));
    }
    return open < r->rule->open ||
           total(r, closed) - best < r->rule->near * (double)r->place->workloads;
}

/* cycles like ours, but an idea with which no attempt works is given up: of what was tried on the
 * places called tuned, this serves these rules best */
static void run_cycles(struct run *r, size_t (*choose)(struct run *r))
{
    size_t closed = 0;
    bool wanted = true;

    while (!run_over(r)) {
        size_t id;
        if (wanted)
            run_grow(r, closed);
        closed = 0;
        id = choose(r);
        wanted = !id;
        if (!id)
            continue;
        r->visited++;
        attempt_some(r, id, NULL);
        r->ideas[id].done = true;
        closed = id;
        wanted = wants_ideas(r, closed);
    }
}

static size_t most_promising(struct run *r)
{
    size_t best = 0;

    for (size_t i = 1; i < r->n; i++) {
        if (can_try(r, i) && (!best || r->ideas[i].promised > r->ideas[best].promised))
            best = i;
    }
    return best;
}

void rule_greedy(struct run *r)
{
    run_cycles(r, most_promising);
}

static size_t any(struct run *r)
{
    size_t n = 0, chosen = 0;

    for (size_t i = 1; i < r->n; i++) {
        if (can_try(r, i) && run_uniform(r, FOR_RULE, r->calls, i) * (double)++n < 1)
            chosen = i;
    }
    return chosen;
}

void rule_uniform(struct run *r)
{
    run_cycles(r, any);
}

/* ---- K-Search -------------------------------------------------------------------------------- */

/* As published (github.com/caoshiyi/K-Search, choose_next_action_node_id and
 * _generate_world_model_cycles_v2): of the open ideas whose parent has a solution, those of
 * difficulty 4 at most if there are any, sorted by the model's own score, then the least
 * difficulty; one candidate a round until five rounds in a row bring nothing better, or five none
 * better than the parent; an idea without a solution is then rated lower by the model, which fails
 * to parse three times in ten here, and stays open. */
enum { STAGNATION = 5 };

static size_t ksearch_choose(const struct run *r)
{
    size_t best = 0;
    bool best_easy = false;

    for (size_t i = 1; i < r->n; i++) {
        const struct sim_idea *idea = &r->ideas[i], *b = &r->ideas[best];
        bool easy = idea->difficulty <= 4;
        if (!can_try(r, i))
            continue;
        if (!best || easy > best_easy ||
            (easy == best_easy &&
             (idea->promised > b->promised ||
              (!(idea->promised < b->promised) && idea->difficulty < b->difficulty)))) {
            best = i;
            best_easy = easy;
        }
    }
    return best;
}

void rule_ksearch(struct run *r)
{
    run_grow(r, 0);
    while (!run_over(r)) {
        size_t id = ksearch_choose(r), same = 0, below = 0;
        double best;
        if (!id) {
            run_grow(r, 0);
            continue;
        }
        r->visited++;
        best = total(r, id);
        while (!run_over(r) && same < STAGNATION && below < STAGNATION) {
            run_attempt(r, id);
            same = total(r, id) < best ? 0 : same + 1;
            best = fmin(best, total(r, id));
            if (isfinite(best))
                below = best < total(r, r->ideas[id].parent) ? 0 : below + 1;
        }
        if (isfinite(best)) {
            r->ideas[id].done = true;
            run_grow(r, id);
            continue;
        }
        run_call(r);
        if (run_uniform(r, FOR_RULE, id, r->calls) >= 0.3) {
            r->ideas[id].promised =
                r->ideas[id].promised > 0 ? r->ideas[id].promised / 2 : r->ideas[id].promised - 0.3;
            r->ideas[id].difficulty += r->ideas[id].difficulty < DIFFICULTIES;
        }
    }
}

/* ---- islands -------------------------------------------------------------------------------- */

/* As OpenEvolve and ShinkaEvolve do at heart: no ideas in words and no predictions, a call is a
 * mutation of a good program of an island, and the best wander on to the next island. Two islands,
 * since with so few calls more find less; with one it is plain evolution. */
enum { ISLANDS_MOST = 2, MIGRATION = 10 };

static size_t island_parent(const struct run *r, const size_t *home, size_t island)
{
    bool best = run_uniform(r, FOR_RULE, r->calls, 1) < 0.7;
    size_t chosen = 0, n = 1;

    for (size_t i = 1; i < r->n; i++) {
        if (home[i] != island || !isfinite(r->ideas[i].time[0]))
            continue;
        n++;
        if (best ? total(r, i) < total(r, chosen)
                 : run_uniform(r, FOR_RULE, r->calls, 1 + i) * (double)n < 1)
            chosen = i;
    }
    return chosen;
}

/* copies the best of each island to the next */
static void migrate(struct run *r, size_t *home, size_t islands)
{
    size_t best[ISLANDS_MOST] = {0};

    for (size_t i = 1; i < r->n; i++) {
        if (isfinite(r->ideas[i].time[0]) && total(r, i) < total(r, best[home[i]]))
            best[home[i]] = i;
    }
    for (size_t i = 0; i < islands && r->n < IDEAS_ROOM; i++) {
        if (best[i]) {
            home[r->n] = (i + 1) % islands;
            r->ideas[r->n] = r->ideas[best[i]];
            r->ideas[r->n++].tries = 0;
        }
    }
}

static void evolve(struct run *r, size_t islands)
{
    size_t home[IDEAS_ROOM] = {0};

    while (!run_over(r) && r->n < IDEAS_ROOM) {
        size_t island = r->calls % islands, parent = island_parent(r, home, island);
        home[r->n] = island;
        run_move(r, parent, &r->ideas[r->n]);
        r->visited++;
        run_attempt(r, r->n++);
        if (islands > 1 && r->calls % (islands * MIGRATION) == 0)
            migrate(r, home, islands);
    }
}

void rule_islands(struct run *r)
{
    evolve(r, ISLANDS_MOST);
}

void rule_evolution(struct run *r)
{
    evolve(r, 1);
}
