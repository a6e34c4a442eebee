/* driver/lang/source.h - one source file as read, with its lines. */
#ifndef KS_SOURCE_H
#define KS_SOURCE_H

#include <stddef.h>

struct arena;
struct error;

struct span {
    size_t at, end; /* byte offsets; end is one past the last */
};

struct piece { /* of a text that is made of several files: from byte `at` on it is that of `path`,
                  whose line `row` begins or goes on there */
    size_t at;
    const char *path;
    int row;
};

struct source {
    const char *path; /* as it was named on the command line: messages and #line use this */
    const char *text; /* NUL-terminated; may hold any bytes */
    size_t len;
    const size_t *line; /* offset of each line's first byte */
    size_t lines;
    const struct piece *piece; /* in the order of the text; none: all of it is path's */
    size_t npieces;
};

struct place {
    int row, column; /* from 1; columns count bytes, a tab is one */
    const char *path;
    size_t line; /* of the text, from 0; another than row - 1 where it is made of several files */
};

/* reads a file of at most 64 MiB; NULL on failure */
struct source *source_read(struct arena *a, const char *path, struct error *err);
/* the same over a text in memory, which must outlive the source */
struct source *source_wrap(struct arena *a, const char *path, const char *text, size_t len);
/* a copy of a text that stands in no file, under a name that messages and #line use as a path. A
 * byte order mark becomes blanks, as in a file */
struct source *source_text(struct arena *a, const char *name, const char *text, size_t len);
/* the path of a file that src names at byte `at`: from the folder of the file that stands there */
const char *source_beside(struct arena *a, const struct source *src, size_t at, const char *name);
struct place source_place(const struct source *s, size_t at);
/* the bytes of a span as a string of the arena */
char *source_copy(struct arena *a, const struct source *s, struct span span);

#endif
