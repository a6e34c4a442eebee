/* driver/report.h - what a search did, from its journal.
 *
 * Everything is collected as one JSON object, which `report --json` prints and the other forms are
 * made from. Nothing in a journal is required: what is not there is not shown. Texts in it may be a
 * model's, so no form lets one reach a terminal or a page as anything but text. */
#ifndef KS_REPORT_H
#define KS_REPORT_H

#include <jansson.h>
#include "cache/journal.h"
#include "runtime/base/buf.h"

/* a new object:
 *   {"run": NAME, "state": STATE, "about": the fact "run" or null, "baseline": or null,
 *    "pace": {"rate": variants a second, "busy": part of the time in which the GPU checked or
 * timed, "gain_left": what as long again would gain, about, or null; and at the end all of
 *            driver/search/pace.h},
 *    "steps": how many, "searched": seconds,
 *    "time": {"gpu", "compile", "model", "idle": seconds or null, "from": "end" or "facts"},
 *    "trials": [{"trial": 1.., "at": seconds or null, "variant", "form", "name", "values", "state",
 *                "score", "us", "why", "seconds"}], in the order in which they were taken
 *    "improved": those of them that were the best so far,
 *    "outcomes": [{"state", "count", "first": the first of its trials}],
 *    "forms": [{"form", "name", "parent", "idea", "proposer", "trials", "good", "best"}],
 *    "ideas": [as world_json has them], "chosen",
 *    "models": [{"model", "role", "calls", "failed", "tokens_in", "tokens_out", "money", "seconds",
 *                "why": of the first that failed}],
 *    "best": the last of "improved" or null, "end": the fact or null} */
json_t *report_collect(const struct journal *j, const char *name, const char *state);
/* for a terminal of 100 columns */
void report_text(const json_t *report, struct buf *out);
/* a page that needs nothing else */
void report_html(const json_t *report, struct buf *out);

#endif
