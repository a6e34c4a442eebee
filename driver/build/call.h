/* driver/build/call.h - the function that calls one target: in a harness the original, in a unit a
 * variant. */
#ifndef KS_CALL_H
#define KS_CALL_H

#include "driver/build/rename.h"
#include "driver/lang/spec.h"
#include "runtime/base/buf.h"

struct call {
    struct arena *arena;
    const struct spec *spec;
    size_t instance;
    const char *label;           /* of the generated functions: "gemm_0", "gemm_0__ks3" */
    const int64_t *values;       /* of the tunables that are template parameters */
    const struct renames *names; /* of the variant's copies; NULL: the original is called */
};

/* the support text that all generated functions need, and the variable ksearch_gpu */
void call_prelude(struct buf *out);
/* inside of a function: dimensions, lets, helpers; ks_d holds the dimensions */
void call_scope(struct buf *out, const struct call *c);
/* pointers of all arrays under their names; ks_a holds them */
void call_arrays(struct buf *out, const struct call *c);
/* the scalars that launch() names and that are no dimensions */
void call_launch_scalars(struct buf *out, const struct call *c);
/* ks_vN, the value of parameter N, for the first n */
void call_values(struct buf *out, const struct call *c, size_t n);

/* ksearch_call__L and, where there is a setup(), ksearch_setup__L */
void call_functions(struct buf *out, const struct call *c);
/* ksearch_reference__L: the same call with the reference(...) in the entry's place; where there is
 * one */
void call_reference(struct buf *out, const struct call *c);
/* an exported function around one of the entry's namespace: `int ksearch_call__L(params)` returns
 * what ksearch_call_L(args) does */
void call_export(struct buf *out, const struct call *c, const char *returns, const char *what,
                 const char *params, const char *args);

#endif
