/* driver/build/launcher.h - the function that a kernel's launches become. */
#ifndef KS_LAUNCHER_H
#define KS_LAUNCHER_H

#include "driver/build/copy.h"
#include "driver/build/rewrite.h"

struct winner { /* one emission, with the names of its copies */
    const struct emission *emission;
    const char *suffix;
    bool dispatch; /* only on its own kind of GPU */
};

/* "__CUDA_ARCH__ == 900": in the passes for this target, and no other of a device */
const char *launcher_pass(struct arena *a, const struct target_arch *only);
/* What makes out, in the emitted text, whether a device runs the code of such passes: once a text
 * and target, before all launchers */
void launcher_pass_asked(struct buf *out, struct arena *a, const struct target_arch *only);
/* `template <...> struct ksearch_at<suffix>`, which tells the winner's instance of a template from
 * all others and, for a kernel, knows the copy; nothing when the entry is no template */
void launcher_trait(struct buf *out, const struct copy *c, const struct winner *w);
/* "ksearch_at__ks_f_0<T, N>::is && (n % 8 == 0) && ks_device.is(9, 0)" */
const char *launcher_condition(const struct copy *c, const struct winner *w);
/* what conditions, and expressions of launch() and assume(), may name, inside of a function */
void launcher_helpers(struct buf *out, const struct spec *spec, bool dispatch);
/* ksearch_launch__NAME for the n winners of one kernel entry. The place for it is behind the copies
 * of the entry */
void launcher_function(struct buf *out, const struct copy *c, const struct winner *w, size_t n);
/* ksearch_launch__NAME for d, an overload of the entry that has no winner: it launches d as ever */
void launcher_forward(struct buf *out, const struct copy *c, const struct decl *d);
/* "T, N": the template's own parameters, a pack as "U..." */
const char *launcher_own_arguments(struct arena *a, const struct spec *spec);

#endif
