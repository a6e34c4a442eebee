/* runtime/worker/graph.h - the launches of a sample, captured. */
#ifndef KS_GRAPH_H
#define KS_GRAPH_H

#include "runtime/worker/sets.h"

/* that of v at p; a new one knows nothing yet */
struct graph *graph_of(struct variant *v, const struct point *p);
/* launches of v in a sample at p; each over a set of its own, as far as memory holds so many */
unsigned graph_launches(struct variant *v, const struct point *p);
/* *out: made, for the sets that there are; or is_plain where the launches cannot be captured */
int graph_ready(struct session *s, struct variant *v, struct point *p, struct graph **out,
                struct refusal *r);
/* its launches, once; plain ones in turn over the sets */
int graph_launch(struct session *s, struct variant *v, struct point *p, const struct graph *g,
                 struct refusal *r);

#endif
