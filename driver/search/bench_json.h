/* driver/search/bench_json.h - a spec as the requests `open` and `point` of the worker's protocol.
 * bench_json.c also holds what bench.h declares of samples and GPUs as JSON. */
#ifndef KS_BENCH_JSON_H
#define KS_BENCH_JSON_H

#include <jansson.h>
#include "driver/lang/spec.h"

json_t *bench_open_json(struct arena *a, const struct spec *spec, size_t instance, uint64_t seed);
/* a point of that number, which need not be one of the spec's */
json_t *bench_point_json(const struct spec *spec, const struct point *p, size_t i);

#endif
