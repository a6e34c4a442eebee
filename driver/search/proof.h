/* driver/search/proof.h - the last checks of a variant that is about to win.
 *
 * All of it is drawn after the variant is fixed, from the system's random numbers: sizes that
 * nobody named (sizes.h), inputs in which numbers are equal, sorted, denormal, infinite or none,
 * and small integers, on which linear code is exact (`values` of runtime/worker/PROTOCOL.md); and
 * with require(deterministic) many runs. The original goes first: where it fails, faults or says
 * nothing, nothing is asked of the variant. */
#ifndef KS_PROOF_H
#define KS_PROOF_H

#include "driver/search/bench.h"

struct proof {
    const struct spec *spec; /* of the variant: its tunables and assumptions */
    const int64_t *values;   /* of its tunables */
    size_t variant;          /* of the bench */
    const size_t *timed;     /* points */
    size_t ntimed;
};

/* BENCH_FAILED: it is refuted, *err says how */
enum bench_result proof_run(struct bench *b, const struct proof *p, struct error *err);

#endif
