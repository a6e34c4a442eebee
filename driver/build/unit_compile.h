/* driver/build/unit_compile.h - one unit, or any other text of units.h, compiled. */
#ifndef KS_UNIT_COMPILE_H
#define KS_UNIT_COMPILE_H

#include "driver/build/units.h"
#include "runtime/base/proc.h"

struct compile { /* how a text is compiled */
    const char *const *argv;
    const char *folder, *output;
};

/* is it told what each kernel uses? */
bool unit_wants_usage(const struct units_target *t);
/* writes a text as NAME.cu and says how to compile it; -1 with *err */
int unit_command(struct arena *a, const struct units_target *t, enum variant_kind kind,
                 const char *text, size_t len, const char *name, struct compile *out,
                 struct error *err);
struct proc_spec unit_spec(struct arena *a, const struct units_target *t, const struct compile *c);
/* what the compiler said; of a contained one without paths, and no more than a model should read */
const char *unit_said(struct arena *a, const struct units_target *t, const struct compile *c,
                      const struct proc_result *r);
/* the first error in that, else how the compiler ended */
const char *unit_error(struct arena *a, const struct proc_result *r, const char *said);
/* Reads what came out of a compile that ended into *result, and what was said into *said (NULL:
 * nobody wants it); releases r. -1 with the first error */
int unit_result(struct arena *a, const struct units_target *t, enum variant_kind kind,
                const struct compile *c, struct proc_result *r, struct buf *result,
                struct buf *said, struct error *err);
/* compiles text to its end */
int unit_compile(struct arena *a, const struct units_target *t, enum variant_kind kind,
                 const struct buf *text, const char *name, struct buf *result, struct buf *said,
                 struct error *err);

#endif
