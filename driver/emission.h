/* driver/emission.h - the compile with winners in it. */
#ifndef KS_EMISSION_H
#define KS_EMISSION_H

#include <stdbool.h>
#include "driver/inspect.h"

/* Compiles as the command says, with the winners of all targets that have some in their sources.
 * True when the output is there; false when nvcc must do it alone: nothing is left then but
 * warnings of ours. Marks the targets whose winners are not in the output as refused. *why says
 * what the tools had against the text with the winners, which matters only when nvcc has nothing
 * against the source. */
bool emission_run(struct inspection *in, struct error *why);
/* Compiles as the command says, through nvcc's plan and without any winner, so that the output is
 * the same wherever it is made (driver/build/fixed.h). False as above, with *why */
bool emission_fixed(struct inspection *in, struct error *why);
/* could a winner of this target be put into its source? -1 with what is in the way: then there is
 * nothing to search for */
int emission_possible(const struct inspection *in, const struct unit_source *u,
                      const struct target *t, struct error *err);
/* was any winner refused? */
bool emission_refused(const struct inspection *in);

#endif
