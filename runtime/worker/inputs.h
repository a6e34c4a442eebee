/* runtime/worker/inputs.h - generators as the protocol names them, and those made on the host.
 *
 * Where an element can be made alone the device makes it (gen.h). CSR offsets, sorted values,
 * simplexes and distinct values of unequal weight are made here and copied. */
#ifndef KS_INPUTS_H
#define KS_INPUTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "runtime/worker/gen.h"
#include "runtime/worker/refusal.h"

enum { EXTENTS = 16 };

/* what an array is at a point */
struct shape {
    int type, size;      /* of a scalar: enum elem_type, bytes */
    int lanes;           /* scalars an element: four of a float4 */
    uint64_t count, row; /* scalars in all, and in the last extent */
    int nextents;
    uint64_t extents[EXTENTS];
};

/* The generator that a request names, or the type's default for NULL or JSON null. A value that the
 * request leaves null is asked for: ask(arg, position in the request). Fills in what is not given,
 * and refuses what is not possible for this shape. */
int gen_read(const json_t *object, const struct shape *shape,
             double (*ask)(void *arg, int position), void *arg, struct gen *gen, struct refusal *r);
/* made by gen_make, not by gen_element */
bool gen_is_structured(const struct gen *gen);
/* differs from draw to draw, and from set to set */
bool gen_is_random(const struct gen *gen);
/* fills `to` with the array of draw `seed`, whatever the generator (but GEN_FILE) */
int gen_make(const struct gen *gen, const struct shape *shape, uint64_t seed, void *to,
             struct refusal *r);
/* "f32", "opaque" */
const char *elem_name(int type);

#endif
