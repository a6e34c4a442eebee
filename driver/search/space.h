/* driver/search/space.h - the points that a structure's tunables and constraints allow.
 *
 * Points are numbered. Up to 10^6 valid ones are enumerated by depth-first propagation (a
 * constraint is tested as soon as all its names are bound) and numbered in the order of the
 * annotation, first tunable slowest; larger spaces are sampled: numbers are then handed out as
 * points are met, and never change. */
#ifndef KS_SPACE_H
#define KS_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "driver/lang/spec.h"

struct space;

#define SPACE_NONE ((size_t)-1)

/* NULL with located errors in d: no valid point (names the constraint that took the last), a
 * constraint that divides by zero or overflows (names the values), the values in the code are not
 * valid. gpu gives gpu.*. Spec and d must outlive the space */
struct space *space_new(const struct spec *spec, const struct gpu *gpu, struct diag *d);
/* A space whose valid points are these n: value indices, one row a point, in any order and none
 * twice. It has no default point, and no constraint is looked at. Spec must outlive it */
struct space *space_listed(const struct spec *spec, const uint32_t *index, size_t n);
void space_free(struct space *s);
/* number of valid points; an estimate when the space is sampled */
double space_size(const struct space *s);
bool space_is_enumerated(const struct space *s);
/* numbers handed out so far: all points when enumerated */
size_t space_known(const struct space *s);
/* the values in the code; SPACE_NONE in a listed space */
size_t space_default(const struct space *s);
/* the values of a point, one a tunable, in the order of spec.tunables; valid until space_free */
const int64_t *space_values(const struct space *s, size_t point);
/* the index of each value in its tunable's list; the same lifetime */
const uint32_t *space_index(const struct space *s, size_t point);
/* the number of the point with these value indices, SPACE_NONE when it is not valid */
size_t space_find(struct space *s, const uint32_t *index);
/* a point drawn at random; *state is the generator's and is advanced */
size_t space_random(struct space *s, uint64_t *state);
/* "BM=64, BN=32" into text, cut at cap */
const char *space_text(const struct space *s, size_t point, char *text, size_t cap);

#endif
