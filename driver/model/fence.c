/* fence.c - a fence is a line of at least three backticks or tildes; it is closed by a line of as
 * many or more of the same and nothing else. Behind an opening one stands a language; with
 * backticks in it the line is text. Unlike in CommonMark a fence may be indented by more than three
 * blanks: models put blocks into lists, and code is never meant as an indented block there. */
#include "driver/model/fence.h"

#include <ctype.h>
#include <string.h>
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

enum { LEAST = 3, LANGUAGE = 16 };

struct mark { /* a line that is a fence */
    char c;
    size_t count, indent;
    const char *info; /* what stands behind, to the line's end, without blanks around */
    size_t ninfo;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool mark_read(const char *line, size_t n, struct mark *m)
{
    size_t at = 0;

    while (at < n && is_blank(line[at]))
        at++;
    *m = (struct mark){.indent = at};
    if (at == n || (line[at] != '`' && line[at] != '~'))
        return false;
    for (m->c = line[at]; at < n && line[at] == m->c; at++)
        m->count++;
    while (at < n && is_blank(line[at]))
        at++;
    while (n > at && is_blank(line[n - 1]))
        n--;
    m->info = line + at;
    m->ninfo = n - at;
    return m->count >= LEAST && !(m->c == '`' && memchr(m->info, '`', m->ninfo));
}

static const char *language(struct arena *a, const struct mark *m)
{
    size_t n = 0;
    char *word;

    while (n < m->ninfo && n < LANGUAGE && !is_blank(m->info[n]) && m->info[n] != ',')
        n++;
    word = arena_copy(a, m->info, n);
    for (char *p = word; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return word;
}

static void add_line(struct buf *text, const char *line, size_t n, size_t indent)
{
    while (indent > 0 && n > 0 && is_blank(*line) && *line != '\r') {
        line++;
        n--;
        indent--;
    }
    if (n > 0 && line[n - 1] == '\r')
        n--;
    buf_add(text, line, n);
    buf_addc(text, '\n');
}

static void finish(struct arena *a, struct fence *f, struct buf *text, bool closed)
{
    f->text = arena_copy(a, buf_text(text), text->len);
    f->len = text->len;
    f->closed = closed;
    buf_clear(text);
}

struct fence *fences_read(struct arena *a, const char *text, size_t len, size_t *n)
{
    const char *end = text + len, *next;
    struct fence *all = NULL, *open = NULL;
    struct mark by = {0}, m;
    struct buf body;
    size_t row = 1;

    *n = 0;
    buf_init(&body, BUF_LIMIT);
    for (const char *line = text; line < end; line = next, row++) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t size = (size_t)((newline ? newline : end) - line);
        bool is_mark = mark_read(line, size, &m);
        next = newline ? newline + 1 : end;
        if (open && is_mark && m.c == by.c && m.count >= by.count && m.ninfo == 0) {
            finish(a, open, &body, true);
            open = NULL;
        } else if (open) {
            add_line(&body, line, size, by.indent);
        } else if (is_mark) {
            by = m;
            open = arena_push(a, all, *n);
            open->language = language(a, &m);
            open->row = row + 1;
        }
    }
    if (open)
        finish(a, open, &body, false);
    buf_release(&body);
    return all;
}
