/* driver/finder.h - the search of one source's entries, set up when the first is needed. */
#ifndef KS_FINDER_H
#define KS_FINDER_H

#include "driver/inspect.h"
#include "driver/lookup.h"

struct finder;

struct finder *finder_new(struct inspection *in, struct unit_source *source);
/* searches t and fills t->record, or t->why. Waits where another process searches the same key, and
 * then takes its result, unless `again` */
void finder_search(struct finder *f, struct library *lib, struct target *t, bool again);
void finder_free(struct finder *f);

/* seconds of a text like "90s", "10min", "2h", "45"; negative when it is none */
double finder_seconds(const char *text);

#endif
