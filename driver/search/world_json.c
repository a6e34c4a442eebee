/* driver/search/world_json.c - all of the tree, for reports:
 *
 *   {"portfolio": 0.61, "best": 7, "workloads": [{"label", "weight", "original_us"}], "ideas": [
 *     {"id", "parent", "title", "rationale", "regime", "gain": [low, likely, high], "difficulty",
 *      "bottleneck", "proposer", "state", "attempts": {"screen": 0, ...}, "cycles", "cool_down",
 *      "us": [one a workload, null: not measured] or null, "measured": factor or null, "seconds",
 *      "money", "tokens", "why": of a pruned one,
 *      "value": {"works", "gain", "improvement", "cost", "value"} of an open or active one}]} */
#include <math.h>
#include "driver/search/world_impl.h"
#include "runtime/base/utf8.h"

static json_t *positive(double x)
{
    return x > 0 && isfinite(x) ? json_real(x) : json_null();
}

static json_t *workloads_json(const struct world *w)
{
    json_t *all = json_array();

    for (size_t i = 0; w->given && i < w->nw; i++)
        json_array_append_new(all,
                              json_pack("{s:o,s:f,s:o}", "label", utf8_json(w->labels[i]), "weight",
                                        w->weight[i], "original_us", positive(w->original[i])));
    return all;
}

static json_t *attempts_json(const struct idea *idea)
{
    json_t *all = json_object();

    for (int i = 0; i < ATTEMPTS; i++)
        json_object_set_new(all, world_attempts[i], json_integer((json_int_t)idea->attempts[i]));
    return all;
}

static json_t *times_json(const struct world *w, const struct node *n)
{
    json_t *all;

    if (!n->us || !w->given)
        return json_null();
    all = json_array();
    for (size_t i = 0; i < w->nw; i++)
        json_array_append_new(all, positive(n->us[i]));
    return all;
}

static json_t *value_json(const struct world *w, size_t id)
{
    struct idea_value v = world_value(w, id);

    return json_pack("{s:f,s:f,s:f,s:f,s:f}", "works", v.works, "gain", v.gain, "improvement",
                     v.improvement, "cost", v.cost, "value", v.value);
}

static json_t *idea_json(const struct world *w, const struct node *n)
{
    const struct idea *i = &n->idea;
    json_t *all = json_pack("{s:I,s:I,s:o,s:o,s:o,s:[f,f,f],s:i,s:o,s:o,s:s}", "id",
                            (json_int_t)i->id, "parent", (json_int_t)i->parent, "title",
                            utf8_json(i->title), "rationale", utf8_json(i->rationale), "regime",
                            utf8_json(i->regime), "gain", i->low, i->likely, i->high, "difficulty",
                            i->difficulty, "bottleneck", utf8_json(i->bottleneck), "proposer",
                            utf8_json(i->proposer), "state", world_states[i->state]);

    json_object_set_new(all, "attempts", attempts_json(i));
    json_object_set_new(all, "cycles", json_integer((json_int_t)i->cycles));
    json_object_set_new(all, "cool_down", json_integer((json_int_t)i->cool_down));
    json_object_set_new(all, "us", times_json(w, n));
    json_object_set_new(all, "measured", positive(i->gain));
    json_object_set_new(all, "seconds", json_real(i->seconds));
    json_object_set_new(all, "money", json_real(i->money));
    json_object_set_new(all, "tokens", json_integer(i->tokens));
    if (n->why)
        json_object_set_new(all, "why", utf8_json(n->why));
    if (i->state == IDEA_OPEN || i->state == IDEA_ACTIVE)
        json_object_set_new(all, "value", value_json(w, i->id));
    return all;
}

json_t *world_json(const struct world *w)
{
    json_t *ideas = json_array();

    for (size_t i = 0; i < w->n; i++)
        json_array_append_new(ideas, idea_json(w, w->nodes[i]));
    return json_pack("{s:f,s:I,s:o,s:o}", "portfolio", world_portfolio(w), "best",
                     (json_int_t)world_best(w), "workloads", workloads_json(w), "ideas", ideas);
}
