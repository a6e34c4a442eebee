/* driver/build/plan_json.h - a variant's plan as the worker takes it (runtime/worker/PROTOCOL.md).
 */
#ifndef KS_PLAN_JSON_H
#define KS_PLAN_JSON_H

#include <jansson.h>
#include "driver/lang/structure.h"

/* The plan of the structure with its tunables' values; symbol[i] is the mangled name of the kernel
 * of run i. A new reference. */
json_t *plan_json(const struct spec *spec, const int64_t *values, const char *const *symbol);

#endif
