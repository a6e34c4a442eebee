/* driver/explain_spec.h - all that an entry's annotation came to, for explain. */
#ifndef KS_EXPLAIN_SPEC_H
#define KS_EXPLAIN_SPEC_H

#include <stddef.h>

struct arena;
struct json_t;
struct spec;

/* a new object with every field of the spec, for one of its instances; what was not said and has no
 * default is left out */
struct json_t *explain_spec_json(struct arena *a, const struct spec *spec, size_t instance);
/* the same object, laid out for a person */
void explain_spec_print(const struct json_t *entry);

#endif
