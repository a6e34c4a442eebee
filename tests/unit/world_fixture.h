/* tests/unit/world_fixture.h - worlds for the tests of the world model. */
#ifndef KS_TEST_WORLD_FIXTURE_H
#define KS_TEST_WORLD_FIXTURE_H

#include <math.h>
#include <stdio.h>
#include "driver/search/world_impl.h"
#include "runtime/base/buf.h"

static const char *const world_labels[] = {"small", "large", "huge", "more"};
static const double world_weights[] = {1, 1, 1, 1}, world_times[] = {100, 100, 100, 100};

static inline struct world_config world_plain(uint64_t seed, size_t workloads)
{
    return (struct world_config){
        .seed = seed,
        .workloads = workloads,
        .labels = world_labels,
        .weight = world_weights,
        .original_us = world_times,
        .kernel_class = "reduction",
        .bottleneck = "memory",
        .arch = "sm_90",
    };
}

static inline struct world *world_of(uint64_t seed, size_t workloads)
{
    struct world_config c = world_plain(seed, workloads);

    return world_new(&c);
}

/* runs a script; its errors are in text, "" where it was applied */
static inline const char *world_script(struct world *w, const char *script)
{
    static char text[16384];
    json_error_t at;
    json_t *json = json_loads(script, JSON_ALLOW_NUL, &at);
    struct buf errors;
    int rc;

    if (!json)
        fail_msg("%s in %s", at.text, script);
    buf_init(&errors, sizeof text - 1);
    rc = world_edit(w, json, "model", &errors);
    snprintf(text, sizeof text, "%s", buf_text(&errors));
    assert_int_equal(rc, *text ? -1 : 0);
    buf_release(&errors);
    json_decref(json);
    return text;
}

/* one idea by one proposer; its id */
static inline size_t world_insert_by(struct world *w, const char *proposer, size_t parent,
                                     const char *regime, double likely, int difficulty)
{
    static unsigned number;
    char title[32];
    struct buf errors;
    json_t *script;

    snprintf(title, sizeof title, "idea %u", ++number);
    script = json_pack("{s:[{s:s,s:I,s:s,s:s,s:[f,f,f],s:i}]}", "edits", "op", "insert", "parent",
                       (json_int_t)parent, "title", title, "regime", regime, "gain", likely * 0.9,
                       likely, likely * 1.1, "difficulty", difficulty);
    buf_init(&errors, BUF_LIMIT);
    if (world_edit(w, script, proposer, &errors) < 0)
        fail_msg("%s", buf_text(&errors));
    buf_release(&errors);
    json_decref(script);
    return world_ideas(w) - 1;
}

static inline size_t world_insert(struct world *w, size_t parent, double likely, int difficulty)
{
    return world_insert_by(w, "model", parent, "", likely, difficulty);
}

/* a cycle of an idea, whoever would have been chosen: one attempt, and times where it worked */
static inline void world_cycle(struct world *w, size_t id, enum attempt outcome, double us)
{
    double times[4] = {us, us, us, us};

    w->nodes[id]->idea.state = IDEA_ACTIVE;
    w->nodes[id]->idea.cycles++;
    world_attempt(w, id, outcome, 10, 1000, 0);
    if (us > 0)
        world_measured(w, id, times);
    world_close(w, id);
}

#endif
