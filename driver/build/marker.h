/* driver/build/marker.h - line markers: how a preprocessor's output names the files it came from.
 */
#ifndef KS_MARKER_H
#define KS_MARKER_H

#include <stdbool.h>
#include <stddef.h>
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

struct marker { /* `# 12 "dir/a.h" 1 3` */
    long line;
    const char *name; /* between the quotes, as written */
    size_t name_len;
    bool enters, returns, system; /* flags 1, 2, 3 */
};

/* reads the line [at, end); false when it is no marker */
bool marker_read(const char *at, const char *end, struct marker *m);
/* its file's name, unescaped */
char *marker_name(struct arena *a, const struct marker *m);
/* appends name as it stands between quotes in a marker, a #line or a string literal */
void marker_quote(struct buf *out, const char *name);
/* copies preprocessed text to out, with the markers of the file `from` naming `to` instead; where
 * the first of them is followed by one of `to` itself at line 1 (made by a #line on top of the
 * file), only one is kept: the text is then what the preprocessor makes of `to` */
void marker_rename(const char *text, size_t len, const char *from, const char *to, struct buf *out);

#endif
