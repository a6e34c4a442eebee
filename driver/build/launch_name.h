/* driver/build/launch_name.h - which kernel a name in the text means, as far as the file shows.
 *
 * A name is looked up as C++ does it: from the namespace of the place outwards, the first one that
 * declares a function of the name. A `using` of this file that might bring the name in is taken at
 * its word. */
#ifndef KS_LAUNCH_NAME_H
#define KS_LAUNCH_NAME_H

#include "driver/build/copy.h"

enum launch_whose {
    LAUNCH_OURS,    /* the entry of the copy, or an overload of it */
    LAUNCH_OTHER,   /* another kernel, or something that this file does not show */
    LAUNCH_UNCLEAR, /* it may be either */
};

#define LAUNCH_UNCLEAR_TEXT "this file does not tell which kernel of the name it means"

/* whose is the name at token[t], read at byte `at` of the file? *first is the first token of its
 * qualifiers */
enum launch_whose launch_name(const struct copy *c, const struct token *token, size_t t, size_t at,
                              size_t *first);
/* The other functions of the entry's name in its namespace, one declaration of each; no
 * specialisations, which take no part in choosing among overloads. */
const struct decl **launch_overloads(const struct copy *c, size_t *n);

#endif
