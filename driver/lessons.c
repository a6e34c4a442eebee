/* driver/lessons.c */
#include "driver/lessons.h"

#include "driver/learned.h"
#include "driver/search/teach.h"

static const char name[] = "lessons.json";

json_t *lessons_read(const char *cache_dir)
{
    return learned_array(cache_dir, name);
}

void lessons_write(const char *cache_dir, const json_t *made)
{
    if (!json_array_size(made))
        return;
    json_t *older = lessons_read(cache_dir), *all = teach_merged(made, older);
    learned_write(cache_dir, name, all, JSON_COMPACT | JSON_REAL_PRECISION(4));
    json_decref(all);
    json_decref(older);
}
