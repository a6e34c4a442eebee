/* driver/abtest.h - is the winner faster, now and here? The measurement that confirms a winner in a
 * search, at any time: interleaved pairs of the original and the winner, and of the original and
 * itself, which is the noise.
 *
 * Everything is collected as one JSON object, which `bench --json` prints and the text is made
 * from. */
#ifndef KS_ABTEST_H
#define KS_ABTEST_H

#include <jansson.h>
#include "driver/codes.h"
#include "runtime/base/buf.h"

/* pairs 0: as many as a search takes, 20, or 80 where they spread. A new object:
 *   {"file", "entry", "gpu": as the worker tells it, "on_file": what the codes are from or why
 * there is none, "workloads": [{"label", "pairs", "launches", "sets", "graph", "floor_us",
 *      "original": TIMES, "noise": INTERVAL and TIMES of the second,
 *      "winners": [{"code", "error" or "warning", INTERVAL, TIMES of it, "original": TIMES}]}]}
 * INTERVAL is "ratio", "low", "high" (99 %; original over the other), TIMES "us" (median), "p10",
 * "q1", "q3", "p90", "mhz", "mhz_low", "mhz_high", and raw, in the order of the pairs, "samples_us"
 * and "samples_mhz" */
json_t *abtest_collect(const struct codes *c, int pairs);
/* for a terminal of 100 columns */
void abtest_text(const json_t *result, struct buf *out);

#endif
