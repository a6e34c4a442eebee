/* diag.c - collecting messages and showing them the way compilers do.
 *
 * Messages come in the order in which the stages find them; a reader wants them in the order of the
 * file. So they are put in order when shown: an error and the notes behind it are one group, groups
 * are sorted by place within a file, and files come in the order in which they were first named. */
#include "driver/lang/diag.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"

struct group {
    size_t first, end; /* messages[first .. end) */
    size_t rank;       /* of its file */
    size_t at;
};

enum { MESSAGES = 1000, TEXT = 1000, LINE = 160 }; /* what is kept, what is shown of a line */

static const char *const KIND_TEXT[] = {"error", "warning", "note"};

void diag_init(struct diag *d, struct arena *a)
{
    memset(d, 0, sizeof *d);
    d->arena = a;
}

/* of a longer text, the beginning and the end: what is wrong with a long name stands behind it */
static void diag_format(struct buf *out, const char *format, va_list args)
{
    struct buf text;

    buf_init(&text, BUF_LIMIT);
    buf_addv(&text, format, args);
    if (text.len < TEXT) {
        buf_adds(out, buf_text(&text));
    } else {
        buf_add(out, text.data, TEXT / 2);
        buf_adds(out, " ... ");
        buf_adds(out, text.data + text.len - TEXT / 4);
    }
    buf_release(&text);
}

bool diag_full(const struct diag *d)
{
    return d->nmore > 0 || d->nmessages >= MESSAGES;
}

static void diag_add(struct diag *d, enum diag_kind kind, const struct source *src, size_t at,
                     const char *format, va_list args)
{
    struct diag_message *m;
    struct buf text;

    d->nerrors += kind == DIAG_ERROR;
    if (diag_full(d)) { /* a note goes with its error */
        if (kind != DIAG_NOTE)
            d->nmore++;
        if (d->nmore > 0)
            return;
    }
    buf_init(&text, TEXT);
    diag_format(&text, format, args);
    m = arena_push(d->arena, d->messages, d->nmessages);
    m->kind = kind;
    m->src = src;
    m->at = at;
    m->text = arena_dup(d->arena, buf_text(&text));
    buf_release(&text);
}

int diag_errorv(struct diag *d, const struct source *src, size_t at, const char *format,
                va_list args)
{
    diag_add(d, DIAG_ERROR, src, at, format, args);
    return -1;
}

int diag_error(struct diag *d, const struct source *src, size_t at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    diag_errorv(d, src, at, format, args);
    va_end(args);
    return -1;
}

void diag_warning(struct diag *d, const struct source *src, size_t at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    diag_add(d, DIAG_WARNING, src, at, format, args);
    va_end(args);
}

void diag_note(struct diag *d, const struct source *src, size_t at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    diag_add(d, DIAG_NOTE, src, at, format, args);
    va_end(args);
}

/* notes of one file may point into another: the group belongs to the file of its first message */
static size_t diag_rank(const struct diag *d, const struct source *src)
{
    for (size_t i = 0; i < d->nmessages; i++)
        if (d->messages[i].src == src)
            return i;
    return d->nmessages;
}

static int group_compare(const void *a, const void *b)
{
    const struct group *x = a, *y = b;

    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

/* the groups in the order of the files */
static struct group *diag_groups(const struct diag *d, size_t *n)
{
    struct group *groups = arena_array(d->arena, struct group, d->nmessages);
    const struct source *last = NULL;
    size_t count = 0, rank = 0;

    for (size_t i = 0; i < d->nmessages; i++) {
        const struct diag_message *m = &d->messages[i];
        if (m->kind == DIAG_NOTE && count > 0) {
            groups[count - 1].end = i + 1;
            continue;
        }
        if (m->src != last)
            rank = diag_rank(d, m->src);
        last = m->src;
        groups[count++] = (struct group){i, i + 1, rank, m->at};
    }
    qsort(groups, count, sizeof *groups, group_compare);
    *n = count;
    return groups;
}

/* Bytes before the column become spaces and tabs stay tabs, so the caret lands under its column
 * whatever the width of a tab; bytes that continue a UTF-8 character take no column. */
static void diag_caret(struct buf *out, const char *line, size_t column)
{
    for (size_t i = 0; i < column; i++) {
        unsigned char c = (unsigned char)line[i];
        if (c == '\t')
            buf_addc(out, '\t');
        else if (c < 0x80 || c > 0xbf)
            buf_addc(out, ' ');
    }
    buf_adds(out, "^\n");
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* the line of the message, and the caret below; of a long line what is around the caret */
static void diag_line(const struct diag_message *m, struct place place, struct buf *out)
{
    const char *text = m->src->text;
    size_t begin = m->src->line[place.line], at = begin + (size_t)place.column - 1;
    size_t end = place.line + 1 < m->src->lines ? m->src->line[place.line + 1] - 1 : m->src->len;
    bool cut_front = at - begin > LINE, cut_back;

    if (end > begin && text[end - 1] == '\r')
        end--;
    cut_back = end > at && end - at > LINE;
    if (cut_front)
        for (begin = at - LINE / 2; begin < at && continues(text[begin]); begin++)
            ;
    if (cut_back)
        for (end = at + LINE; end > at && continues(text[end]); end--)
            ;
    buf_adds(out, cut_front ? "... " : "");
    buf_add(out, text + begin, end - begin);
    buf_adds(out, cut_back ? " ...\n" : "\n");
    buf_adds(out, cut_front ? "    " : "");
    diag_caret(out, text + begin, at - begin);
}

static void diag_show(const struct diag_message *m, struct buf *out)
{
    struct place place = source_place(m->src, m->at);

    buf_addf(out, "%s:%d:%d: %s: %s%s\n", place.path, place.row, place.column, KIND_TEXT[m->kind],
             m->kind == DIAG_NOTE ? "" : "ksearch: ", m->text);
    diag_line(m, place, out);
}

static const char *more_text(const struct diag *d)
{
    return arena_printf(d->arena, "%zu more errors and warnings are not shown", d->nmore);
}

static const struct source *last_source(const struct diag *d)
{
    return d->messages[d->nmessages - 1].src;
}

void diag_text(const struct diag *d, struct buf *out)
{
    size_t n;
    struct group *groups = diag_groups(d, &n);

    for (size_t g = 0; g < n; g++)
        for (size_t i = groups[g].first; i < groups[g].end; i++)
            diag_show(&d->messages[i], out);
    if (d->nmore > 0)
        diag_show(&(struct diag_message){DIAG_NOTE, last_source(d), 0, more_text(d)}, out);
}

static json_t *diag_message_json(const struct diag_message *m)
{
    struct place place = source_place(m->src, m->at);

    return json_pack("{s:s, s:o, s:i, s:i, s:o}", "kind", KIND_TEXT[m->kind], "file",
                     utf8_json(place.path), "row", place.row, "column", place.column, "text",
                     utf8_json(m->text));
}

void diag_print(const struct diag *d)
{
    struct buf text;

    buf_init(&text, 1 << 24);
    diag_text(d, &text);
    fputs(buf_text(&text), stderr);
    buf_release(&text);
}

struct json_t *diag_json(const struct diag *d)
{
    json_t *all = json_array();
    size_t n;
    struct group *groups = diag_groups(d, &n);

    for (size_t g = 0; g < n; g++) {
        json_t *head = diag_message_json(&d->messages[groups[g].first]), *notes = json_array();
        for (size_t i = groups[g].first + 1; i < groups[g].end; i++)
            json_array_append_new(notes, diag_message_json(&d->messages[i]));
        json_object_set_new(head, "notes", notes);
        json_array_append_new(all, head);
    }
    if (d->nmore > 0)
        json_array_append_new(all, diag_message_json(&(struct diag_message){
                                       DIAG_NOTE, last_source(d), 0, more_text(d)}));
    return all;
}

/* the distance of Levenshtein, where two letters exchanged are one change; SIZE_MAX for words of
 * more than 63 letters */
static size_t diag_distance(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b), rows[3][64];

    if (na > 63 || nb > 63)
        return SIZE_MAX;
    for (size_t j = 0; j <= nb; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *higher = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            row[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < row[j])
                row[j] = above[j] + 1;
            if (row[j - 1] + 1 < row[j])
                row[j] = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                higher[j - 2] + 1 < row[j])
                row[j] = higher[j - 2] + 1;
        }
    }
    return rows[na % 3][nb];
}

const char *diag_nearest(const char *word, const char *const *names, size_t n)
{
    size_t len = strlen(word), best = len / 3 ? len / 3 : 1;
    const char *found = NULL;

    if (best >= len) /* then any word of this length would do */
        return NULL;
    best++;
    for (size_t i = 0; i < n; i++) {
        size_t distance = diag_distance(word, names[i]);
        if (distance < best) {
            best = distance;
            found = names[i];
        }
    }
    return found;
}
