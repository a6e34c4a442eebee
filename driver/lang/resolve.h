/* driver/lang/resolve.h - from a block and the function below it to a spec.
 *
 * The steps, in this order, stop at the first that reports something, so that one mistake is not
 * reported in three ways. Within a step everything wrong is reported. */
#ifndef KS_RESOLVE_H
#define KS_RESOLVE_H

#include "driver/lang/block.h"
#include "driver/lang/constant.h"
#include "driver/lang/signature.h"
#include "driver/lang/spec.h"

struct resolver {
    struct arena *arena;
    struct diag *diag;
    struct file *file;
    struct constants *constants; /* of the file, for all of its blocks */
    const struct block *block;
    const struct decl *decl;
    struct spec *spec;
    struct param_shape *shapes; /* one a parameter */
    struct clause *clauses;     /* those that hold, on(...) decided */
    size_t nclauses;
    const struct clause **of_array; /* where each of spec's arrays, lets, args, dims comes from: */
    size_t nof_array;               /* their spans point into that clause's source until the end */
    const struct clause **of_let;
    size_t nof_let;
    const struct clause **of_arg;
    size_t nof_arg;
};

/* Fills *spec from a block that was read without errors; regions and labels are not its business.
 * -1 when something was reported. */
int resolve_block(struct resolver *r);

/* --- the steps; each returns -1 when it reported something --- */

/* resolve_select.c: which clauses hold, and which stand twice */
int resolve_select(struct resolver *r);
/* resolve_entry.c: the function, its template parameters and instances */
int resolve_entry(struct resolver *r);
int resolve_instances(struct resolver *r);
/* resolve_arrays.c: arrays against parameters, scalars' values, checks */
int resolve_names(struct resolver *r);
int resolve_arrays(struct resolver *r);
int resolve_params(struct resolver *r);
/* resolve_points.c: workloads and tests, multiplied out */
int resolve_dims(struct resolver *r);
int resolve_points(struct resolver *r);
/* resolve_tune.c: tunables and where */
int resolve_tunables(struct resolver *r);
int resolve_wheres(struct resolver *r);
/* resolve_assume.c */
int resolve_assumes(struct resolver *r);
/* structure.c: other ways of writing the entry */
int resolve_structures(struct resolver *r);
/* resolve_rest.c: launch, call, and the settings; resolve_place: spans into the annotated file */
int resolve_launch(struct resolver *r);
int resolve_settings(struct resolver *r);
/* resolve_reference.c: what computes the right answers */
int resolve_reference(struct resolver *r);
void resolve_place_all(struct resolver *r);

/* --- help for the steps --- */

int resolve_error(struct resolver *r, const struct clause *clause, size_t at, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));
/* a span of a clause's source as one of the annotated file */
struct span resolve_place(const struct resolver *r, const struct clause *clause, struct span at);
struct cxx resolve_place_cxx(const struct resolver *r, const struct clause *clause, struct cxx cxx);
/* indices, or -1 */
/* "; did you mean 'x'?" for the nearest parameter, or "" */
const char *resolve_param_hint(const struct resolver *r, const char *name);

#endif
