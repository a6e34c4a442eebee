/* anchor.c - lines are looked for with the algorithm of Knuth, Morris and Pratt over lines, since
 * what a model sends may be anything; what is not found is answered with the place that is most
 * like it, so that the next reply can name that. */
#include "driver/model/anchor.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

enum {
    MARKER = 7,
    PLACES = 4,  /* that an ambiguity names */
    SHOWN = 100, /* bytes of a line in an error */
    WINDOW = 32, /* old lines that count for the nearest place */
    EDITS = 200, /* in all; and wrong ones whose nearest place is looked for: */
    NEAREST = 20,
};

struct line {
    const char *text;
    size_t len;
};

struct lines {
    struct line *line;
    size_t n;
};

struct anchor {
    size_t number, row; /* from 1; of its first marker */
    struct lines old, new;
    bool is_wrong;
    size_t at, end; /* lines of the text that it replaces, from 0 */
};

/* ---- lines ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct line trimmed(struct line l)
{
    while (l.len > 0 && is_blank(l.text[l.len - 1]))
        l.len--;
    while (l.len > 0 && is_blank(*l.text)) {
        l.text++;
        l.len--;
    }
    return l;
}

static struct lines split(struct arena *a, const char *text, size_t len)
{
    const char *end = text + len, *next;
    struct lines all = {NULL, 0};

    for (; text < end; text = next) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        struct line *l = arena_push(a, all.line, all.n);
        *l = (struct line){text, (size_t)((newline ? newline : end) - text)};
        if (l->len > 0 && l->text[l->len - 1] == '\r')
            l->len--;
        next = newline ? newline + 1 : end;
    }
    return all;
}

static bool same(struct line x, struct line y, bool loose)
{
    if (loose) {
        x = trimmed(x);
        y = trimmed(y);
    }
    return x.len == y.len && (x.len == 0 || memcmp(x.text, y.text, x.len) == 0);
}

/* without the blank lines at both ends */
static struct lines core(struct lines l)
{
    while (l.n > 0 && trimmed(l.line[l.n - 1]).len == 0)
        l.n--;
    while (l.n > 0 && trimmed(l.line[0]).len == 0) {
        l.line++;
        l.n--;
    }
    return l;
}

/* ---- reading ---- */

/* is the line a marker of this byte? */
static bool is_marker(struct line l, char c)
{
    size_t n = 0;

    l = trimmed(l);
    while (n < l.len && l.text[n] == c)
        n++;
    return n >= MARKER && (c != '=' || n == l.len);
}

bool anchors_in(const char *text, size_t len)
{
    const char *end = text + len, *next;

    for (; text < end; text = next) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        if (is_marker((struct line){text, (size_t)((newline ? newline : end) - text)}, '<'))
            return true;
        next = newline ? newline + 1 : end;
    }
    return false;
}

static void wrong(struct anchors *e, struct anchor *x, const char *why)
{
    x->is_wrong = true;
    buf_addf(e->errors, "edit %zu (line %zu of the reply): %s\n", x->number, x->row, why);
    e->nerrors++;
}

/* what an edit whose end was reached, or which another one or the end of the text cut off, lacks */
static void check_read(struct anchors *e, struct anchor *x, bool divided, bool ended)
{
    if (!divided)
        wrong(e, x, "it has no ======= line between old and new lines");
    else if (!ended)
        wrong(e, x, "it has no >>>>>>> line at its end");
    else if (core(x->old).n == 0)
        wrong(e, x, "it has no old lines: repeat the line that the new ones go before or behind");
}

void anchors_read(struct anchors *e, const char *text, size_t len, size_t row)
{
    struct lines all = split(e->arena, text, len);
    struct anchor *x = NULL; /* the one that is being read */
    bool divided = false;

    for (size_t i = 0; i < all.n; i++) {
        struct line l = all.line[i];
        if (is_marker(l, '<')) {
            if (x)
                check_read(e, x, divided, false);
            x = arena_push(e->arena, e->edits, e->n);
            x->number = e->n;
            x->row = row + i;
            divided = false;
        } else if (x && !divided && is_marker(l, '=')) {
            divided = true;
        } else if (x && is_marker(l, '>')) {
            check_read(e, x, divided, true);
            x = NULL;
        } else if (x) {
            struct lines *to = divided ? &x->new : &x->old;
            *arena_push(e->arena, to->line, to->n) = l;
        }
    }
    if (x)
        check_read(e, x, divided, false);
}

/* ---- finding ---- */

/* how often `what` stands in `in`; the first places into at */
static size_t find(struct arena *a, const struct lines *in, const struct lines *what, bool loose,
                   size_t at[PLACES])
{
    size_t *back = arena_array(a, size_t, what->n + 1), n = 0;

    for (size_t i = 1, k = 0; i < what->n; i++) {
        while (k > 0 && !same(what->line[i], what->line[k], loose))
            k = back[k - 1];
        k += same(what->line[i], what->line[k], loose);
        back[i] = k;
    }
    for (size_t i = 0, k = 0; i < in->n; i++) {
        while (k > 0 && (k == what->n || !same(in->line[i], what->line[k], loose)))
            k = back[k - 1];
        k += same(in->line[i], what->line[k], loose);
        if (k < what->n)
            continue;
        if (n < PLACES)
            at[n] = i + 1 - k;
        n++;
    }
    return n;
}

/* a number below 4096 for two neighbouring bytes */
static unsigned pair(const char *p)
{
    return ((unsigned char)p[0] * 67u + (unsigned char)p[1]) & 4095;
}

/* how much of the pairs of neighbouring bytes of x are in y, too: 0 to 2000 or a little more */
static size_t likeness(struct line x, struct line y)
{
    uint64_t set[64] = {0};
    size_t hits = 0;

    x = trimmed(x);
    y = trimmed(y);
    if (x.len < 2 || y.len < 2)
        return 0;
    for (size_t i = 0; i + 1 < y.len; i++)
        set[pair(y.text + i) / 64] |= (uint64_t)1 << pair(y.text + i) % 64;
    for (size_t i = 0; i + 1 < x.len; i++)
        hits += set[pair(x.text + i) / 64] >> pair(x.text + i) % 64 & 1;
    return hits * 2000 / (x.len + y.len - 2);
}

/* Where most of the old lines stand, blanks aside; where none does, the line that is most like the
 * first. *differs: the first of the old lines that is another one there. False without any place */
static bool nearest(const struct lines *in, const struct lines *old, size_t *at, size_t *differs)
{
    size_t best = 0, window = old->n < WINDOW ? old->n : WINDOW;
    size_t most = 0;

    *differs = 0;
    for (size_t i = 0; i < in->n; i++) {
        size_t hits = 0;
        for (size_t k = 0; k < window && i + k < in->n; k++)
            hits += trimmed(old->line[k]).len > 0 && same(in->line[i + k], old->line[k], true);
        if (hits > best) {
            best = hits;
            *at = i;
        }
    }
    for (size_t i = 0; best == 0 && i < in->n; i++) {
        size_t like = likeness(old->line[0], in->line[i]);
        if (like > most) {
            most = like;
            *at = i;
        }
    }
    while (best > 0 && *differs + 1 < old->n && *at + *differs < in->n &&
           same(in->line[*at + *differs], old->line[*differs], true))
        ++*differs;
    return best > 0 || most > 0;
}

/* ---- what is said of one that is not found ---- */

/* "the line", of a long one the beginning */
static const char *quoted(struct arena *a, struct line l)
{
    bool cut;

    l = trimmed(l);
    cut = l.len > SHOWN;
    if (cut)
        for (l.len = SHOWN; l.len > 0 && ((unsigned char)l.text[l.len] & 0xc0) == 0x80;)
            l.len--;
    return arena_printf(a, "\"%.*s\"%s", (int)l.len, l.len ? l.text : "", cut ? " ..." : "");
}

static void not_found(struct anchors *e, struct anchor *x, const struct lines *in)
{
    struct arena *a = e->arena;
    struct lines old = core(x->old);
    const char *why =
        arena_printf(a, "its old lines, from %s, do not stand in the text", quoted(a, old.line[0]));
    size_t at = 0, differs;

    if (e->nerrors >= NEAREST || !nearest(in, &old, &at, &differs))
        wrong(e, x, why);
    else if (at + differs >= in->n)
        wrong(e, x,
              arena_printf(a, "%s; the nearest place is line %zu, but the text ends before %s", why,
                           at + 1, quoted(a, old.line[differs])));
    else if (differs > 0)
        wrong(e, x,
              arena_printf(a,
                           "%s; the nearest place is line %zu, but line %zu is %s where the edit "
                           "has %s",
                           why, at + 1, at + differs + 1, quoted(a, in->line[at + differs]),
                           quoted(a, old.line[differs])));
    else
        wrong(e, x,
              arena_printf(a, "%s; the nearest place is line %zu: %s", why, at + 1,
                           quoted(a, in->line[at])));
}

static void ambiguous(struct anchors *e, struct anchor *x, size_t n, const size_t at[PLACES])
{
    const char *list = "";

    for (size_t i = 0; i < n && i < PLACES; i++)
        list = arena_printf(e->arena, "%s%s%zu", list, i ? ", " : "", at[i] + 1);
    wrong(e, x,
          arena_printf(e->arena,
                       "its old lines, from %s, stand in the text %zu times, in lines %s%s: add "
                       "lines around them until they stand there once",
                       quoted(e->arena, core(x->old).line[0]), n, list, n > PLACES ? ", ..." : ""));
}

/* ---- applying ---- */

static void locate(struct anchors *e, struct anchor *x, const struct lines *in)
{
    size_t at[PLACES] = {0}, n = find(e->arena, in, &x->old, false, at);
    struct lines old = x->old;

    if (n == 0) {
        old = core(old);
        n = find(e->arena, in, &old, true, at);
    }
    if (n == 0)
        not_found(e, x, in);
    else if (n > 1)
        ambiguous(e, x, n, at);
    x->at = at[0];
    x->end = at[0] + old.n;
}

static int by_place(const void *a, const void *b)
{
    const struct anchor *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static void check_overlaps(struct anchors *e)
{
    qsort(e->edits, e->n, sizeof *e->edits, by_place);
    for (size_t i = 1; i < e->n; i++) {
        struct anchor *x = &e->edits[i - 1], *y = &e->edits[i];
        if (y->at < x->end)
            wrong(e, y->number > x->number ? y : x,
                  arena_printf(e->arena, "it changes line %zu, as edit %zu does: make them one",
                               y->at + 1, y->number > x->number ? x->number : y->number));
    }
}

static void add_lines(struct buf *out, const struct lines *l, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        buf_add(out, l->line[i].text, l->line[i].len);
        buf_addc(out, '\n');
    }
}

int anchors_apply(struct anchors *e, const char *text, size_t len, struct buf *out)
{
    struct lines in = split(e->arena, text, len);
    size_t at = 0;

    if (e->n > EDITS)
        wrong(e, &e->edits[EDITS], "more edits than 200 are not made: send the whole text");
    for (size_t i = 0; i < e->n && e->n <= EDITS; i++)
        if (!e->edits[i].is_wrong)
            locate(e, &e->edits[i], &in);
    if (e->nerrors == 0 && e->n)
        check_overlaps(e);
    if (e->nerrors)
        return -1;
    for (size_t i = 0; i < e->n; i++) {
        add_lines(out, &in, at, e->edits[i].at);
        add_lines(out, &e->edits[i].new, 0, e->edits[i].new.n);
        at = e->edits[i].end;
    }
    add_lines(out, &in, at, in.n);
    return 0;
}
