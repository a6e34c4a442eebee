/* diff_text.c - what changes is known from the edits, so nothing has to be compared: lines that an
 * edit touches are old, what the edits make of them is new. */
#include "driver/diff_text.h"

#include <string.h>
#include "runtime/base/arena.h"

enum { AROUND = 3 };

struct run { /* of neighbouring lines that change: [first, end) from 0 */
    size_t first, end;
    struct buf text; /* what they become */
    size_t lines;
};

/* each line behind a sign; the last one may have no newline */
static size_t add_lines(struct buf *out, char sign, const char *text, size_t len)
{
    const char *end = text + len, *next;
    size_t n = 0;

    for (; text < end; text = next, n++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        next = newline ? newline + 1 : end;
        if (!out)
            continue;
        buf_addc(out, sign);
        buf_add(out, text, (size_t)(next - text));
        buf_adds(out, newline ? "" : "\n\\ No newline at end of file\n");
    }
    return n;
}

static size_t line_start(const struct source *s, size_t line)
{
    return line < s->lines ? s->line[line] : s->len;
}

static void add_old(struct buf *out, char sign, const struct source *s, size_t first, size_t end)
{
    add_lines(out, sign, s->text + line_start(s, first), line_start(s, end) - line_start(s, first));
}

/* the lines that edits touch, in runs */
static struct run *runs_of(const struct edits *e, size_t *n)
{
    bool *touched = arena_array(e->arena, bool, e->src->lines + 1);
    struct run *runs = NULL;

    *n = 0;
    for (size_t i = 0; i < e->n; i++) {
        size_t last = source_place(e->src, e->edit[i].span.end).line;
        for (size_t line = source_place(e->src, e->edit[i].span.at).line; line <= last; line++)
            touched[line] = true;
    }
    for (size_t i = 0; i < e->src->lines; i++) {
        struct run *r;
        if (!touched[i])
            continue;
        r = arena_push(e->arena, runs, *n);
        r->first = i;
        while (i < e->src->lines && touched[i])
            i++;
        r->end = i;
        buf_init(&r->text, BUF_LIMIT);
        edits_apply(e, (struct span){line_start(e->src, r->first), line_start(e->src, r->end)},
                    &r->text);
        r->lines = add_lines(NULL, 0, buf_text(&r->text), r->text.len);
    }
    return runs;
}

static size_t lines_of(const struct source *s)
{
    return s->lines - (s->line[s->lines - 1] == s->len); /* behind the last newline there is none */
}

/* one hunk of the runs [from, to); `moved` lines were added before it */
static void hunk(struct buf *out, const struct source *s, const struct run *runs, size_t from,
                 size_t to, long moved)
{
    size_t first = runs[from].first > AROUND ? runs[from].first - AROUND : 0;
    size_t end = runs[to - 1].end + AROUND < lines_of(s) ? runs[to - 1].end + AROUND : lines_of(s);
    size_t at = first, lines = end - first;

    for (size_t i = from; i < to; i++)
        lines += runs[i].lines - (runs[i].end - runs[i].first);
    buf_addf(out, "@@ -%zu,%zu +%ld,%zu @@\n", first + 1, end - first, (long)first + 1 + moved,
             lines);
    for (size_t i = from; i < to; i++) {
        add_old(out, ' ', s, at, runs[i].first);
        add_old(out, '-', s, runs[i].first, runs[i].end);
        add_lines(out, '+', buf_text(&runs[i].text), runs[i].text.len);
        at = runs[i].end;
    }
    add_old(out, ' ', s, at, end);
}

void diff_edits(struct buf *out, const struct edits *e, const char *from, const char *to)
{
    size_t n, next;
    struct run *runs = runs_of(e, &n);
    long moved = 0;

    if (n)
        buf_addf(out, "--- %s\n+++ %s\n", from, to);
    for (size_t i = 0; i < n; i = next) {
        for (next = i + 1; next < n && runs[next].first <= runs[next - 1].end + 2 * AROUND;)
            next++;
        hunk(out, e->src, runs, i, next, moved);
        for (size_t k = i; k < next; k++)
            moved += (long)runs[k].lines - (long)(runs[k].end - runs[k].first);
    }
    for (size_t i = 0; i < n; i++)
        buf_release(&runs[i].text);
}

void diff_new(struct buf *out, const char *text, size_t len, const char *to)
{
    buf_addf(out, "--- /dev/null\n+++ %s\n@@ -0,0 +1,%zu @@\n", to, add_lines(NULL, 0, text, len));
    add_lines(out, '+', text, len);
}
