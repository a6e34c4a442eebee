/* driver/build/lean.h - a file without what nobody needs who compiles it for its entries.
 *
 * A compiler makes code of each kernel that the file's functions launch, and in files full of
 * templates that is most of its time. Host functions that are not called here, kernels that no
 * entry reaches and explicit instantiations start none when nothing stands in them. Every line
 * stays where it is. */
#ifndef KS_LEAN_H
#define KS_LEAN_H

#include "driver/build/copy.h"
#include "driver/build/edits.h"

/* For a cubin: of host functions nothing stays but what their declarations say. With kernels, those
 * go too: not where the text of others than the file may launch one. */
void lean_unit(const struct copy *plan, bool kernels, struct edits *e);
/* For the harness, whose host code runs: only functions that start kernels go, and none where the
 * annotations have functions called. May anything? */
bool lean_harness(const struct file *f, struct edits *e);

#endif
