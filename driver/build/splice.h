/* driver/build/splice.h - one preprocessor step of a plan, run over another text than the source's.
 */
#ifndef KS_SPLICE_H
#define KS_SPLICE_H

#include "driver/build/plan.h"
#include "runtime/base/proc.h"

/* what the tools of a plan said, kept until it is known whether anybody should read it */
struct said {
    struct buf out, err;
};

/* Starts the step (TOOL_CPP_*) with `text` in its source's place, its result in the file `output`,
 * as if the source held that text: in markers, __FILE__, __BASE_FILE__ and __TIMESTAMP__. settled:
 * __LINE__, __COUNTER__ and the date are constants, so that the result is the same at another place
 * of the file and on another day. shown: what the preprocessor says is for the user's terminal, if
 * there is one. NULL with *err when it cannot be started */
struct proc *splice_start(struct arena *a, const struct plan *p, const struct step *s,
                          const char *text, bool settled, const char *output, bool shown,
                          struct error *err);
/* What is to be done once it has ended, and the result released. What the preprocessor said is
 * added to said; with NULL, the beginning of it is in *err when it failed. Returns its exit status,
 * or -1 with *err. */
int splice_end(struct arena *a, const struct plan *p, const struct step *s, const char *output,
               struct proc_result *result, struct said *said, struct error *err);
/* both, not settled, with said NULL */
int splice_run(struct arena *a, const struct plan *p, const struct step *s, const char *text,
               const char *output, struct error *err);
/* exit status of an ended child as a shell has it */
int splice_status(const struct proc_result *result);

#endif
