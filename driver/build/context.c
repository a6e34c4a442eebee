/* driver/build/context.c
 *
 * Which declarations does a region depend on? Deciding that exactly takes a C++ compiler; taking
 * too much only costs a search that was not needed. So names are all that counts: starting from
 * every name in the region and its clauses, each declaration of a user file that declares one of
 * the names is taken, whole, and its names are added, until nothing new comes. Overloads and
 * redeclarations share their name; members come with their class, or by the class's name where they
 * are defined outside of it. What works without being named is always taken: operators, `using`,
 * pragmas; a full specialisation is taken with any name in its head. What the scanner made no sense
 * of is taken with any name at all.
 *
 * The text is preprocessed: macros are expanded, branches chosen. Lines of system and toolkit
 * headers are dropped before anything is scanned, which makes a megabyte of them cost nothing. */
#include "driver/build/context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/build/intern.h"
#include "driver/build/marker.h"
#include "driver/lang/scan.h"
#include "runtime/base/fs.h"

struct line { /* where a line of the reduced text comes from */
    const char *file;
    int row;
};

struct names { /* name -> what is known of it */
    struct intern texts;
    struct name {
        const char *path; /* a file: its name without escapes */
        bool wanted;      /* an identifier: is it; a file: is it the user's */
        size_t *decl, ndecls;
    } * name; /* beside the texts */
    size_t n;
};

struct work {
    struct arena *a;
    const struct context *c;
    struct buf text;
    struct line *line;
    size_t nlines;
    const struct tokens *tokens;
    const struct decls *decls;
    bool *taken;    /* one a token */
    bool *has_decl; /* one a declaration */
    size_t mark;    /* the first token behind the source */
    struct names names, files;
    size_t *todo, ntodo; /* names whose declarations are to be taken */
    size_t done;
};

/* ---- names ----------------------------------------------------------------------------------- */

/* its index, made when there is none; then n->n is one more */
static size_t name_of(struct arena *a, struct names *n, const char *text, size_t len)
{
    size_t at = intern(a, &n->texts, text, len);

    if (at == n->n)
        (void)arena_push(a, n->name, n->n);
    return at;
}

/* ---- the user's lines ------------------------------------------------------------------------ */

/* A third party's headers are the user's choice, even where the build calls them system headers.
 * The toolkit's come under many names (bin/.., targets/.., the version's own folder): real paths
 * tell. */
static bool is_user_file(const struct context *c, const char *path, bool system)
{
    char *real;
    bool user = true;

    if (path[0] == '<' || fs_is_below(path, "/usr/include") || fs_is_below(path, "/usr/lib"))
        return false;
    if (system && (strstr(path, "/include/c++/") || strstr(path, "/lib/gcc/")))
        return false;
    real = realpath(path, NULL);
    for (const char *const *dir = c->foreign; real && *dir; dir++)
        user &= !fs_is_below(real, *dir);
    free(real);
    return user;
}

static const struct name *file_of(struct work *w, const struct marker *m)
{
    size_t before = w->files.n;
    size_t at = name_of(w->a, &w->files, m->name, m->name_len);
    struct name *file = &w->files.name[at];

    if (w->files.n > before) {
        file->path = marker_name(w->a, m);
        file->wanted = is_user_file(w->c, file->path, m->system);
    }
    return file;
}

static void reduce(struct work *w, const char *text, size_t len)
{
    const char *end = text + len, *after, *file = "";
    bool user = false;
    long row = 1;

    for (const char *at = text; at < end; at = after + 1) {
        struct marker m;

        after = memchr(at, '\n', (size_t)(end - at));
        after = after ? after : end;
        if (*at == '#' && marker_read(at, after, &m)) {
            const struct name *f = file_of(w, &m);
            file = f->path;
            user = f->wanted;
            row = m.line;
            continue;
        }
        if (user) {
            buf_add(&w->text, at, (size_t)(after - at));
            buf_addc(&w->text, '\n');
            *arena_push(w->a, w->line, w->nlines) = (struct line){file, (int)row};
        }
        row++;
    }
}

/* ---- taking ---------------------------------------------------------------------------------- */

static size_t token_name(struct work *w, size_t t)
{
    struct span s = w->tokens->token[t].span;

    return name_of(w->a, &w->names, w->tokens->src->text + s.at, s.end - s.at);
}

static bool is_punct(const struct work *w, size_t t, const char *text)
{
    const struct token *k = &w->tokens->token[t];

    return k->kind == TOKEN_PUNCT && k->span.end - k->span.at == strlen(text) &&
           memcmp(w->tokens->src->text + k->span.at, text, strlen(text)) == 0;
}

static void take_token(struct work *w, size_t t)
{
    size_t name;

    if (w->taken[t])
        return;
    w->taken[t] = true;
    if (w->tokens->token[t].kind != TOKEN_NAME)
        return;
    name = token_name(w, t);
    if (!w->names.name[name].wanted) {
        w->names.name[name].wanted = true;
        *arena_push(w->a, w->todo, w->ntodo) = name;
    }
}

static void take_decl(struct work *w, size_t d)
{
    const struct decl *decl = &w->decls->decl[d];

    if (w->has_decl[d])
        return;
    w->has_decl[d] = true;
    for (size_t t = decl->first; t < decl->last && t < w->tokens->n; t++)
        take_token(w, t);
    if (decl->kind != DECL_ENUMERATOR)
        return;
    /* its value may follow from its neighbours': the whole enumeration */
    for (size_t i = 0; i < w->decls->n; i++) {
        const struct decl *type = &w->decls->decl[i];
        if (type->kind == DECL_TYPE && type->first <= decl->first && decl->last <= type->last)
            take_decl(w, i);
    }
}

static void declare(struct work *w, size_t name, size_t d)
{
    struct name *n = &w->names.name[name];

    *arena_push(w->a, n->decl, n->ndecls) = d;
}

/* every name in the tokens [first, last) brings declaration d */
static void declare_all(struct work *w, size_t first, size_t last, size_t d)
{
    for (size_t t = first; t < last; t++) {
        if (w->tokens->token[t].kind == TOKEN_NAME)
            declare(w, token_name(w, t), d);
    }
}

static bool in_class(const struct work *w, const struct decl *d)
{
    for (size_t s = d->scope; s; s = w->decls->scope[s].parent) {
        if (w->decls->scope[s].is_class)
            return true;
    }
    return false;
}

/* first token at or behind byte `at` in the declaration */
static size_t token_at(const struct work *w, const struct decl *d, size_t at)
{
    size_t t = d->first;

    while (t < d->last && w->tokens->token[t].span.at < at)
        t++;
    return t;
}

static bool is_full_specialisation(const struct work *w, const struct decl *d)
{
    return d->last - d->first > 3 && token_is(w->tokens, d->first, "template") &&
           is_punct(w, d->first + 1, "<") && is_punct(w, d->first + 2, ">");
}

/* #pragma lines about messages say nothing of the code */
static bool is_silent_pragma(const struct work *w, const struct decl *d)
{
    struct span s = w->tokens->token[d->first].span;
    const char *text = w->tokens->src->text + s.at;
    size_t n = s.end - s.at;

    return memmem(text, n, "diag", 4) || memmem(text, n, "message", 7) ||
           memmem(text, n, "ksearch", 7) || memmem(text, n, "GCC warning", 11);
}

/* says which names bring declaration d, or takes it at once */
static void enter_decl(struct work *w, size_t d)
{
    const struct decl *decl = &w->decls->decl[d];
    size_t name = token_at(w, decl, decl->name_at.at);

    if (decl->kind == DECL_OTHER) {
        enum token_kind first = w->tokens->token[decl->first].kind;
        if (first == TOKEN_ANNOTATION)
            return;
        if (first == TOKEN_DIRECTIVE ? !is_silent_pragma(w, decl)
                                     : token_is(w->tokens, decl->first, "using"))
            take_decl(w, d);
        else
            declare_all(w, decl->first, decl->last, d);
        return;
    }
    if (strcmp(decl->name, "operator") == 0) {
        take_decl(w, d);
        return;
    }
    if (*decl->name)
        declare(w, name_of(w->a, &w->names, decl->name, strlen(decl->name)), d);
    if (is_full_specialisation(w, decl) || (name > decl->first && is_punct(w, name - 1, "::")))
        declare_all(w, decl->first, decl->body.at ? token_at(w, decl, decl->body.at) : decl->last,
                    d);
    if (!*decl->name) /* a type without a name: its enumerators and members are all there is */
        declare_all(w, decl->first, decl->last, d);
}

static bool is_mark(const struct work *w, size_t t)
{
    static const size_t n = sizeof CONTEXT_MARK - 1;
    struct span s = w->tokens->token[t].span;

    return w->tokens->token[t].kind == TOKEN_NAME && s.end - s.at > n &&
           memcmp(w->tokens->src->text + s.at, CONTEXT_MARK, n) == 0;
}

static size_t find_mark(const struct work *w)
{
    size_t t = 0;

    while (t + 1 < w->tokens->n && !is_mark(w, t))
        t++;
    return t;
}

static void take_clauses(struct work *w)
{
    char mark[sizeof CONTEXT_MARK + 24];
    bool ours = false;

    snprintf(mark, sizeof mark, CONTEXT_MARK "%zu", w->c->entry);
    for (size_t t = w->mark; t + 1 < w->tokens->n; t++) {
        if (is_mark(w, t))
            ours = token_is(w->tokens, t, mark);
        else if (ours)
            take_token(w, t);
    }
}

static void take_region(struct work *w)
{
    const struct source *src = w->tokens->src;
    size_t l = 0;

    for (size_t t = 0; t < w->mark; t++) {
        while (l + 1 < src->lines && src->line[l + 1] <= w->tokens->token[t].span.at)
            l++;
        if (l < w->nlines && w->line[l].row >= w->c->first_row &&
            w->line[l].row <= w->c->last_row && strcmp(w->line[l].file, w->c->source) == 0)
            take_token(w, t);
    }
}

static void take_all(struct work *w)
{
    for (size_t d = 0; d < w->decls->n; d++) {
        const struct decl *decl = &w->decls->decl[d];
        if (decl->first < decl->last && decl->last <= w->mark && !in_class(w, decl))
            enter_decl(w, d);
    }
    take_region(w);
    take_clauses(w);
    while (w->done < w->ntodo) {
        struct name *n = &w->names.name[w->todo[w->done++]];
        size_t *decl = n->decl, ndecls = n->ndecls; /* names may move while one is taken */
        for (size_t i = 0; i < ndecls; i++)
            take_decl(w, decl[i]);
    }
}

/* ---- hashing --------------------------------------------------------------------------------- */

/* a string that holds the path of the file it stands in, as __FILE__ made it: only the last part of
 * the path */
static bool hash_file_name(struct hasher *h, const char *text, size_t n, const char *file)
{
    struct buf quoted;
    bool same;

    buf_init(&quoted, BUF_LIMIT);
    buf_addc(&quoted, '"');
    marker_quote(&quoted, file);
    buf_addc(&quoted, '"');
    same = *file && quoted.len == n && memcmp(quoted.data, text, n) == 0;
    buf_release(&quoted);
    if (same)
        hasher_string(h, fs_base(file));
    return same;
}

void context_hash_token(struct hasher *h, enum token_kind kind, const char *text, size_t n)
{
    struct buf b;

    hasher_number(h, kind);
    if (kind != TOKEN_DIRECTIVE) {
        hasher_field(h, text, n);
        return;
    }
    buf_init(&b, BUF_LIMIT);
    for (size_t i = 0; i < n; i++) {
        bool blank = strchr(" \t\r\n\\", text[i]) != NULL;
        if (!blank)
            buf_addc(&b, text[i]);
        else if (b.len && b.data[b.len - 1] != ' ')
            buf_addc(&b, ' ');
    }
    hasher_field(h, buf_text(&b), b.len);
    buf_release(&b);
}

static struct hash hash_taken(struct work *w)
{
    const struct source *src = w->tokens->src;
    struct hasher *h = hasher_new();
    size_t l = 0;

    for (size_t t = 0; t + 1 < w->tokens->n; t++) {
        const struct token *token = &w->tokens->token[t];
        const char *text = src->text + token->span.at;
        size_t n = token->span.end - token->span.at;

        if (!w->taken[t] || token->kind == TOKEN_ANNOTATION)
            continue;
        while (l + 1 < src->lines && src->line[l + 1] <= token->span.at)
            l++;
        if (token->kind != TOKEN_STRING || l >= w->nlines ||
            !hash_file_name(h, text, n, w->line[l].file))
            context_hash_token(h, token->kind, text, n);
    }
    return hasher_end(h);
}

/* ---- for people ------------------------------------------------------------------------------ */

enum { DIGITS = 16, VALUE_MOST = 80 };

struct taken_file {
    const char *name;
    struct hasher *hasher;
};

static struct hasher *file_hasher(struct work *w, struct taken_file **files, size_t *n,
                                  const char *path)
{
    struct taken_file *f = *files;

    for (size_t i = 0; i < *n; i++)
        if (strcmp(f[i].name, fs_base(path)) == 0)
            return f[i].hasher;
    f = arena_push(w->a, *files, *n);
    *f = (struct taken_file){fs_base(path), hasher_new()};
    return f->hasher;
}

/* adds a constant whose value is short; then its tokens count in no file */
static void add_constant(struct work *w, const struct decl *d, json_t *constants)
{
    const struct source *src = w->tokens->src;
    const char *text = src->text + d->value.at;
    size_t n = d->value.end - d->value.at;

    for (size_t i = 0; i < n; i++)
        if (text[i] < ' ' || text[i] == 0x7f) /* no ASCII, or on several lines */
            return;
    if (d->kind != DECL_VARIABLE || !n || n > VALUE_MOST || !*d->name ||
        !(d->is_constexpr || token_is(w->tokens, d->first, "const")))
        return;
    json_object_set_new(constants, d->name, json_stringn(text, n));
    for (size_t t = d->first; t < d->last && t < w->tokens->n; t++)
        w->taken[t] = false;
}

static bool in_region(const struct work *w, const struct line *l)
{
    return l->row >= w->c->first_row && l->row <= w->c->last_row &&
           strcmp(l->file, w->c->source) == 0;
}

static json_t *describe_taken(struct work *w)
{
    json_t *files = json_object(), *constants = json_object();
    const struct source *src = w->tokens->src;
    struct taken_file *taken = NULL;
    size_t n = 0, l = 0;
    char hex[65];

    for (size_t d = 0; d < w->decls->n; d++)
        if (w->has_decl[d])
            add_constant(w, &w->decls->decl[d], constants);
    for (size_t t = 0; t < w->mark; t++) {
        const struct token *token = &w->tokens->token[t];
        while (l + 1 < src->lines && src->line[l + 1] <= token->span.at)
            l++;
        if (w->taken[t] && token->kind != TOKEN_ANNOTATION && l < w->nlines &&
            !in_region(w, &w->line[l]))
            context_hash_token(file_hasher(w, &taken, &n, w->line[l].file), token->kind,
                               src->text + token->span.at, token->span.end - token->span.at);
    }
    for (size_t i = 0; i < n; i++) {
        struct hash h = hasher_end(taken[i].hasher);
        hash_hex(&h, hex);
        hex[DIGITS] = 0;
        json_object_set_new(files, taken[i].name, json_string(hex));
    }
    return json_pack("{s:o, s:o}", "files", files, "constants", constants);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void work_open(struct work *w, const struct context *c, const char *text, size_t len)
{
    *w = (struct work){.a = arena_new(), .c = c};
    buf_init(&w->text, BUF_LIMIT);
    reduce(w, text, len);
    w->tokens = scan_tokens(w->a, source_wrap(w->a, "", buf_text(&w->text), w->text.len));
    w->decls = scan_decls(w->a, w->tokens);
    w->mark = find_mark(w);
    w->taken = arena_array(w->a, bool, w->tokens->n + 1);
    w->has_decl = arena_array(w->a, bool, w->decls->n + 1);
    take_all(w);
}

static void work_close(struct work *w)
{
    buf_release(&w->text);
    arena_free(w->a);
}

struct hash context_hash(const struct context *c, const char *text, size_t len, size_t *lines)
{
    struct work w;
    struct hash hash;

    work_open(&w, c, text, len);
    hash = hash_taken(&w);
    if (lines)
        *lines = w.nlines;
    work_close(&w);
    return hash;
}

json_t *context_made_of(const struct context *c, const char *text, size_t len)
{
    struct work w;
    json_t *made_of;

    work_open(&w, c, text, len);
    made_of = describe_taken(&w);
    work_close(&w);
    return made_of;
}
