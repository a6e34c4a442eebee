/* driver/build/headers.c
 *
 * The preprocessor looks for a quoted name beside the file that it reads, then in the folders of
 * -I. In a header that stands in its source's place it would look beside the source, so names that
 * were found beside the header are written as they are seen from the source; the file is then found
 * under the very name that it had.
 *
 * `#pragma once` is the preprocessor's knowledge of files, and a text that stands in another is
 * none to it: an #include that is left would bring the header a second time. So where a header with
 * it was put in its place, those between angles that lead to it from a folder of -I are, too. */
#include "driver/build/headers.h"

#include <string.h>
#include <sys/stat.h>
#include "driver/build/copy.h"
#include "driver/build/option.h"
#include "driver/build/words.h"
#include "driver/lang/scan.h"
#include "driver/lang/spec.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"

enum { DEPTH_MOST = 16 };

struct file_id { /* a file, under whatever names */
    dev_t device;
    ino_t inode;
    bool here;   /* it stands in the text already */
    bool wanted; /* it did in an earlier text, and has a #pragma once */
};

struct include { /* a directive: #include "NAME", #include <NAME>, or #pragma once */
    struct span at;
    const char *name; /* NULL: once */
    bool angle;
};

struct header { /* a file under one name */
    const char *path;
    const struct source *src; /* NULL: it cannot be read */
    struct file_id *file;
    bool annotated, once;
    struct include *include;
    size_t n;
    size_t visit; /* the last walk that came by */
};

struct merge {
    struct arena *a;
    const struct source *main;
    struct words dirs;
    size_t ndirs; /* of them those of -I */
    struct header **header;
    size_t nheaders;
    struct file_id **file;
    size_t nfiles;
    size_t visits;
    bool angles; /* what leads to a wanted file is put in its place, too */
    struct piece *piece;
    size_t npieces;
    struct buf text;
    bool odd; /* it cannot be done */
};

struct found {
    const char *path; /* as the preprocessor names it */
    const char *name; /* as the source would have to write it; NULL: it cannot */
};

static bool is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* is the directive one of those that matter? */
static bool directive_read(struct arena *a, const struct source *src, struct span at,
                           struct include *out)
{
    const char *p = src->text + at.at, *end = src->text + at.end, *close;

    *out = (struct include){.at = at};
    p += 1 + strspn(p + 1, " \t");
    if (strncmp(p, "pragma", 6) == 0)
        return strncmp(p + 6 + strspn(p + 6, " \t"), "once", 4) == 0;
    if (strncmp(p, "include", 7) != 0)
        return false;
    p += 7 + strspn(p + 7, " \t");
    if (p >= end || (*p != '"' && *p != '<'))
        return false;
    out->angle = *p == '<';
    close = memchr(p + 1, out->angle ? '>' : '"', (size_t)(end - p) - 1);
    out->name = close ? arena_copy(a, p + 1, (size_t)(close - p) - 1) : NULL;
    return close != NULL;
}

/* the folder of a name with its slash, "" for none */
static const char *folder_of(struct arena *a, const char *name)
{
    return arena_copy(a, name, (size_t)(fs_base(name) - name));
}

/* in the first n of the folders */
static struct found find_in_dirs(struct merge *m, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        const char *path = arena_printf(m->a, "%s/%s", m->dirs.word[i], name);
        if (is_file(path))
            return (struct found){path, name};
    }
    return (struct found){NULL, NULL};
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
    return find_in_dirs(m, m->dirs.n, name);
}

/* ---- files ----------------------------------------------------------------------------------- */

static struct file_id *file_of(struct merge *m, const char *path)
{
    struct file_id *file;
    struct stat st = {0};

    stat(path, &st);
    for (size_t i = 0; st.st_ino && i < m->nfiles; i++)
        if (m->file[i]->device == st.st_dev && m->file[i]->inode == st.st_ino)
            return m->file[i];
    file = arena_alloc(m->a, sizeof *file);
    *arena_push(m->a, m->file, m->nfiles) = file;
    *file = (struct file_id){.device = st.st_dev, .inode = st.st_ino};
    return file;
}

static struct header *header_add(struct merge *m, const char *path, const struct source *src)
{
    struct header *h = arena_alloc(m->a, sizeof *h);
    const struct tokens *ts;

    *arena_push(m->a, m->header, m->nheaders) = h;
    h->path = path;
    h->file = file_of(m, path);
    if (!src || memchr(src->text, '\0', src->len))
        return h;
    h->src = src;
    h->annotated = src != m->main && annotations_find(m->a, src)->nannotations;
    ts = scan_tokens(m->a, src);
    for (size_t t = 0; t < ts->n; t++) {
        struct include found;
        if (ts->token[t].kind != TOKEN_DIRECTIVE ||
            !directive_read(m->a, src, ts->token[t].span, &found))
            continue;
        h->once |= !found.name;
        *arena_push(m->a, h->include, h->n) = found;
    }
    return h;
}

static struct header *header_of(struct merge *m, const char *path)
{
    for (size_t i = 0; i < m->nheaders; i++)
        if (strcmp(m->header[i]->path, path) == 0)
            return m->header[i];
    return header_add(m, path, source_read(m->a, path, NULL));
}

/* what the directive of h means; `own` is how the source writes h's name */
static struct found find_include(struct merge *m, const struct header *h, const char *own,
                                 const struct include *i)
{
    if (!i->name)
        return (struct found){NULL, NULL};
    return i->angle ? find_in_dirs(m, m->ndirs, i->name) : find(m, h->path, own, i->name);
}

enum goal {
    GOAL_ANNOTATED, /* by quotes, to a file that has annotations */
    GOAL_WANTED     /* in any way, to a wanted one */
};

static bool walk(struct merge *m, struct header *h, const char *own, enum goal goal, int depth)
{
    if (!h->src || h->visit == m->visits)
        return false;
    h->visit = m->visits;
    if (goal == GOAL_ANNOTATED ? h->annotated : h->file->wanted)
        return true;
    for (size_t i = 0; i < h->n && depth < DEPTH_MOST; i++) {
        struct found f = {NULL, NULL};
        if (goal == GOAL_WANTED || !h->include[i].angle)
            f = find_include(m, h, own, &h->include[i]);
        if (f.path && walk(m, header_of(m, f.path), f.name, goal, depth + 1))
            return true;
    }
    return false;
}

/* is the file the goal, or does one lead to it that it includes? */
static bool leads_to(struct merge *m, struct header *h, const char *own, enum goal goal, int depth)
{
    m->visits++;
    return walk(m, h, own, goal, depth);
}

/* does the header that an #include means stand in its place? */
static bool is_merged(struct merge *m, struct header *h, const char *own, bool angle, int depth)
{
    if (!angle && leads_to(m, h, own, GOAL_ANNOTATED, depth))
        return true;
    /* annotations of what is never included by quotes do not count, so its text stays out */
    if (!m->angles || (angle && h->annotated && !h->file->wanted))
        return false;
    return leads_to(m, h, own, GOAL_WANTED, depth);
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

static void append_directive(struct merge *m, struct header *h, const char *own,
                             const struct include *i, int depth)
{
    bool inner = h->src != m->main;
    struct found f = find_include(m, h, own, i);
    struct header *to = f.path ? header_of(m, f.path) : NULL;

    if (inner && !i->name) {
        buf_adds(&m->text, "#");
    } else if (to && to->src && is_merged(m, to, f.name, i->angle, depth)) {
        if (!to->file->here)
            append_header(m, to, f.name, h->src, i->at, depth);
        else if (to->once)
            buf_adds(&m->text, "#");
        else
            buf_addf(&m->text, "#include \"%s\"", f.name);
    } else if (inner && f.path && !i->angle) {
        struct found seen = find(m, m->main->path, "", f.name);
        m->odd |= !seen.path || strcmp(seen.path, f.path) != 0;
        buf_addf(&m->text, "#include \"%s\"", f.name);
    } else {
        buf_add(&m->text, h->src->text + i->at.at, i->at.end - i->at.at);
    }
}

static void append_file(struct merge *m, struct header *h, const char *own, int depth)
{
    size_t at = 0;

    h->file->here = true;
    m->odd |= depth >= DEPTH_MOST;
    begin_piece(m, h->src, 0);
    for (size_t i = 0; i < h->n && !m->odd; i++) {
        struct span s = h->include[i].at;
        buf_add(&m->text, h->src->text + at, s.at - at);
        append_directive(m, h, own, &h->include[i], depth);
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
            if (b == 0)
                m->ndirs = m->dirs.n;
        }
}

/* the text from its beginning; NULL where it cannot be made */
static const struct source *merge_text(struct merge *m, struct header *whole)
{
    struct source *merged;

    m->piece = NULL;
    m->npieces = 0;
    m->odd = false;
    for (size_t i = 0; i < m->nfiles; i++)
        m->file[i]->here = false;
    buf_init(&m->text, BUF_LIMIT);
    append_file(m, whole, fs_base(whole->path), 0);
    merged = source_text(m->a, whole->path, buf_text(&m->text), m->text.len);
    merged->piece = m->piece;
    merged->npieces = m->npieces;
    buf_release(&m->text);
    return m->odd ? NULL : merged;
}

/* notes which files that stand in the text have a #pragma once; is there one? */
static bool find_wanted(struct merge *m)
{
    bool any = false;

    for (size_t i = 0; i < m->nheaders; i++) {
        struct header *h = m->header[i];
        h->file->wanted |= h->file->here && h->once && h->src != m->main;
        any |= h->file->wanted;
    }
    return any;
}

const struct source *headers_merge(struct arena *a, const struct command *c,
                                   const struct source *src)
{
    struct merge m = {.a = a, .main = src};
    const struct source *merged, *again;
    struct header *whole;

    add_dirs(&m, c);
    whole = header_add(&m, src->path, src);
    if (!whole->src || !leads_to(&m, whole, fs_base(src->path), GOAL_ANNOTATED, 0))
        return src;
    merged = merge_text(&m, whole);
    m.angles = merged && find_wanted(&m);
    again = m.angles ? merge_text(&m, whole) : NULL;
    return again ? again : merged ? merged : src;
}
