/* driver/ceilings.h - what this card can do at most: the bandwidth of a copy, operations a second.
 *
 * Measured once a card, and remembered in `ceilings.json` of the cache folder by the GPU's model
 * and its driver. */
#ifndef KS_CEILINGS_H
#define KS_CEILINGS_H

#include <jansson.h>
#include "driver/search/bench.h"

enum { CEILING_F32, CEILING_F64, CEILING_F16, CEILING_BF16, CEILING_TYPES };

struct ceilings {
    double bandwidth; /* bytes a second, read and written; 0: not known */
    double
        ops[CEILING_TYPES]; /* a second; f16 and bf16 of the tensor cores; 0: not known, or none */
};

/* "f32" */
const char *ceiling_name(int type);
/* the operations a second of a type by its name; 0: not known */
double ceiling_of(const struct ceilings *c, const char *type);
/* What is remembered of the bench's card, else measured; an entry must be open, and `point` is one
 * with arrays. cache_dir may be NULL: then nothing is remembered */
struct ceilings ceilings_measure(const char *cache_dir, struct bench *b, size_t point);
/* {"bandwidth", "ops": {"f32", ...}}, without what is not known */
json_t *ceilings_json(const struct ceilings *c);

#endif
