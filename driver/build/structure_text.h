/* driver/build/structure_text.h - a variant of a structure as C++: in a unit that is measured, and
 * in the emitted file.
 *
 * Each variant stands in a namespace of its own, directly before the entry's declaration, so its
 * names hide those of the file and clash with nothing. The text's #include lines go before it,
 * outside of all namespaces; macros that it defines are gone behind it. Both texts hold the same
 * device code in the same surroundings, so the machine code is the same. */
#ifndef KS_STRUCTURE_TEXT_H
#define KS_STRUCTURE_TEXT_H

#include "driver/lang/structure.h"
#include "runtime/base/buf.h"

/* the namespace for a suffix of a variant: "ksearch_space__ks3" */
const char *structure_space(struct arena *a, const char *suffix);
/* where variants of its structures go in the entry's file */
size_t structure_place(struct arena *a, const struct spec *entry);

/* the #include lines of a structure, with the entry's namespaces closed around them */
void structure_includes(struct buf *out, struct arena *a, const struct spec *spec);
/* One variant, its namespace included; `tail` (may be "") is put before the namespace's end.
 * The caller restores line numbers behind it. */
void structure_text(struct buf *out, struct arena *a, const struct spec *spec, size_t instance,
                    const int64_t *values, const char *suffix, const char *tail);
/* for a unit: a table of the addresses of the kernels that are launched, one a run of the plan in
 * their order; or the one kernel of a kernel entry. It makes the compiler compile them, and says
 * which symbol is which (cubin_table) */
const char *structure_table(struct arena *a, const struct spec *spec, size_t instance);
/* "<64, T>", or "" : what stands behind the kernel's name of a kernel entry's structure */
const char *structure_arguments(struct arena *a, const struct spec *spec, size_t instance);

/* identifier of the table of structure_table */
#define STRUCTURE_TABLE "ksearch_table"

/* The values of the entry's own tunables while a structure of it runs: the structure's where it
 * tunes one of the same name, else the code's. launch(...) of a kernel entry is computed with them
 */
const int64_t *structure_entry_values(struct arena *a, const struct spec *structure,
                                      const int64_t *values);

#endif
