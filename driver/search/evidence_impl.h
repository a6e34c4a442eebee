/* driver/search/evidence_impl.h - shared by the files behind evidence.h. */
#ifndef KS_EVIDENCE_IMPL_H
#define KS_EVIDENCE_IMPL_H

#include "driver/search/evidence.h"

/* the workload with the greatest share; NULL: none was timed */
const struct evidence_time *evidence_heaviest(const struct evidence *e);
/* the counter's value, -1 when it was not read */
double evidence_counter_of(const struct evidence *e, const char *name);
/* a line each: its name in words, its value, what it means here */
void evidence_add_counters(const struct evidence *e, struct buf *out);

#endif
