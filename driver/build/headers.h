/* driver/build/headers.h - annotations in headers: the source with the headers that have them in
 * their places.
 *
 * KSEARCH_HEADERS=1. A kernel in a header that several sources include is then searched once and
 * found by all, since a key names what a region means, not where it stands. */
#ifndef KS_BUILD_HEADERS_H
#define KS_BUILD_HEADERS_H

#include "driver/build/command.h"
#include "driver/lang/source.h"

/* The text of src with each header in the place of its #include that is included by quotes and has
 * annotations, or includes one by quotes that has, and those that bring one of these with a
 * `#pragma once` in another way; every line of it says where it is from. src itself where there is
 * none, or where putting one there could change what another #include finds
 */
const struct source *headers_merge(struct arena *a, const struct command *c,
                                   const struct source *src);

#endif
