/* driver/build/intern.h - texts that are each numbered once, in the order in which they first came.
 */
#ifndef KS_INTERN_H
#define KS_INTERN_H

#include <stddef.h>
#include "runtime/base/arena.h"

struct intern {
    struct interned {
        const char *text; /* the first that was given */
        size_t len;
    } * item;
    size_t n;
    size_t *slot, slots; /* open addressing over item, index + 1; at most half of it is full */
};

/* the number of a text, which has to stay where it is; n is one more where it is new */
size_t intern(struct arena *a, struct intern *in, const char *text, size_t len);

#endif
