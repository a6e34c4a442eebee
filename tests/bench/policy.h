/* tests/bench/policy.h - a simulated search: ideas over a recorded space, and rules that choose.
 *
 * Nothing here is a measurement of a model: the spaces are real, the failures and predictions are
 * drawn at stated rates. What is compared is only what a rule makes of them at the same cost. */
#ifndef KS_TEST_POLICY_H
#define KS_TEST_POLICY_H

#include "driver/search/world_impl.h"

enum {
    PLACE_PARAMS = 4,
    PLACE_POINTS = 12,
    PLACE_WORKLOADS = 2,
    MARKS = 5,
    IDEAS_ROOM = 512,
    REGIONS_MOST = 1024,
    CALLS = 80,      /* the budget of a run */
    EVALUATIONS = 4, /* of the tuner on a structure that works */
};

/* a region of the space: what one structure is */
struct region {
    size_t n;                                   /* points; 0: there is no such structure */
    double time[PLACE_POINTS][PLACE_WORKLOADS]; /* logarithms; HUGE_VAL: the point fails */
    double best[PLACE_WORKLOADS];
};

struct terrain {
    const char *name;
    bool held_out; /* its results did not lead to any constant of world_rule */
    size_t workloads, params, values[PLACE_PARAMS], nregions;
    struct region *regions; /* by the indices of the values, first slowest */
    size_t *rank;           /* regions that are there, best first */
    size_t nrank;
    double best[PLACE_WORKLOADS]; /* of all regions */
};

/* how the model of a run is: what it predicts and how often what it writes works */
struct setting {
    const char *name, *what;
    double offset, slope, noise; /* log predicted = offset + slope x log true + noise */
    double misleading;           /* part of the ideas that promise much and are bad */
    double works;                /* times the rates of world_rule */
};

struct sim_idea {
    size_t parent, region;
    int regime; /* a workload, or -1 */
    int difficulty;
    double promised;              /* log gain */
    double time[PLACE_WORKLOADS]; /* logarithms of the best of it; HUGE_VAL: nothing works yet */
    size_t tries, grown;          /* attempts; times that ideas were asked for under it */
    bool done, impossible;
};

struct run {
    const struct terrain *place;
    const struct setting *setting;
    const struct world_rule *rule; /* of ours */
    uint64_t seed;
    size_t proposals; /* attempts in a cycle, for the rules that have no number of their own */
    bool at_once;     /* all of them, even when one works */
    struct sim_idea ideas[IDEAS_ROOM]; /* the first is the original */
    size_t n;
    double best[PLACE_WORKLOADS];
    uint16_t thought[REGIONS_MOST]; /* ideas that were had of structures of this region */
    size_t calls, trials, visited;
    double by_calls[MARKS], by_trials[MARKS]; /* best reachable time over that found, then */
};

extern const size_t call_marks[MARKS], trial_marks[MARKS];

/* places */
struct terrain *terrain_read(const char *path, const char *name);
void terrain_free(struct terrain *p);

/* a number in [0, 1) that goes with what is passed and the seed of the run alone */
double run_uniform(const struct run *r, uint64_t a, uint64_t b, uint64_t c);
double run_normal(const struct run *r, uint64_t a, uint64_t b, uint64_t c);
void run_start(struct run *r);
bool run_over(const struct run *r);
/* one proposal of an idea: a call, and its trials */
enum attempt run_attempt(struct run *r, size_t id);
/* a call that asks for ideas, after the cycle of `closed` (0: none); they are the last ones */
void run_grow(struct run *r, size_t closed);
/* another way from a structure: an idea of it, whose author sees a little of what is good */
void run_move(struct run *r, size_t parent, struct sim_idea *idea);
/* a call that brings nothing */
void run_call(struct run *r);
void run_end(struct run *r);

/* rules: each runs until run_over */
typedef void rule_function(struct run *r);
rule_function rule_ours, rule_ksearch, rule_greedy, rule_uniform, rule_islands, rule_evolution;

#endif
