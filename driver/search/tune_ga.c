/* driver/search/tune_ga.c */
#include "driver/search/tune_impl.h"

static size_t ga_next(struct tuner *t)
{
    return tuner_draw(t);
}

const struct tuner_way tune_ga = {.name = "ga", .next = ga_next};
