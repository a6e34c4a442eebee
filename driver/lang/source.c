#include "driver/lang/source.h"

#include <stdlib.h>
#include <string.h>
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

#define SOURCE_LIMIT ((size_t)64 << 20)

struct source *source_wrap(struct arena *a, const char *path, const char *text, size_t len)
{
    struct source *s = arena_alloc(a, sizeof *s);
    size_t lines = 1, row = 0;
    size_t *line;

    for (const char *p = text; (p = memchr(p, '\n', (size_t)(text + len - p))); p++)
        lines++;
    line = arena_array(a, size_t, lines);
    for (const char *p = text; (p = memchr(p, '\n', (size_t)(text + len - p))); p++)
        line[++row] = (size_t)(p + 1 - text);
    s->path = arena_dup(a, path);
    s->text = text;
    s->len = len;
    s->line = line;
    s->lines = lines;
    return s;
}

/* A byte order mark may only open a file, and copies of the text stand behind a #line: blanks keep
 * every offset. */
static void blank_mark(char *text, size_t len)
{
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        memset(text, ' ', 3);
}

struct source *source_text(struct arena *a, const char *name, const char *text, size_t len)
{
    char *copy = arena_copy(a, text, len);

    blank_mark(copy, len);
    return source_wrap(a, name, copy, len);
}

struct source *source_read(struct arena *a, const char *path, struct error *err)
{
    struct source *s = NULL;
    struct buf b;

    buf_init(&b, SOURCE_LIMIT);
    if (fs_read(path, &b, err) == 0)
        s = source_text(a, path, buf_text(&b), b.len);
    buf_release(&b);
    return s;
}

static size_t line_of(const struct source *s, size_t at)
{
    size_t low = 0, high = s->lines;

    while (high - low > 1) { /* line[low] <= at < line[high] */
        size_t mid = low + (high - low) / 2;
        if (s->line[mid] <= at)
            low = mid;
        else
            high = mid;
    }
    return low;
}

struct place source_place(const struct source *s, size_t at)
{
    const struct piece *piece = NULL;
    struct place place = {.path = s->path};

    if (at > s->len)
        at = s->len;
    for (size_t i = 0; i < s->npieces && s->piece[i].at <= at; i++)
        piece = &s->piece[i];
    place.line = line_of(s, at);
    place.row = (int)place.line + 1;
    place.column = (int)(at - s->line[place.line] + 1);
    if (piece) {
        place.row = piece->row + (int)(place.line - line_of(s, piece->at));
        place.path = piece->path;
    }
    return place;
}

const char *source_beside(struct arena *a, const struct source *src, size_t at, const char *name)
{
    char *dir = fs_dir(source_place(src, at).path);
    const char *path =
        *name == '/' || strcmp(dir, ".") == 0 ? name : arena_printf(a, "%s/%s", dir, name);

    free(dir);
    return path;
}

char *source_copy(struct arena *a, const struct source *s, struct span span)
{
    return arena_copy(a, s->text + span.at, span.end - span.at);
}
