/* driver/winner.h - what a record's winner means in the source as it is now. */
#ifndef KS_WINNER_H
#define KS_WINNER_H

#include "driver/inspect.h"

/* The entries' own specs, one a target of the source, with the knobs that any winner of the entry
 * names: they stand in one text, where an entry has the same knobs in all its instances */
const struct spec **winner_specs(struct arena *a, const struct unit_source *u);
/* The spec that the winner of a target is a point of: `own` (of winner_specs), that of a structure
 * which the annotation names, or of one whose text the record holds, which is read here. NULL with
 * *err: the annotation names no such file any more, or this version cannot read the text */
const struct spec *winner_spec(struct unit_source *u, const struct target *t,
                               const struct spec *own, const struct record_winner *w,
                               struct error *err);
/* The winner's values in the order of the spec's tunables; a knob that it does not name is off.
 * NULL with *err when they do not fit: a record of another spec, or of code that has changed */
const int64_t *winner_values(struct arena *a, const struct record_winner *w,
                             const struct spec *spec, struct error *err);

#endif
