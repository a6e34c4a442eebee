/* driver/winner.h - what a record's winner means in the source as it is now. */
#ifndef KS_WINNER_H
#define KS_WINNER_H

#include "driver/inspect.h"

/* The spec that the winner is a point of: the entry's own, that of a structure which the annotation
 * names, or of one whose text the record holds, which is read here. NULL with *err: the annotation
 * names no such file any more, or this version cannot read the text */
const struct spec *winner_spec(struct unit_source *u, const struct target *t,
                               const struct record_winner *w, struct error *err);
/* the winner's values in the order of the spec's tunables; NULL when they do not fit (a record of
 * another spec) */
const int64_t *winner_values(struct arena *a, const struct record_winner *w,
                             const struct spec *spec);

#endif
