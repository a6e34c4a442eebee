/* tests/bench/peer.h - what another tuner reached on recorded spaces: a table that
 * tests/bench/kernel_tuner_ga.py wrote. */
#ifndef KS_BENCH_PEER_H
#define KS_BENCH_PEER_H

#include <stddef.h>
#include "runtime/base/error.h"

enum { PEER_MARKS = 4, PEER_SPACES = 64 };

struct peer_row { /* of one space: best time there is over best time found, over seeds */
    char space[64];
    double mean[PEER_MARKS], sd[PEER_MARKS];
};

struct peer {
    char title[160]; /* which tuner, how many seeds, when */
    size_t seeds, n;
    struct peer_row row[PEER_SPACES];
};

/* evaluations at which that was: 25, 50, 100, 200 */
extern const size_t PEER_MARK[PEER_MARKS];

int peer_read(struct peer *p, const char *path, struct error *err);
/* NULL: it was not run there */
const struct peer_row *peer_find(const struct peer *p, const char *space);

#endif
