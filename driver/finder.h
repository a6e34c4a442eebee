/* driver/finder.h - the search of one source's entries, set up when the first is needed. */
#ifndef KS_FINDER_H
#define KS_FINDER_H

#include "driver/inspect.h"
#include "driver/lookup.h"
#include "driver/settings.h"

struct finder;

struct finder *finder_new(struct inspection *in, struct unit_source *source,
                          const struct settings *settings);
/* starts what its first search will wait for, unless an earlier search of the entry left something:
 * then there may be nothing to search */
void finder_begin(struct finder *f);
/* searches t and fills t->record, or t->why. Waits where another process searches the same key, and
 * then takes its result, unless `again`. True when the search waits for replies that have to be
 * written */
bool finder_search(struct finder *f, struct library *lib, struct target *t, bool again);
void finder_free(struct finder *f);

#endif
