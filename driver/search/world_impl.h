/* driver/search/world_impl.h - what the files behind world.h share; for nobody else, except that
 * the simulator of choice rules reads and replaces the constants. */
#ifndef KS_WORLD_IMPL_H
#define KS_WORLD_IMPL_H

#include "driver/search/world.h"
#include "runtime/base/arena.h"

enum {
    DIFFICULTIES = 5,
    TITLE_MOST = 120, /* characters */
    RATIONALE_MOST = 2000,
    WHY_MOST = 200,
    NAME_MOST = 64, /* of an idea within a script, of a proposer within priors */
    EDITS_MOST = 64,
    ERRORS_MOST = 50,
};

/* what is believed before anything is known; the simulator tunes it (tests/bench/policy.c) */
struct world_rule {
    double works[DIFFICULTIES]; /* an attempt gives something right */
    double works_worth;         /* the attempts that `works` stands for */
    double pooled_worth;        /* ... that all proposers' experience stands for, for one */
    double class_worth;         /* ... that a proposer's experience stands for, for one idea */
    double own_failure;         /* how many failures one of the idea's own counts as */
    double attempts;            /* in a cycle */
    /* the weights of the traits that correct a promise (world_gain.c), and their sd: */
    double slope, slope_sd;       /* of the promise */
    double offset, offset_sd;     /* of 1 */
    double easy, easy_sd;         /* of what an easy idea promises beyond 2x */
    double standing, standing_sd; /* of what its parent gained already */
    double noise, noise_worth;    /* sd of what the line leaves, and the ideas it stands for */
    double spread;                /* the part of an author's own spread that is believed */
    double seconds[DIFFICULTIES]; /* of a cycle */
    double seconds_sd;            /* of its logarithm */
    double earlier_worth;         /* the ideas that earlier searches may stand for at most */
    size_t cool_down;             /* after the first failed cycle; doubles */
    size_t failed_cycles;         /* after which an idea is pruned */
    double wander;                /* the part of the posteriors' spread that is sampled, 0 to 1 */
    double near;                  /* of the best, in log time: worth more ideas at once */
    size_t open;                  /* ideas to choose from, below which more are wanted */
};
extern const struct world_rule world_rule;

struct node {
    struct idea idea;
    size_t depth, touched; /* when: a count of the calls that changed something */
    size_t failed;         /* cycles without anything that works */
    size_t cycle_tries;    /* attempts of this cycle */
    double cycle_cost;     /* seconds, with tokens and money converted */
    double log_cost;       /* sums over its ended cycles, of the logarithm and its square */
    double log_cost2;
    size_t ended;
    double *us;       /* idea.us once something was measured */
    const char *why;  /* it was pruned */
    bool seen;        /* anything of what happened to it counts as evidence */
    bool is_followed; /* see world_follow */
};

/* sums of a regression of y on x, of n pairs */
struct pairs {
    double n, x, y, xx, xy, yy;
};

/* evidence of earlier searches, or of this one, for one key; counts may be fractions */
struct tally {
    double works, fails[3]; /* attempts; failures by enum attempt's first three */
    double cycles;          /* ended, and of their costs: */
    double log_cost, log_cost2;
    struct pairs gain; /* log of measured on log of predicted */
};

/* what earlier searches saw of one proposer's ideas of one difficulty for one kind of kernel */
struct prior {
    const char *kernel_class, *bottleneck, *arch, *proposer;
    int difficulty;
    struct tally tally;
};

struct world {
    struct arena *arena;
    struct world_rule rule;
    uint64_t random;
    size_t nw;  /* workloads, at least one */
    bool given; /* the caller knows of any */
    const char **labels;
    double *weight;   /* sum to 1 */
    double *original; /* us; 0: unknown */
    const char *kernel_class, *bottleneck, *arch;
    struct prior *priors; /* what earlier searches knew */
    size_t npriors;
    struct node **nodes;
    size_t n, most, clock;
};

extern const char *const world_states[];
extern const char *const world_attempts[ATTEMPTS];
extern const char *const world_bottlenecks[];
#define WORLD_BOTTLENECKS 5

/* NULL: there is none */
struct node *world_node(const struct world *w, size_t id);
/* a new idea, without checks */
struct node *world_add(struct world *w, size_t parent);
/* prunes an open idea and the open ones below it */
void world_prune(struct world *w, size_t id, const char *why);
bool world_below(const struct world *w, size_t id, size_t ancestor); /* or the same */
/* its best structure may be built on: the parent of an idea that can be chosen */
bool world_stands(const struct node *n);
/* the time that a child of this idea starts from; 0: unknown */
double world_time(const struct world *w, const struct node *n, size_t workload);
/* the least time of any idea; 0: unknown. *id: whose */
double world_least(const struct world *w, size_t workload, size_t *id);
/* whether the idea is for this workload */
bool world_is_for(const struct world *w, const struct node *n, size_t workload);
/* what holds the code back that the idea starts from */
const char *world_facing(const struct world *w, const struct node *n);
/* log of the predicted gain, and its spread, within bounds */
double world_predicted(const struct node *n, double *sd);

/* the corrections of a proposer's promises: see world_gain.c */
enum { TRAITS = 4 };

struct line {
    double mean[TRAITS];         /* of the weights */
    double root[TRAITS][TRAITS]; /* the Cholesky factor of their precision, times the noise */
    double noise;                /* sd of what the weights leave */
};

void world_traits(const struct world *w, const struct node *n, double *trait);
/* told from this search's ideas of a proposer and from what earlier searches knew */
struct line world_line(const struct world *w, const char *proposer, const struct pairs *earlier);
/* the mean of the log gain of an idea with these traits */
double world_line_gain(const struct line *line, const double *trait);
/* Its spread by what is not known of the weights, as independent parts: with normal numbers z, the
 * mean and the sum of part x z are a sample, and the same z go with one sample of all weights */
void world_line_spread(const struct line *line, const double *trait, double *part);

/* adds what this search knows of an idea */
void world_tally(const struct world *w, const struct node *n, struct tally *t);
/* scale x b onto a */
void world_tally_add(struct tally *a, const struct tally *b, double scale);
/* What earlier searches tell of ideas of this proposer facing this bottleneck; difficulty 0: of
 * any. Each part of it is worth `worth` observations at most */
struct tally world_earlier(const struct world *w, const char *bottleneck, const char *proposer,
                           int difficulty, double worth);
/* takes what can be used of what a cache gave, which may be anything */
void world_priors_read(struct world *w, const json_t *priors);

/* random numbers */
double world_normal(struct world *w);
double world_beta(struct world *w, double a, double b);

#endif
