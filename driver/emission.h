/* driver/emission.h - the compile with winners in it. */
#ifndef KS_EMISSION_H
#define KS_EMISSION_H

#include <stdbool.h>
#include "driver/inspect.h"

/* Compiles as the command says, with the winners of all targets that have some in their sources.
 * True when the output is there; false when nvcc must do it alone: nothing was said and nothing is
 * left then but warnings of ours. Marks the targets whose winners are not in the output as refused.
 */
bool emission_run(struct inspection *in);
/* was any winner refused? */
bool emission_refused(const struct inspection *in);

#endif
