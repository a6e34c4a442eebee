/* driver/build/edits.h - replacements in a text, collected first and made all at once.
 *
 * An edit replaces a span of the source by other text; an empty span inserts. Insertions at the
 * same place come out in the order in which they were added, and before a replacement that begins
 * there. */
#ifndef KS_EDITS_H
#define KS_EDITS_H

#include <stdbool.h>
#include "driver/lang/source.h"
#include "runtime/base/buf.h"

struct arena;

struct edit {
    struct span span;
    const char *text;
};

struct edits {
    struct arena *arena;
    const struct source *src;
    struct edit *edit;
    size_t n;
};

void edits_init(struct edits *e, struct arena *a, const struct source *src);
/* text must live as long as the edits */
void edits_add(struct edits *e, struct span span, const char *text);
void edits_insert(struct edits *e, size_t at, const char *text);
/* replaces every byte of the span but newlines by a space, so that nothing behind it moves */
void edits_blank(struct edits *e, struct span span);
/* The range of the source with its edits made. Of two replacements that overlap the one that begins
 * first is made; insertions inside of a replaced span are dropped. */
void edits_apply(const struct edits *e, struct span range, struct buf *out);

#endif
