/* driver/tried.c */
#include "driver/tried.h"

#include <stdlib.h>
#include <string.h>

#include "cache/hash.h"
#include "driver/search/recall.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

static void tried_path(struct buf *path, const char *cache_dir, const char *file, const char *entry)
{
    struct hasher *h = hasher_new();
    char hex[65];
    hasher_string(h, file);
    hasher_string(h, entry);
    struct hash hash = hasher_end(h);
    hash_hex(&hash, hex);
    buf_init(path, 1 << 16);
    buf_addf(path, "%s/tried/%.16s.json", cache_dir, hex);
}

json_t *tried_read(const char *cache_dir, const char *file, const char *entry)
{
    struct buf path;
    if (!cache_dir)
        return NULL;
    tried_path(&path, cache_dir, file, entry);
    json_t *tried = json_load_file(buf_text(&path), 0, NULL);
    buf_release(&path);
    if (json_is_array(tried))
        return tried;
    json_decref(tried);
    return NULL;
}

void tried_write(const char *cache_dir, const char *file, const char *entry, const json_t *made)
{
    struct buf path;
    if (!cache_dir || !json_array_size(made))
        return;
    json_t *older = tried_read(cache_dir, file, entry), *all = recall_merged(made, older);
    char *text = json_dumps(all, JSON_COMPACT | JSON_REAL_PRECISION(6));
    tried_path(&path, cache_dir, file, entry);
    char *folder = fs_dir(buf_text(&path));
    if (text && fs_mkdirs(folder, NULL) == 0)
        fs_write(buf_text(&path), text, strlen(text), NULL);
    free(folder);
    free(text);
    buf_release(&path);
    json_decref(all);
    json_decref(older);
}
