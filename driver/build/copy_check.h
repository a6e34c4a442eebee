/* driver/build/copy_check.h - what stands in the way of copies. */
#ifndef KS_COPY_CHECK_H
#define KS_COPY_CHECK_H

#include "driver/build/copy.h"

/* NULL, or one sentence that says why the copies of c would not be what they should */
const char *copy_check(const struct copy *c);
/* is the name at token t of the file one that the copies rename? */
bool copy_renames_token(const struct copy *c, size_t t);
/* has the function d the parameters of the entry, token by token up to names and defaults? */
bool copy_same_parameters(const struct copy *c, const struct decl *d);
/* the same of two functions; both are templates, or none is. The templates' own parameters are not
 * compared */
bool copy_alike(const struct copy *c, const struct decl *one, const struct decl *other);
/* `template <> void f<int>(...)` */
bool copy_is_specialisation(const struct copy *c, const struct decl *d);

#endif
