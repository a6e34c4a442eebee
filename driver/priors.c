/* driver/priors.c */
#include "driver/priors.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

static void priors_path(struct buf *path, const char *cache_dir)
{
    buf_init(path, 1 << 16);
    buf_addf(path, "%s/priors.json", cache_dir);
}

json_t *priors_read(const char *cache_dir)
{
    struct buf path;
    if (!cache_dir)
        return NULL;
    priors_path(&path, cache_dir);
    json_t *priors = json_load_file(buf_text(&path), 0, NULL);
    buf_release(&path);
    return priors;
}

void priors_write(const char *cache_dir, const json_t *priors)
{
    struct buf path;
    char *text = json_dumps(priors, JSON_INDENT(1));
    if (!cache_dir || !text) {
        free(text);
        return;
    }
    priors_path(&path, cache_dir);
    fs_write(buf_text(&path), text, strlen(text), NULL);
    buf_release(&path);
    free(text);
}
