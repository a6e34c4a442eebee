/* driver/search/evidence_impl.h - shared by the files behind evidence.h. */
#ifndef KS_EVIDENCE_IMPL_H
#define KS_EVIDENCE_IMPL_H

#include "driver/search/evidence.h"

/* a line each: its name in words, its value, what it means here */
void evidence_add_counters(const struct evidence *e, struct buf *out);

#endif
