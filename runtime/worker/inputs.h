/* runtime/worker/inputs.h - generators as the protocol names them, and those made on the host.
 *
 * Where elements are independent the device makes them (gen.h). Permutations, row-wise distinct
 * indices, CSR offsets, sorted values and simplexes are made here and copied. */
#ifndef KS_INPUTS_H
#define KS_INPUTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "runtime/worker/gen.h"
#include "runtime/worker/refusal.h"

/* what an array is, as far as a generator cares */
struct shape {
    int type, size;      /* enum elem_type, bytes */
    uint64_t count, row; /* elements in all, and in the last extent */
};

/* The generator that a request names, or the type's default for NULL or JSON null. A value that the
 * request leaves null is asked for: ask(arg, position in the request). Fills in what is not given,
 * and refuses what is not possible for this shape. */
int gen_read(const json_t *object, const struct shape *shape,
             double (*ask)(void *arg, int position), void *arg, struct gen *gen, struct refusal *r);
/* made by gen_make, not by gen_element */
bool gen_is_structured(const struct gen *gen);
/* fills `to` with the array of draw `seed`, whatever the generator (but GEN_FILE) */
int gen_make(const struct gen *gen, const struct shape *shape, uint64_t seed, void *to,
             struct refusal *r);
const char *gen_name(int kind);
/* "f32", "opaque" */
const char *elem_name(int type);

#endif
