/* driver/learned.c */
#include "driver/learned.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/fs.h"
#include "runtime/base/buf.h"

static void learned_path(struct buf *path, const char *cache_dir, const char *name)
{
    buf_init(path, 1 << 16);
    buf_addf(path, "%s/%s", cache_dir, name);
}

json_t *learned_read(const char *cache_dir, const char *name)
{
    struct buf path;
    if (!cache_dir)
        return NULL;
    learned_path(&path, cache_dir, name);
    json_t *value = json_load_file(buf_text(&path), 0, NULL);
    buf_release(&path);
    return value;
}

json_t *learned_array(const char *cache_dir, const char *name)
{
    json_t *value = learned_read(cache_dir, name);
    if (json_array_size(value) > 0)
        return value;
    json_decref(value);
    return NULL;
}

void learned_write(const char *cache_dir, const char *name, const json_t *value, size_t flags)
{
    struct buf path;
    char *text = cache_dir ? json_dumps(value, flags) : NULL;
    if (!text)
        return;
    learned_path(&path, cache_dir, name);
    char *folder = fs_dir(buf_text(&path));
    if (fs_mkdirs(folder, NULL) == 0)
        fs_write(buf_text(&path), text, strlen(text), NULL);
    free(folder);
    free(text);
    buf_release(&path);
}
