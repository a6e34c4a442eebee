/* driver/search/loop.h - one search: from a target to a record. */
#ifndef KS_LOOP_H
#define KS_LOOP_H

#include "cache/record.h"
#include "driver/build/units.h"
#include "driver/search/bench.h"
#include "driver/search/tune.h"

struct search_job {
    struct units_target target;
    struct bench *bench;       /* NULL with a recording */
    const struct buf *harness; /* the compiled harness of the file */
    /* waits until that is there, calling idle meanwhile: 0, or -1 with *err. NULL: it is */
    int (*harness_ready)(void *arg, void (*idle)(void *), void *idle_arg, struct error *err);
    void *harness_arg;
    struct gpu gpu;            /* that is searched for */
    struct journal *journal;   /* NULL: the search leaves none */
    struct journal *recording; /* replay:FILE; NULL: the world is there */
    struct models *models;     /* NULL: no model is asked */
    bool finish;               /* judge, and do not wait, where only replies are waited for */
    const struct key *key;
    const char *toolkit;
    double seconds; /* wall time that may be spent; at least one variant is tried */
    int64_t evals;  /* variants that may be tried; 0: as many as the time allows */
    uint64_t seed;
    enum tuner_kind tuner;
    bool all;         /* every point of what is declared is tried, and nothing else */
    bool knobs;       /* try the built-in knobs */
    json_t *priors;   /* what earlier searches learned; NULL: nothing. Borrowed */
    json_t **learned; /* what this one makes of it, a new object; NULL: nobody wants it */
    json_t *tried;    /* by earlier searches of the entry (recall.h); NULL: nothing. Borrowed */
    json_t *lessons;  /* of searches of any entry (teach.h); NULL: none. Borrowed */
    json_t **taught;  /* of this one, a new array; NULL: nobody wants them */
    json_t **made;    /* what this one tried, a new array; NULL: nobody wants it */
    bool *waits;      /* set when the search ended because replies have to be written */
};

/* default budget of an entry in a build, seconds */
#define SEARCH_SECONDS 120.0
/* no limit */
#define SEARCH_FOR_EVER 1e9

/* Searches and judges. The record says that there is a win or that there is none; a reason why it
 * could not be searched (the original faults, the harness does not fit, no valid point,
 * interrupted) gives NULL and *err. Problems of the annotation (no valid point, a constraint that
 * divides by zero) are reported to d. */
struct record *search_run(const struct search_job *job, struct diag *d, struct error *err);

#endif
