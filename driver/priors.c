/* driver/priors.c */
#include "driver/priors.h"

#include "driver/learned.h"

static const char name[] = "priors.json";

json_t *priors_read(const char *cache_dir)
{
    return learned_read(cache_dir, name);
}

void priors_write(const char *cache_dir, const json_t *priors)
{
    learned_write(cache_dir, name, priors, JSON_INDENT(1));
}
