/* driver/build/headers.c
 *
 * The preprocessor looks for a quoted name beside the file that it reads, then in the folders of
 * -I. In a header that stands in its source's place it would look beside the source, so names that
 * were found beside the header are written as they are seen from the source; the file is then found
 * under the very name that it had. */
#include "driver/build/headers.h"

#include <string.h>
#include <sys/stat.h>
#include "driver/build/copy.h"
#include "driver/build/option.h"
#include "driver/build/words.h"
#include "driver/lang/scan.h"
#include "driver/lang/spec.h"
#include "runtime/base/buf.h"
#include "runtime/base/env.h"
#include "runtime/base/fs.h"

enum { DEPTH_MOST = 16 };

struct header { /* a file that was looked at */
    const char *path;
    const struct source *src; /* NULL: it cannot be read */
    bool annotated, here;     /* here: it stands in the text already */
};

struct merge {
    struct arena *a;
    const struct source *main;
    struct words dirs;
    struct header **header;
    size_t nheaders;
    struct piece *piece;
    size_t npieces;
    struct buf text;
    bool odd; /* it cannot be done */
};

struct found {
    const char *path; /* as the preprocessor names it */
    const char *name; /* as the source would have to write it; NULL: it cannot */
};

bool headers_wanted(void)
{
    return env_is_on("KSEARCH_HEADERS");
}

static bool is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* NAME of `#include "NAME"` or, with `once`, of nothing: is it `#pragma once`? */
static const char *directive_name(struct arena *a, const struct source *src, struct span at,
                                  bool *once)
{
    const char *p = src->text + at.at, *end = src->text + at.end, *close;

    p += 1 + strspn(p + 1, " \t");
    *once = strncmp(p, "pragma", 6) == 0 && strncmp(p + 6 + strspn(p + 6, " \t"), "once", 4) == 0;
    if (strncmp(p, "include", 7) != 0)
        return NULL;
    p += 7 + strspn(p + 7, " \t");
    close = p < end && *p == '"' ? memchr(p + 1, '"', (size_t)(end - p) - 1) : NULL;
    return close ? arena_copy(a, p + 1, (size_t)(close - p) - 1) : NULL;
}

/* the folder of a name with its slash, "" for none */
static const char *folder_of(struct arena *a, const char *name)
{
    return arena_copy(a, name, (size_t)(fs_base(name) - name));
}

/* what a quoted name in `path` means, where that is written `own` in the source; path NULL: not
 * found */
static struct found find(struct merge *m, const char *path, const char *own, const char *name)
{
    struct found f = {NULL, NULL};

    if (*name != '/')
        f.path = arena_printf(m->a, "%s%s", folder_of(m->a, path), name);
    if (*name == '/' || is_file(f.path)) {
        f.path = *name == '/' ? name : f.path;
        f.name = *name == '/' ? name : arena_printf(m->a, "%s%s", folder_of(m->a, own), name);
        return f;
    }
    for (size_t i = 0; i < m->dirs.n; i++) {
        f.path = arena_printf(m->a, "%s/%s", m->dirs.word[i], name);
        f.name = name;
        if (is_file(f.path))
            return f;
    }
    return (struct found){NULL, NULL};
}

/* ---- files ----------------------------------------------------------------------------------- */

static struct header *header_of(struct merge *m, const char *path)
{
    struct header *h;

    for (size_t i = 0; i < m->nheaders; i++)
        if (strcmp(m->header[i]->path, path) == 0)
            return m->header[i];
    h = arena_alloc(m->a, sizeof *h);
    *arena_push(m->a, m->header, m->nheaders) = h;
    h->path = path;
    h->src = source_read(m->a, path, NULL);
    if (h->src && memchr(h->src->text, '\0', h->src->len))
        h->src = NULL;
    h->annotated = h->src && annotations_find(m->a, h->src)->nannotations;
    return h;
}

/* has the file annotations, or one that it includes? */
static bool leads_to_some(struct merge *m, struct header *h, const char *own, int depth)
{
    const struct tokens *ts;

    if (!h->src || h->annotated || depth >= DEPTH_MOST)
        return h->annotated;
    ts = scan_tokens(m->a, h->src);
    for (size_t t = 0; t < ts->n; t++) {
        bool once;
        const char *name = ts->token[t].kind == TOKEN_DIRECTIVE
                               ? directive_name(m->a, h->src, ts->token[t].span, &once)
                               : NULL;
        struct found f = name ? find(m, h->path, own, name) : (struct found){NULL, NULL};
        if (f.path && leads_to_some(m, header_of(m, f.path), f.name, depth + 1))
            return true;
    }
    return false;
}

/* ---- the text -------------------------------------------------------------------------------- */

/* from here on the text is that of src from byte `at`, whose line goes on or begins */
static void begin_piece(struct merge *m, const struct source *src, size_t at)
{
    *arena_push(m->a, m->piece, m->npieces) =
        (struct piece){m->text.len, src->path, source_place(src, at).row};
}

static void append_file(struct merge *m, struct header *h, const char *own, int depth);

/* the header in the place of the directive at `at` of src */
static void append_header(struct merge *m, struct header *h, const char *own,
                          const struct source *src, struct span at, int depth)
{
    buf_adds(&m->text, line_marker(m->a, h->src, 0) + 1);
    append_file(m, h, own, depth + 1);
    /* the newline behind the directive ends this one */
    const char *line = line_marker(m->a, src, at.end + 1);
    buf_add(&m->text, line, strlen(line) - 1);
    begin_piece(m, src, at.end);
}

/* one directive of h; `own` is how the source writes h's name */
static void append_directive(struct merge *m, struct header *h, const char *own, struct span at,
                             int depth)
{
    bool once, inner = h->src != m->main;
    const char *name = directive_name(m->a, h->src, at, &once);
    struct found f = name ? find(m, h->path, own, name) : (struct found){NULL, NULL};
    struct header *to = f.path ? header_of(m, f.path) : NULL;

    if (inner && once) {
        buf_adds(&m->text, "#");
    } else if (to && to->src && leads_to_some(m, to, f.name, depth)) {
        if (!to->here)
            append_header(m, to, f.name, h->src, at, depth);
        else if (memmem(to->src->text, to->src->len, "once", 4))
            buf_adds(&m->text, "#");
        else
            buf_addf(&m->text, "#include \"%s\"", f.name);
    } else if (inner && f.path) {
        struct found seen = find(m, m->main->path, "", f.name);
        m->odd |= !seen.path || strcmp(seen.path, f.path) != 0;
        buf_addf(&m->text, "#include \"%s\"", f.name);
    } else {
        buf_add(&m->text, h->src->text + at.at, at.end - at.at);
    }
}

static void append_file(struct merge *m, struct header *h, const char *own, int depth)
{
    const struct tokens *ts = scan_tokens(m->a, h->src);
    size_t at = 0;

    h->here = true;
    m->odd |= depth >= DEPTH_MOST;
    begin_piece(m, h->src, 0);
    for (size_t t = 0; t < ts->n && !m->odd; t++) {
        struct span s = ts->token[t].span;
        if (ts->token[t].kind != TOKEN_DIRECTIVE)
            continue;
        buf_add(&m->text, h->src->text + at, s.at - at);
        append_directive(m, h, own, s, depth);
        at = s.end;
    }
    buf_add(&m->text, h->src->text + at, h->src->len - at);
}

/* the folders of -I, then those of -isystem */
static void add_dirs(struct merge *m, const struct command *c)
{
    static const char *const briefs[] = {"I", "isystem"};

    for (size_t b = 0; b < 2; b++)
        for (size_t i = 0; i < c->nitems; i++) {
            const struct option *o = c->items[i].option;
            if (o && strcmp(o->brief, briefs[b]) == 0 && c->items[i].value)
                words_list(m->a, c->items[i].value, &m->dirs);
        }
}

const struct source *headers_merge(struct arena *a, const struct command *c,
                                   const struct source *src)
{
    struct merge m = {.a = a, .main = src};
    struct header whole = {.path = src->path, .src = src};
    struct source *merged;

    add_dirs(&m, c);
    *arena_push(a, m.header, m.nheaders) = &whole;
    if (!leads_to_some(&m, &whole, fs_base(src->path), 0))
        return src;
    buf_init(&m.text, BUF_LIMIT);
    append_file(&m, &whole, fs_base(src->path), 0);
    merged = source_text(a, src->path, buf_text(&m.text), m.text.len);
    merged->piece = m.piece;
    merged->npieces = m.npieces;
    buf_release(&m.text);
    return m.odd ? src : merged;
}
