/* driver/lang/signature.h - the entry's parameters and template parameters, from their tokens. */
#ifndef KS_SIGNATURE_H
#define KS_SIGNATURE_H

#include "driver/lang/spec.h"

/* what the parameter's type is besides what struct param says */
struct param_shape {
    size_t pointers;   /* how many * */
    bool is_reference; /* & or && */
    bool is_class;     /* has template arguments: a span, a view, a vector */
    bool is_void;      /* void * */
    bool is_function;  /* a pointer to one */
    bool is_pack;      /* ... */
};

/* fills spec's params, tparams, returns; *shapes: one a parameter */
void signature_read(struct arena *a, const struct file *f, const struct decl *d, struct spec *spec,
                    struct param_shape **shapes);
/* does a type (C++ text) hold integers? Aliases of the file are followed, and names that are
 * template parameters of spec take the types of its instances. (signature_read leaves is_integer
 * unset: instances are read later.) */
bool signature_is_integer(struct arena *a, const struct file *f, const struct spec *spec,
                          const char *type);

#endif
