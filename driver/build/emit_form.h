/* driver/build/emit_form.h - how a winner gets into the text, and what it is called there. */
#ifndef KS_EMIT_FORM_H
#define KS_EMIT_FORM_H

#include "driver/build/copy.h"

enum emit_form {
    EMIT_SUBSTITUTE, /* other values in the place of the initialisers */
    EMIT_COPY,       /* renamed copies, chosen where the entry is launched or called */
    EMIT_NOT,        /* c->why says why */
};

/* Substitution is for host entries that alone depend on their tunables; it is no choice when the
 * original is still needed: on other GPUs or outside of a winner's regime (keeps_original), for
 * other instances of a template, or where an assumption does not hold. */
enum emit_form emit_form(const struct copy *c, bool keeps_original);
/* "__ks_gemm_0_128_64": tells the copies of one winner from all others in the file, and a person
 * with a profiler what is running */
const char *emit_suffix(struct arena *a, const struct spec *spec, size_t instance,
                        const int64_t *values);

#endif
