#include "driver/build/edits.h"

#include <stdlib.h>
#include "runtime/base/arena.h"

void edits_init(struct edits *e, struct arena *a, const struct source *src)
{
    *e = (struct edits){a, src, NULL, 0};
}

void edits_add(struct edits *e, struct span span, const char *text)
{
    *arena_push(e->arena, e->edit, e->n) = (struct edit){span, text};
}

void edits_insert(struct edits *e, size_t at, const char *text)
{
    edits_add(e, (struct span){at, at}, text);
}

void edits_blank(struct edits *e, struct span span)
{
    char *text = arena_copy(e->arena, e->src->text + span.at, span.end - span.at);

    for (char *p = text; p < text + (span.end - span.at); p++)
        if (*p != '\n')
            *p = ' ';
    edits_add(e, span, text);
}

static bool is_insertion(const struct edit *e)
{
    return e->span.at == e->span.end;
}

/* by place; insertions before replacements; then in the order of adding, which is that of the
 * pointers' targets */
static int edit_order(const void *left, const void *right)
{
    const struct edit *a = *(const struct edit *const *)left;
    const struct edit *b = *(const struct edit *const *)right;

    if (a->span.at != b->span.at)
        return a->span.at < b->span.at ? -1 : 1;
    if (is_insertion(a) != is_insertion(b))
        return is_insertion(a) ? -1 : 1;
    return a < b ? -1 : a > b;
}

void edits_apply(const struct edits *e, struct span range, struct buf *out)
{
    const struct edit **order = arena_array(e->arena, const struct edit *, e->n + 1);
    const char *text = e->src->text;
    size_t n = 0, at = range.at;

    for (size_t i = 0; i < e->n; i++)
        if (e->edit[i].span.at >= range.at && e->edit[i].span.end <= range.end)
            order[n++] = &e->edit[i];
    qsort(order, n, sizeof *order, edit_order);
    for (size_t i = 0; i < n; i++) {
        if (order[i]->span.at < at)
            continue;
        buf_add(out, text + at, order[i]->span.at - at);
        buf_adds(out, order[i]->text);
        at = order[i]->span.end;
    }
    buf_add(out, text + at, range.end - at);
}
