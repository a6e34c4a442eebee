/* driver/build/cxx.h - pieces of generated C++: scopes, snippets of the user, names of parameters.
 *
 * Generated names begin with ks_ or ksearch_. Snippets of the user's annotations stand under #line,
 * so that the compiler's messages name their place. */
#ifndef KS_CXX_H
#define KS_CXX_H

#include <stdint.h>
#include "driver/build/rename.h"
#include "driver/lang/spec.h"
#include "runtime/base/buf.h"

/* reopens, and closes, the namespaces of the entry */
void cxx_open(struct buf *out, const struct spec *spec);
void cxx_close(struct buf *out, const struct spec *spec);
/* "::blas::", by which what is in there can be named from anywhere */
void cxx_qualifier(struct buf *out, const struct spec *spec);

/* before, the snippet with its names replaced (names may be NULL), behind; on lines of their own,
 * the snippet under the #line of its place */
void cxx_snippet(struct buf *out, const struct spec *spec, const struct cxx *snippet,
                 const struct renames *names, const char *before, const char *behind);
/* the functions that expressions may call, taken from the namespace into that of a function; those
 * that something of the entry has the name of are left out, as clamp's `min` and `max` */
void cxx_helpers(struct buf *out, const struct spec *spec, const char *space);
/* "64", "(-1)" */
const char *cxx_number(struct arena *a, int64_t value);
/* a string literal with its quotes */
void cxx_string(struct buf *out, const char *text);

/* the values in the code, one a tunable */
const int64_t *cxx_code_values(struct arena *a, const struct spec *spec);
/* is template parameter i a type? */
bool cxx_is_type(const struct tparam *p);
/* what stands for template parameter i: the instance's text, a tunable's value, else the default,
 * with the parameters before it replaced by theirs */
const char *cxx_template_argument(struct arena *a, const struct spec *spec, size_t instance,
                                  const int64_t *values, size_t i);
/* "<float, 64, 64>"; "" when the entry is no template */
const char *cxx_template_arguments(struct arena *a, const struct spec *spec, size_t instance,
                                   const int64_t *values);
/* `using T = float; constexpr int BM = 64;` inside of a function; with tuned false, without those
 * of the parameters that are tuned */
void cxx_template_scope(struct buf *out, struct arena *a, const struct spec *spec, size_t instance,
                        const int64_t *values, bool tuned);

/* the name of parameter i, "ks_p2" when it has none */
const char *cxx_parameter_name(struct arena *a, const struct spec *spec, size_t i);
/* "const float *x, int n = 4"; the defaults only where asked for */
void cxx_parameters(struct buf *out, struct arena *a, const struct spec *spec, bool defaults);
/* "static_cast<void (*)(const float *, int)>(&scale)" of a kernel of the entry's parameters, which
 * tell it from overloads */
void cxx_kernel_pointer(struct buf *out, const struct spec *spec, const char *kernel);
/* "x, n", a pack as "more..." */
void cxx_parameter_names(struct buf *out, struct arena *a, const struct spec *spec);
/* gives unnamed parameters of the entry's definition their names */
void cxx_name_parameters(struct edits *e, const struct spec *spec);

#endif
