/* driver/search/pace.h - where a search's wall time goes, and how fast it is.
 *
 * All figures are over one clock, which begins when the harness is there: until then nothing can be
 * measured. Of this run of the search: what an earlier run did, whose journal it goes on with, is
 * not in it. */
#ifndef KS_PACE_H
#define KS_PACE_H

#include <jansson.h>
#include <stddef.h>
#include "driver/search/bench.h"

struct search;

struct pace_start { /* what the clocks showed */
    double now, compilers, models;
    struct bench_clock bench;
    size_t measured;
};

struct pace {
    double seconds;           /* all of it, by that clock */
    double checking, timing;  /* by the worker; the GPU's clock is not asked */
    double loading;           /* by the worker: harness, modules, variants */
    double harness;           /* waited for before all this; not in seconds */
    double compilers, models; /* waited for, with nothing to measure */
    double engine;            /* the rest: the engine itself */
    double compiling;         /* seconds that compilers ran, each counted */
    size_t units, compiled;   /* compiles of variants, and variants in them */
    size_t measured;          /* variants that were checked and timed, or failed it */
    size_t failed, twins;     /* that were not: no build or over a limit; another's machine code */
    double rate, busy; /* measured a second; the part of it that the GPU was checking or timing */
    double exploring, explore_rate, explore_busy; /* the same three until the verdict began */
};

/* now: the search begins, or its verdict does */
struct pace_start pace_start(const struct search *s);
struct pace pace_of(const struct search *s);
/* all of it, by the names above */
json_t *pace_json(const struct search *s);

#endif
