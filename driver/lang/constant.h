/* driver/lang/constant.h - the integer constants that a file defines: constexpr and const
 * variables, object-like macros, enumerators. */
#ifndef KS_CONSTANT_H
#define KS_CONSTANT_H

#include "driver/lang/expr_impl.h"
#include "driver/lang/spec.h"

struct constants;

struct constants *constants_new(struct arena *a, const struct file *f, const struct gpu *gpu);
/* the constants of a text that is put into the other's file, into the namespace `scope` there: what
 * it does not define itself is looked for outside */
struct constants *constants_inside(struct constants *outer, size_t scope, const struct file *f);
/* The declaration that `name` (perhaps qualified) means in a scope, or NULL. *n: how many there are
 * (more than one under #if, say); among variables that are no constants, too */
const struct decl *constants_find(const struct constants *k, size_t scope, const char *name,
                                  size_t *n);
/* is a variable's declaration const or constexpr, and any other kind's a constant by itself? */
bool constants_is_constant(const struct file *f, const struct decl *d);
/* 0 and the value of a constant, -1 with the reason otherwise */
int constants_value(struct constants *k, const struct decl *d, int64_t *value, struct error *err);
/* the value of the integer expression that a span of the file holds, seen from a scope */
int constants_eval_text(struct constants *k, size_t scope, struct span text, int64_t *value,
                        struct error *err);

/* Constants that are made from tunables of spec (TILE = BLOCK * 4) have another value at every
 * point: each of their names in e is replaced by what they are made from, until only tunables are
 * left. True when e mentions a tunable then */
bool constants_expand(struct constants *k, size_t scope, const struct spec *spec, struct expr *e);

/* for expr_eval: names of constants and gpu.*; what of the GPU is not known has no value */
struct constants_view {
    struct constants *constants;
    size_t scope;
};
int constants_lookup(void *view, const char *name, int64_t *value);

#endif
