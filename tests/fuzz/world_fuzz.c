/* tests/fuzz/world_fuzz.c - any JSON as an edit script, and as priors.
 *
 * A script is applied whole, and then the tree is sound, or is refused with at least one error, and
 * then the tree is what it was. No script touches what is the machine's. Whatever priors say, ideas
 * have finite values, and what the world leaves to the next is what the next reads. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/search/world_impl.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_idea(const struct world *w, size_t id)
{
    const struct idea *i = world_idea(w, id);
    struct idea_value v = world_value(w, id);

    require(i->id == id && i->parent < id + (id == 0));
    require(isfinite(v.works) && v.works > 0 && v.works <= 1);
    require(isfinite(v.gain) && v.gain > 0 && isfinite(v.improvement) && v.improvement >= 0);
    require(isfinite(v.cost) && v.cost > 0 && isfinite(v.value));
    require(i->low <= i->likely && i->likely <= i->high && i->difficulty >= 1 &&
            i->difficulty <= 5);
    require(strlen(i->title) > 0 && !strpbrk(i->title, "\r\n") && !strpbrk(i->rationale, "\r\n"));
}

/* what the machine owns of the ideas that the world starts with, as numbers */
static double owned(const struct world *w)
{
    double sum = world_portfolio(w) + (double)world_best(w);

    for (size_t id = 0; id < 4; id++) {
        const struct idea *i = world_idea(w, id);
        sum += (double)(i->attempts[ATTEMPT_BUILD] * 3 + i->attempts[ATTEMPT_GAIN] * 7 +
                        i->cycles * 11 + i->cool_down * 13);
        sum += i->gain + i->seconds + (double)i->tokens + (i->us ? i->us[0] : 0);
    }
    return sum;
}

/* the original, a closed idea, an open one under it, one that failed once */
static struct world *start(json_t *priors)
{
    static const char *const labels[] = {"small", "large"};
    static const double weight[] = {1, 2}, us[] = {10, 20};
    struct world_config c = {.seed = 1,
                             .workloads = 2,
                             .labels = labels,
                             .weight = weight,
                             .original_us = us,
                             .kernel_class = "reduction",
                             .bottleneck = "memory",
                             .arch = "sm_90",
                             .priors = priors,
                             .most = 20};
    struct world *w = world_new(&c);

    for (size_t i = 1; i <= 3; i++) {
        struct node *n = world_add(w, i == 2 ? 1 : 0);
        n->idea.title = i == 1 ? "a" : i == 2 ? "b" : "c";
        n->idea.proposer = "model";
        n->idea.state = i == 2 ? IDEA_OPEN : IDEA_ACTIVE;
        world_attempt(w, i, i == 3 ? ATTEMPT_BUILD : ATTEMPT_GAIN, 5, 100, 0.1);
    }
    world_measured(w, 1, (double[]){8, 21});
    world_close(w, 1);
    world_close(w, 3);
    return w;
}

static void run_script(const json_t *json)
{
    struct world *w = start(NULL);
    json_t *before = world_json(w), *after;
    double machine = owned(w);
    struct buf text;
    int rc;

    buf_init(&text, BUF_LIMIT);
    rc = world_edit(w, json, "model", &text);
    after = world_json(w);
    require((rc == 0) == (text.len == 0));
    require(rc == 0 || json_equal(before, after));
    require(owned(w) == machine);
    require(world_ideas(w) <= 21);
    for (size_t id = 1; id < world_ideas(w); id++)
        check_idea(w, id);
    buf_clear(&text);
    world_project(w, 2, 500, &text);
    require(text.len > 0 && text.data[text.len - 1] == '\n');
    world_choose(w, 0.005);
    json_decref(before);
    json_decref(after);
    buf_release(&text);
    world_free(w);
}

static void run_priors(json_t *json)
{
    struct world *w = start(json), *next;
    json_t *left = world_priors(w), *again;

    for (size_t id = 1; id < world_ideas(w); id++)
        check_idea(w, id);
    world_choose(w, 0.005);
    next = start(left);
    again = world_priors(next);
    require(json_array_size(json_object_get(left, "entries")) <=
            json_array_size(json_object_get(again, "entries")));
    json_decref(left);
    json_decref(again);
    world_free(w);
    world_free(next);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *json = json_loadb((const char *)data, size, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);

    if (!json)
        return 0;
    run_script(json);
    run_priors(json);
    json_decref(json);
    return 0;
}
