/* driver/search/tune_slots.h - what the tunables of a space are for, so that spaces of different
 * code can be compared.
 *
 * A tunable's kind is told by its name and its values: threads of a block, a tile of a thread or of
 * a block, an unroll factor, a vector width, stages, blocks that reside together, switches for
 * padding, shared memory, read-only loads. One of no known kind is known by its own name. Each
 * tunable fills a slot, "block0" is the first size of a block, and products of them more: "threads"
 * of a block, "work" of a thread. What a point has in a slot is a number of the same meaning in
 * every space: a switch's or small choice's value, else the logarithm to base 2. */
#ifndef KS_TUNE_SLOTS_H
#define KS_TUNE_SLOTS_H

#include "driver/search/space.h"

enum { SLOTS_MOST = 24 };

struct slots;

struct slots *slots_new(struct space *space);
void slots_free(struct slots *s); /* NULL is fine */
size_t slots_count(const struct slots *s);
const char *slots_name(const struct slots *s, size_t slot);
/* the number of the slot of that name; slots_count() when there is none */
size_t slots_find(const struct slots *s, const char *name);
/* what a point has in each slot */
void slots_of(const struct slots *s, size_t point, float *x);

#endif
