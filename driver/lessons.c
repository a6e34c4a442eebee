/* driver/lessons.c */
#include "driver/lessons.h"

#include <stdlib.h>
#include <string.h>

#include "driver/search/teach.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

static void lessons_path(struct buf *path, const char *cache_dir)
{
    buf_init(path, 1 << 16);
    buf_addf(path, "%s/lessons.json", cache_dir);
}

json_t *lessons_read(const char *cache_dir)
{
    struct buf path;
    if (!cache_dir)
        return NULL;
    lessons_path(&path, cache_dir);
    json_t *lessons = json_load_file(buf_text(&path), 0, NULL);
    buf_release(&path);
    if (json_array_size(lessons) > 0)
        return lessons;
    json_decref(lessons);
    return NULL;
}

void lessons_write(const char *cache_dir, const json_t *made)
{
    struct buf path;
    if (!cache_dir || !json_array_size(made))
        return;
    json_t *older = lessons_read(cache_dir), *all = teach_merged(made, older);
    char *text = json_dumps(all, JSON_COMPACT | JSON_REAL_PRECISION(4));
    lessons_path(&path, cache_dir);
    if (text)
        fs_write(buf_text(&path), text, strlen(text), NULL);
    free(text);
    buf_release(&path);
    json_decref(all);
    json_decref(older);
}
