/* driver/build/splice.h - one preprocessor step of a plan, run over another text than the source's.
 */
#ifndef KS_SPLICE_H
#define KS_SPLICE_H

#include "driver/build/plan.h"
#include "runtime/base/proc.h"

/* Runs the step (TOOL_CPP_*) with `text` in its source's place, its result in the file `output`, as
 * if the source held that text: in markers, __FILE__, __BASE_FILE__ and __TIMESTAMP__. What the
 * preprocessor says goes through (quiet: nowhere). Returns its exit status, or -1 with *err. */
int splice_run(struct arena *a, const struct plan *p, const struct step *s, const char *text,
               const char *output, bool quiet, struct error *err);
/* exit status of an ended child as a shell has it */
int splice_status(const struct proc_result *result);

#endif
