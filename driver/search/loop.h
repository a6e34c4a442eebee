/* driver/search/loop.h - one search: from a target to a record. */
#ifndef KS_LOOP_H
#define KS_LOOP_H

#include "cache/record.h"
#include "driver/build/units.h"
#include "driver/search/bench.h"

struct search_job {
    struct units_target target;
    struct bench *bench;
    const struct buf *harness; /* the compiled harness of the file */
    const struct key *key;
    const char *toolkit;
    double seconds; /* wall time that may be spent; at least one variant is tried */
    int64_t evals;  /* variants that may be tried; 0: as many as the time allows */
    uint64_t seed;
};

/* default budget of an entry in a build, seconds */
#define SEARCH_SECONDS 120.0

/* Searches and judges. The record says that there is a win or that there is none; a reason why it
 * could not be searched (the original faults, the harness does not fit, no valid point,
 * interrupted) gives NULL and *err. Problems of the annotation (no valid point, a constraint that
 * divides by zero) are reported to d. */
struct record *search_run(const struct search_job *job, struct diag *d, struct error *err);

#endif
