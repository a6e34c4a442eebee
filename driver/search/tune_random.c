/* driver/search/tune_random.c - any valid point: what every other tuner has to beat. */
#include "driver/search/tune_impl.h"

static size_t random_next(struct tuner *t)
{
    return tuner_draw(t);
}

const struct tuner_way tune_random = {.name = "random", .next = random_next};
