/* driver/build/structure_text.h - a variant of a structure as C++: in a unit that is measured, and
 * in the emitted file.
 *
 * Each variant stands in a namespace of its own, directly before the entry's declaration, so its
 * names hide those of the file and clash with nothing. The text's #include lines go before it,
 * outside of all namespaces; macros that it defines are gone behind it. Both texts hold the same
 * device code in the same surroundings, so the machine code is the same. */
#ifndef KS_STRUCTURE_TEXT_H
#define KS_STRUCTURE_TEXT_H

#include "cache/hash.h"
#include "driver/lang/structure.h"
#include "runtime/base/buf.h"

/* the hash of a structure's tokens: texts that differ in comments and layout have the same */
struct hash structure_hash(const char *text, size_t len);
/* what a text that a model wrote is called: "model:" and the hash's first eight digits */
const char *structure_name(struct arena *a, const struct hash *hash);

/* The text that edits of a structure are made of: its own; of a kernel entry's original the region,
 * without the annotation's lines, which a structure has not; NULL for a host entry's original,
 * which is no structure. Line ends are newlines */
const char *structure_parent(struct arena *a, const struct spec *spec);

/* the namespace for a suffix of a variant: "ksearch_space__ks3" */
const char *structure_space(struct arena *a, const char *suffix);
/* where variants of its structures go in the entry's file */
size_t structure_place(struct arena *a, const struct spec *entry);

/* the #include lines of a structure, with the entry's namespaces closed around them */
void structure_includes(struct buf *out, struct arena *a, const struct spec *spec);
/* One variant, its namespace included; `tail` (may be "") is put before the namespace's end. With a
 * guard (copy_guard; may be NULL) its kernels do nothing where that does not hold, and nobody hears
 * of what they then have no use for. The caller restores line numbers behind it. */
void structure_text(struct buf *out, struct arena *a, const struct spec *spec, size_t instance,
                    const int64_t *values, const char *suffix, const char *tail, const char *guard);
/* For a unit: `static void ksearch_use(void **)`, which takes the address of each kernel that is
 * launched, so that the compiler compiles it, be it static or a template */
const char *structure_use(struct arena *a, const struct spec *spec, size_t instance);
/* A table of the same addresses in device memory, one a run of the plan in their order: what the
 * compiler makes of it says which symbol is which (cubin_table). Not for units that are measured:
 * a kernel whose address device code has is compiled otherwise */
const char *structure_table(struct arena *a, const struct spec *spec, size_t instance);
/* does the plan launch several instances of one template, so that names do not tell its kernels
 * apart? */
bool structure_is_ambiguous(const struct spec *spec);
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
