/* tests/unit/rounds.h - how often a test with chance in it tries: a few times in `make check`, and
 * FAULT_ROUNDS times in `make faults`. */
#ifndef KS_TEST_ROUNDS_H
#define KS_TEST_ROUNDS_H

#include <stdlib.h>

static inline int rounds(int usual)
{
    const char *text = getenv("FAULT_ROUNDS");
    int n = text ? atoi(text) : 0;

    return n > 0 ? n : usual;
}

#endif
