/* driver/profile.h - why an entry is as fast as it is: the original and the winners on file, timed,
 * counted kernel by kernel, and held against what the card can do.
 *
 * Everything is collected as one JSON object, which `profile --json` prints and the text is made
 * from. */
#ifndef KS_PROFILE_H
#define KS_PROFILE_H

#include <jansson.h>
#include "driver/ceilings.h"
#include "driver/codes.h"
#include "runtime/base/buf.h"

/* a new object:
 *   {"file", "entry", "gpu": as the worker tells it, "ceilings": as ceilings_json,
 *    "lacks": [sentences: what could not be had, and what it needs],
 *    "workloads": [{"label", "bytes": declared, "floor_us",
 *      "codes": [{"code": NAME, "error": why it was not measured, or
 *        "us": median, "low_us", "high_us": quartiles, "mhz", "launches", "sets", "graph",
 *        "bandwidth": declared bytes a second,
 *        "samples_us", and of what was counted "counted_us": all kernels, "gaps_us",
 *        "dram_bytes", "dram_bandwidth", "ops": {"f32": operations...}, "rate": a second,
 *        "intensity": a byte of DRAM, "ops_us": least time for them, by the peak "roof",
 *        "arithmetic": %, how busy the busiest pipe was
 *        "limit", "why", "advice",
 *        "kernels": [{"name", "symbol", "text": geometry, registers, occupancy and instructions,
 *          "launches", "us": of one, "share": of all kernels' time, "grid", "block", "smem",
 *          "cluster", "regs", "static_smem", "spills", "stack",
 *          "occupancy": {"blocks", "warps", "most", "limit", "waves"},
 *          "instructions": {"all", "FFMA/FADD/FMUL": n...}, "metrics": {CUPTI's names}}]}]}]}
 * What is not known is left out. */
json_t *profile_collect(const struct codes *c, const struct ceilings *ceilings);
/* for a terminal of 100 columns */
void profile_text(const json_t *profile, struct buf *out);

#endif
