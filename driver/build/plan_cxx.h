/* driver/build/plan_cxx.h - a variant's plan as the function that the emitted file calls. */
#ifndef KS_PLAN_CXX_H
#define KS_PLAN_CXX_H

#include "driver/lang/structure.h"
#include "runtime/base/buf.h"

/* `static bool ksearch_run(parameters of the entry)`, to stand in the variant's namespace behind
 * its device code. It returns false when it launched nothing and the original must run. Needs
 * ksearch_plan.cuh, and ksearch_map.cuh where plan_has_maps */
const char *plan_cxx(struct arena *a, const struct spec *spec, const int64_t *values);
bool plan_has_maps(const struct spec *spec);

#endif
