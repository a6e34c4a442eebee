/* driver/search/recall.h - what earlier searches of the same entry tried, for the tuners of this
 * one.
 *
 * A search leaves an array of records, one a form (a way of writing the entry) and newest first:
 *
 *     {"form": "own", "gpu": "NVIDIA H200", "key": "3f2a...", "toolkit": "12.6",
 *      "names": ["BM", "BN"], "points": [[64, 32, 0.81], [64, 64, null], ...]}
 *
 * A point is its values, and its score; null where it failed. The next search, of an edited
 * version, on another GPU or with another toolkit, finds the record of the same form, and takes
 * from it the points that its own space has. */
#ifndef KS_RECALL_H
#define KS_RECALL_H

#include <jansson.h>

struct form;
struct search;

/* gives the tuner of a new form what there is on it */
void recall_form(struct search *s, struct form *f);
/* what this search tried: a new array */
json_t *recall_made(const struct search *s);
/* puts the records of a search before older ones, which they take the place of where form, GPU and
 * key are the same: a new array */
json_t *recall_merged(const json_t *made, const json_t *older);

#endif
