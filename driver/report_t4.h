/* driver/report_t4.h - what a search measured, in the format in which auto-tuners exchange results.
 *
 * T4 (https://github.com/odgaard/TuningSchema) is what Kernel Tuner writes and what the tools
 * around it read: one document, {"schema_version", "metadata", "results": [...]}, with a result a
 * trial:
 *
 *     "timestamp", "configuration": {"BM": 64, ...}, "objectives": ["time"],
 *     "times": {"compilation", "validation", "benchmark", "framework", "search_algorithm": ms,
 * "runtimes": [ms]}, "invalidity": "correct" | "compile" | "constraints" | "correctness" |
 * "runtime" | "timeout", "correctness": 1 or 0, "measurements": [{"name", "value", "unit"}...]
 *
 * Times are milliseconds. "time" is the trial's own where there is one workload, and of several the
 * weighted geometric mean; each workload's is a measurement of its own beside it. What was written
 * in another way than as values, a structure, is in the configuration as "structure". */
#ifndef KS_REPORT_T4_H
#define KS_REPORT_T4_H

#include <jansson.h>
#include "cache/journal.h"
#include "runtime/base/error.h"

/* the results of a search: a new array */
json_t *t4_results(const struct journal *j);
/* Writes results (of one search or of several): a document, or where the file's name ends in .jsonl
 * a line a result */
int t4_write(const json_t *results, const char *file, struct error *err);

#endif
