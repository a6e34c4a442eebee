/* driver/build/rewrite.h - a user's file with other text in places.
 *
 * Variants are renamed copies: the entry, and every declaration of the file that depends on a
 * tunable and that the entry reaches, is repeated with a suffix on each name it declares, and the
 * tunables' values in it are the variant's. So the original stays what it was, other code that
 * shares a constant is not touched, several variants live in one unit, and what is measured is what
 * is emitted. Where such a copy cannot be made (`copyable` says why), the whole file is compiled
 * with the initialisers substituted: one variant a unit. */
#ifndef KS_REWRITE_H
#define KS_REWRITE_H

#include <stdbool.h>
#include "driver/lang/spec.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"

/* the user's text with every annotation blanked, same number of lines */
void rewrite_blank(const struct file *f, struct buf *out);
/* the same for a harness, without what that does not need (lean.h); false when it needs all of it
 */
bool rewrite_lean(const struct file *f, struct buf *out);
/* can spec's entry be repeated under other names? 1, or 0 with the reason */
bool rewrite_copyable(const struct spec *spec, struct error *why);

/* Are variants of spec shared objects, called as in harness.h? Else they are cubins. Host entries
 * are, and kernel entries with setup(...): it is host code that fills variables of the module it is
 * compiled into, and a cubin has variables of its own. */
bool rewrite_is_shared(const struct spec *spec);

/* may several variants of spec stand in one unit? */
bool rewrite_together(const struct spec *spec);

struct variant_ref {         /* one point of one target */
    const struct spec *spec; /* of the entry, or of one of its structures */
    size_t instance;
    const int64_t *values; /* one a tunable */
    const char *suffix;    /* "__ks3": appended to every name of the copy */
};

/* Text of a unit holding all n variants (of one target): the user's text, annotations blanked,
 * `#line 1 "path"` first, each copy directly behind what it is a copy of, and behind everything the
 * functions that make them reachable: for a cubin an extern function that takes the address of each
 * (so that statics and templates are compiled); for a shared object ksearch_call__L<suffix> for
 * each, as in harness.h, with ksearch_setup__L<suffix> where there is a setup(), the variable
 * ksearch_gpu, and no other harness function. Variants of a structure stand before the entry, each
 * in a namespace (structure_text.h). Lean: a cubin's unit is without what of the file its variants
 * do not need (lean.h). With n == 1 and a spec that is not copyable the substituted
 * form is used and the suffix ignored in the kernel's name. -1 with *err when n > 1 and the spec is
 * not copyable. */
int rewrite_unit(const struct file *f, const struct variant_ref *v, size_t n, bool lean,
                 struct buf *out, struct error *err);
/* The same unit of n variants of a structure, with the tables that tell its kernels apart
 * (structure_table), not to be measured */
void rewrite_tables(const struct file *f, const struct variant_ref *v, size_t n, bool lean,
                    struct buf *out);
/* identifiers of the __global__ functions that variant v consists of, as they are named in the unit
 * (renamed): for cubin_find and cubin_code_hash. For a kernel entry the entry itself comes first.
 * Of a structure, the one namespace that holds all of its kernels */
const char **rewrite_kernels(struct arena *a, const struct variant_ref *v, size_t *n);
/* the same as they are named in the emitted text; dispatch also for a winner with a regime */
const char **rewrite_emitted_kernels(struct arena *a, const struct variant_ref *v, bool dispatch,
                                     size_t *n);

struct target_arch; /* command.h */

struct emission {
    const struct spec *spec;      /* with knobs or without: the same in all of one entry */
    const struct spec *structure; /* of those of the spec; NULL: the code of the entry itself */
    size_t instance;
    const int64_t *values; /* of the structure's tunables, or the spec's */
    int major, minor;      /* the GPU it was measured on: with dispatch, others take the original */
    const char *note;      /* JSON for the object's .ksearch section */
    const char *param; /* not NULL: the winner is one for low..high of this integer parameter, and
                          for other values the original runs */
    int64_t low, high;
    /* not NULL: its kernels are made in the file's passes for this target alone, of those with an
     * `a` (specific.h) where it has one, and launched where that is what runs */
    const struct target_arch *only;
};

/* The user's text with the winners in it, `#line 1 "path"` first:
 *   kernel entry: a renamed copy, a launcher behind the entry, and this file's later launch sites,
 * those in macros too, rewritten to call it. The launcher launches the winner when the site's
 * geometry equals what launch(...) gives for the values in the code, and otherwise, or when the
 * winner cannot be launched, the original with the site's geometry; host entry: the tunables'
 * initialisers substituted, if no other code depends on them, the entry is no template and dispatch
 * is off; else a renamed copy before the entry, and a test at the entry's start that calls it; a
 * structure: its text in a namespace before the entry, and for a host entry a function made of its
 * plan, which the entry calls first and goes on where that launched nothing. One entry may come
 * several times, for other instances or GPUs. notes go into a section ".ksearch" of
 * the host object, NUL-terminated each. -1 with *err when it cannot be done: the caller then leaves
 * that entry as it is. */
int rewrite_emit(const struct file *f, const struct emission *e, size_t n, bool dispatch,
                 struct buf *out, struct error *err);

/* warns, at its place, of each launch of a kernel entry that keeps the original, and of an entry
 * that has no other */
void rewrite_launches(const struct spec *spec, struct diag *d);

#endif
