/* block.c - from annotation lines to blocks and regions.
 *
 * A line of clauses belongs to the next function behind it in its namespace; lines that belong to
 * the same function are one block, whatever stands between them. begin and end are lines of their
 * own. An annotation counts only at namespace scope: inside a class or a body the function around
 * it would not be what its author means. */
#include "driver/lang/block.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"
#include "runtime/base/error.h"

enum { USED_LIMIT = 64 << 20 };

struct reader {
    struct file *file;
    const struct gpu *gpu;
    struct diag *diag;
    struct blocks *out;
    size_t inside; /* the declaration that was last reported to have an annotation inside; or
                      SIZE_MAX */
    size_t scope, next_scope, next_decl, widest, function; /* how far the file was walked */
    size_t open; /* the region that is open, or SIZE_MAX */
    size_t used; /* bytes that use() has read */
};

static bool contains(struct span outer, size_t at)
{
    return outer.at <= at && at < outer.end;
}

/* The places that are asked about come in the order of the file, and scopes and declarations are in
 * that order too: so all of them are passed once, not once for every annotation. */

/* index of the innermost namespace around a place */
static size_t scope_around(struct reader *r, size_t at)
{
    const struct decls *decls = r->file->decls;

    while (r->next_scope < decls->nscopes && decls->scope[r->next_scope].body.at <= at)
        r->scope = r->next_scope++;
    while (r->scope != 0 && !contains(decls->scope[r->scope].body, at))
        r->scope = decls->scope[r->scope].parent;
    return r->scope;
}

/* where the inside of a declaration begins: the head of a function is no inside, as an annotation
 * may stand behind `template <...>` */
static size_t inside_of(const struct decl *d)
{
    return d->kind == DECL_FUNCTION ? d->name_at.at : d->span.at;
}

size_t blocks_scope(const struct file *f, size_t at)
{
    struct reader r = {.file = (struct file *)f, .next_scope = 1};

    return scope_around(&r, at);
}

/* the declaration around a place, SIZE_MAX at namespace scope */
static size_t declaration_around(struct reader *r, size_t at)
{
    const struct decls *decls = r->file->decls;

    for (; r->next_decl < decls->n && inside_of(&decls->decl[r->next_decl]) < at; r->next_decl++)
        if (r->widest == SIZE_MAX ||
            decls->decl[r->next_decl].span.end > decls->decl[r->widest].span.end)
            r->widest = r->next_decl;
    return r->widest != SIZE_MAX && at < decls->decl[r->widest].span.end ? r->widest : SIZE_MAX;
}

/* the function that clauses ending at `end` are for, SIZE_MAX when their namespace closes first */
static size_t next_function(struct reader *r, size_t end)
{
    struct span scope = r->file->decls->scope[scope_around(r, end)].body;
    const struct decl *d;

    for (; r->function < r->file->decls->n; r->function++) {
        d = &r->file->decls->decl[r->function];
        if (d->kind == DECL_FUNCTION && d->name_at.at >= end)
            return d->name_at.at < scope.end ? r->function : SIZE_MAX;
    }
    return SIZE_MAX;
}

static struct block *block_for(struct reader *r, size_t decl, size_t at)
{
    struct block *b = r->out->n > 0 ? &r->out->block[r->out->n - 1] : NULL;

    if (b && b->decl == decl)
        return b;
    b = arena_push(r->file->arena, r->out->block, r->out->n);
    b->decl = decl;
    b->at = at;
    return b;
}

/* --- use --- */

/* Parses a file of clauses, each line of it (parentheses may carry it over many) as if it stood
 * behind #pragma ksearch; or, when it is written with pragmas, these. */
static int parse_used(struct reader *r, struct block *b, const struct source *src)
{
    struct span all = {0, src->len};
    struct tokens *tokens = scan_tokens(r->file->arena, src);
    struct span *bodies = NULL;
    size_t n = 0, ntokens, depth = 0, row = 0;
    struct token *token;
    int rc = 0;

    for (size_t t = 0; t < tokens->n; t++)
        if (tokens->token[t].kind == TOKEN_ANNOTATION)
            *arena_push(r->file->arena, bodies, n) = lex_annotation_body(src, &tokens->token[t]);
    token = lexer_all(r->file->arena, src, all, &ntokens);
    for (size_t t = 0, whole = n == 0; whole && t + 1 < ntokens; t++) {
        size_t here = (size_t)source_place(src, token[t].span.at).row;
        if (depth == 0 && here != row)
            arena_push(r->file->arena, bodies, n)->at = token[t].span.at;
        bodies[n - 1].end = token[t].span.end;
        depth += lex_punct(src, &token[t], '(');
        depth -= depth > 0 && lex_punct(src, &token[t], ')');
        row = here;
    }
    for (size_t i = 0; i < n; i++) {
        struct cursor c;
        cursor_init(&c, r->file->arena, r->diag, src, bodies[i]);
        c.end = "the end of the line";
        rc |= clauses_parse(&c, r->gpu, &b->clauses, &b->nclauses);
        if (rc && b->nclauses == CLAUSE_LIMIT)
            break; /* which was said, once */
    }
    return rc;
}

/* the clauses of the file that a use() names, put behind those of the block */
static int use_file(struct reader *r, struct block *b, struct clause use)
{
    const char *path = source_beside(r->file->arena, r->file->src, use.at.at, use.text);
    struct source *src;
    struct error err = {""};
    size_t before = b->nclauses;
    int rc;

    src = source_read(r->file->arena, path, &err);
    if (!src)
        return diag_error(r->diag, use.src, use.at.at, "use(\"%s\"): %s", use.text, err.text);
    *arena_push(r->file->arena, r->file->used, r->file->nused) = src;
    r->used += src->len;
    if (r->used > USED_LIMIT)
        return diag_error(r->diag, use.src, use.at.at,
                          "the files that use(...) names here have more than %d MiB in all",
                          USED_LIMIT >> 20);
    rc = parse_used(r, b, src);
    for (size_t i = before; i < b->nclauses; i++) {
        b->clauses[i].use_at = use.at;
        if (b->clauses[i].kind == CLAUSE_USE)
            rc = diag_error(r->diag, src, b->clauses[i].at.at,
                            "a file named by use() cannot use another");
    }
    return rc;
}

/* --- begin, end --- */

static void read_begin(struct reader *r, const struct token *annotation, size_t at,
                       const char *name, struct span name_at)
{
    struct region *open = r->open < SIZE_MAX ? &r->out->region[r->open] : NULL, *region;

    if (open) {
        diag_error(r->diag, r->file->src, at, "a region begins inside another");
        diag_note(r->diag, r->file->src, open->at, "that one begins here");
        open->broken = true;
    }
    r->open = r->out->nregions;
    region = arena_push(r->file->arena, r->out->region, r->out->nregions);
    region->at = at;
    region->name = name;
    region->name_at = name_at;
    region->inner.at = annotation->span.end;
    region->scope = scope_around(r, annotation->span.end);
}

static void read_end(struct reader *r, const struct token *annotation, size_t at, const char *name,
                     struct span name_at)
{
    const struct source *src = r->file->src;
    struct region *region;

    if (r->open == SIZE_MAX) {
        diag_error(r->diag, src, at, "'end' without a 'begin' before it");
        return;
    }
    region = &r->out->region[r->open];
    r->open = SIZE_MAX;
    region->ended = true;
    region->inner.end = annotation->span.at;
    if (name && (!region->name || strcmp(name, region->name) != 0)) {
        if (region->name)
            diag_error(r->diag, src, name_at.at, "this ends '%s', but the region is named '%s'",
                       name, region->name);
        else
            diag_error(r->diag, src, name_at.at, "this ends '%s', but the region has no name",
                       name);
        diag_note(r->diag, src, region->at, "it begins here");
    }
    if (region->scope != scope_around(r, region->inner.end)) {
        diag_error(r->diag, src, at, "a region must end in the namespace in which it begins");
        diag_note(r->diag, src, region->at, "it begins here");
    }
}

static void read_boundary(struct reader *r, struct cursor *c, const struct token *annotation)
{
    struct span word, name_at = {0, 0};
    bool begin = cursor_is(c, "begin");
    const char *name = NULL;

    cursor_name(c, "begin or end", &word);
    if (!cursor_at_end(c))
        name = cursor_name(c, "a name", &name_at);
    if (!c->failed && !cursor_at_end(c)) {
        cursor_error(c, cursor_peek(c)->span.at, "'%s' must stand alone in its line",
                     begin ? "begin" : "end");
        return;
    }
    if (c->failed)
        return;
    if (declaration_around(r, annotation->span.at) != SIZE_MAX)
        diag_error(r->diag, r->file->src, word.at, "a region must stand at namespace scope");
    else if (begin)
        read_begin(r, annotation, word.at, name, name_at);
    else
        read_end(r, annotation, word.at, name, name_at);
}

/* --- annotations --- */

static void read_clauses(struct reader *r, struct cursor *c, const struct token *annotation)
{
    size_t around = declaration_around(r, annotation->span.at), at = cursor_peek(c)->span.at;
    struct block *b;
    size_t n;

    if (around != SIZE_MAX) {
        if (around != r->inside) /* once for all the lines there */
            diag_error(r->diag, r->file->src, at, "an entry must stand at namespace scope: %s",
                       r->file->decls->decl[around].kind == DECL_TYPE
                           ? "annotate a function outside of the class that does this or calls it"
                           : "put the annotation above the function");
        r->inside = around;
        return;
    }
    b = block_for(r, next_function(r, annotation->span.end), at);
    if (b->full)
        return;
    n = b->nclauses;
    if (clauses_parse(c, r->gpu, &b->clauses, &b->nclauses))
        b->failed = true;
    b->full = b->failed && b->nclauses == CLAUSE_LIMIT; /* which was said, once */
    for (size_t end = b->nclauses; n < end; n++)
        if (b->clauses[n].kind == CLAUSE_USE && b->clauses[n].text &&
            (!b->clauses[n].is_on || b->clauses[n].holds) && use_file(r, b, b->clauses[n]))
            b->failed = true;
}

static void read_annotation(struct reader *r, const struct token *t)
{
    const struct source *src = r->file->src;
    struct cursor c;

    if (src->text[t->span.at] == 'K' && src->text[t->span.end - 1] != ')') {
        diag_error(r->diag, src, t->span.at, "KSEARCH( is never closed");
        return;
    }
    cursor_init(&c, r->file->arena, r->diag, src, lex_annotation_body(src, t));
    if ((cursor_is(&c, "begin") || cursor_is(&c, "end")) && !cursor_is_ahead(&c, 1, "("))
        read_boundary(r, &c, t);
    else
        read_clauses(r, &c, t);
}

/* Something with a body that is no declaration, between a block and the function that it would then
 * be for: a function whose head a macro writes. */
static const struct decl *hidden_function(const struct file *f, const struct block *b)
{
    size_t end = b->decl == SIZE_MAX ? f->src->len : f->decls->decl[b->decl].span.at;

    for (size_t i = 0; i < f->decls->n; i++) {
        const struct decl *d = &f->decls->decl[i];
        if (d->kind == DECL_OTHER && d->span.at > b->at && d->span.end <= end &&
            f->tokens->token[d->first].kind == TOKEN_NAME &&
            lex_punct(f->src, &f->tokens->token[d->last - 1], '}'))
            return d;
    }
    return NULL;
}

/* a block needs a function, with a body */
static void check_function(struct reader *r, struct block *b)
{
    const struct source *src = r->file->src;
    const struct decl *d = hidden_function(r->file, b);

    if (d) {
        diag_error(r->diag, src, b->at,
                   "the function below this ksearch block cannot be read: write its name and "
                   "parameters out, not by a macro");
        diag_note(r->diag, src, d->span.at, "it stands here");
        b->failed = true;
        return;
    }
    if (b->decl == SIZE_MAX) {
        diag_error(r->diag, src, b->at, "no function follows this ksearch block");
        b->failed = true;
        return;
    }
    d = &r->file->decls->decl[b->decl];
    if (d->body.end > d->body.at)
        return;
    diag_error(r->diag, src, b->at,
               "'%s' is only declared below this ksearch block; put the block above its definition",
               d->name);
    diag_note(r->diag, src, d->name_at.at, "declared here");
    b->failed = true;
}

void blocks_read(struct file *f, const struct gpu *gpu, const bool *active, size_t nactive,
                 struct diag *d, struct blocks *out)
{
    struct reader r = {.file = f,
                       .gpu = gpu,
                       .diag = d,
                       .out = out,
                       .inside = SIZE_MAX,
                       .next_scope = 1,
                       .widest = SIZE_MAX,
                       .open = SIZE_MAX};
    size_t index = 0;

    memset(out, 0, sizeof *out);
    for (size_t t = 0; t < f->tokens->n; t++) {
        if (f->tokens->token[t].kind != TOKEN_ANNOTATION)
            continue;
        if (!active || index >= nactive || active[index])
            read_annotation(&r, &f->tokens->token[t]);
        index++;
    }
    for (size_t i = 0; i < out->n; i++)
        check_function(&r, &out->block[i]);
    for (size_t i = 0; i < out->nregions; i++)
        if (!out->region[i].ended && !out->region[i].broken)
            diag_error(d, f->src, out->region[i].at, "region is never ended");
}
