/* tests/unit/fixture.h - an arena for all of a test program, or for each of its tests. */
#ifndef KS_TEST_FIXTURE_H
#define KS_TEST_FIXTURE_H

#include "tests/unit/check.h"

#include "runtime/base/arena.h"

static struct arena *arena;

static inline int setup(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

#endif
