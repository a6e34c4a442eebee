/* driver/search/propose_impl.h - shared by propose.c and propose_evidence.c. */
#ifndef KS_PROPOSE_IMPL_H
#define KS_PROPOSE_IMPL_H

#include "driver/search/evidence.h"
#include "driver/search/propose.h"

/* how long each workload takes a trial, the original where x is NULL */
struct evidence_time *propose_times(struct search *s, const struct trial *x);
/* what is known of one trial; x NULL: of the original */
void propose_add_evidence(struct search *s, struct trial *x, struct buf *out);
/* the failures of an idea's structures, the last ones */
void propose_add_failures(struct search *s, size_t idea, struct buf *out);

#endif
