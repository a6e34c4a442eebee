/* driver/tried.c */
#include "driver/tried.h"

#include <stdio.h>

#include "cache/hash.h"
#include "driver/learned.h"
#include "driver/search/recall.h"

struct name { /* of the file of an entry */
    char text[sizeof "tried/.json" + 16];
};

static struct name name_of(const char *file, const char *entry)
{
    struct hasher *h = hasher_new();
    struct name name;
    char hex[65];
    hasher_string(h, file);
    hasher_string(h, entry);
    struct hash hash = hasher_end(h);
    hash_hex(&hash, hex);
    snprintf(name.text, sizeof name.text, "tried/%.16s.json", hex);
    return name;
}

json_t *tried_read(const char *cache_dir, const char *file, const char *entry)
{
    return learned_array(cache_dir, name_of(file, entry).text);
}

void tried_write(const char *cache_dir, const char *file, const char *entry, const json_t *made)
{
    if (!json_array_size(made))
        return;
    json_t *older = tried_read(cache_dir, file, entry), *all = recall_merged(made, older);
    learned_write(cache_dir, name_of(file, entry).text, all, JSON_COMPACT | JSON_REAL_PRECISION(6));
    json_decref(all);
    json_decref(older);
}
