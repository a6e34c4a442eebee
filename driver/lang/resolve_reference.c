/* resolve_reference.c - what computes the right answers, where the original does not.
 *
 * The reference takes the entry's arguments, so all that has to be known of it is how it is called:
 * as a kernel with the entry's geometry or as a function, and whether it wants the stream that a
 * kernel's arguments do not hold. Its declarations in the annotated file, or in the one that it
 * comes from, tell; where there is none (it is in a header), it is a function that takes what the
 * entry takes, and the compiler has the last word. */
#include <string.h>
#include "driver/lang/lex.h"
#include "driver/lang/resolve.h"
#include "runtime/base/arena.h"
#include "runtime/base/error.h"

/* the file, read as part of the annotation; NULL, reported, when it is not there */
static struct file *reference_file(struct resolver *r, const struct clause *c, const char *path)
{
    struct file *f = arena_alloc(r->arena, sizeof *f);
    struct error err = {""};

    f->arena = r->arena;
    f->src = source_read(r->arena, path, &err);
    if (!f->src) {
        resolve_error(r, c, c->at.at, "reference(\"%s\", ...): %s", c->kind_text, err.text);
        return NULL;
    }
    f->tokens = scan_tokens(r->arena, f->src);
    f->decls = scan_decls(r->arena, f->tokens);
    *arena_push(r->arena, r->file->used, r->file->nused) = f->src;
    return f;
}

/* parameters of a function that is not ours; *stream: the last is one */
static size_t count_params(struct resolver *r, const struct file *f, const struct decl *d,
                           bool *stream)
{
    struct param_shape *shapes;
    struct spec probe = {.file = f, .name = d->name};

    signature_read(r->arena, f, d, &probe, &shapes);
    *stream = probe.nparams > 0 && probe.params[probe.nparams - 1].is_stream;
    return probe.nparams;
}

static void read_declarations(struct resolver *r, const struct file *f)
{
    struct spec *s = r->spec;
    const char *name = s->reference.symbol.text, *last = name;
    bool fits = false, stream;

    while ((name = strstr(last, "::")))
        last = name + 2;
    while (*last == ' ')
        last++;
    for (size_t i = 0; i < f->decls->n; i++) {
        const struct decl *d = &f->decls->decl[i];
        if (d->kind != DECL_FUNCTION || strcmp(d->name, last) != 0 ||
            d->name_at.at == s->name_at.at)
            continue;
        size_t n = count_params(r, f, d, &stream);
        s->reference.is_kernel |= d->is_global;
        s->reference.is_template |= d->is_template;
        s->reference.takes_stream |= n == s->nparams + 1 && stream;
        fits |= n == s->nparams;
    }
    s->reference.takes_stream &= !fits;
}

/* what stands before `::`: nothing, or one of the entry's namespaces? */
static bool is_scope(const struct resolver *r, const struct source *src, const struct token *t)
{
    bool is = t->kind != TOKEN_NAME;

    for (size_t i = 0; i < r->spec->nns; i++)
        is |= r->spec->ns[i].name && lex_is(src, t, r->spec->ns[i].name);
    return is;
}

/* the entry's name must stand in call(...), as that is what the reference's takes the place of */
static bool call_mentions(struct resolver *r)
{
    const struct cxx *call = &r->spec->call;
    const struct source *src = source_wrap(r->arena, "", call->text, strlen(call->text));
    struct token first = {TOKEN_END, {0, 0}, 0}, last = first, t;
    struct lexer l;

    lexer_init(&l, src, (struct span){0, src->len}, true);
    for (t = lexer_next(&l); t.kind != TOKEN_END; first = last, last = t, t = lexer_next(&l))
        if (lex_is(src, &t, r->spec->name) && !lex_punct(src, &last, '.') &&
            !lex_is(src, &last, "->") && (!lex_is(src, &last, "::") || is_scope(r, src, &first)))
            return true;
    return false;
}

static int check_reference(struct resolver *r, const struct clause *c)
{
    struct spec *s = r->spec;

    if (s->reference.is_kernel && s->kind == ENTRY_HOST)
        return resolve_error(
            r, c, c->symbol.at.at,
            "'%s' is a kernel, and '%s' a host function: write a host function that "
            "launches it",
            c->symbol.text, s->name);
    if (s->call.text && !call_mentions(r))
        return resolve_error(
            r, c, c->symbol.at.at,
            "the reference takes the place of '%s' in call(...), which does not name "
            "it: let call(...) call the entry itself, or a function that does",
            s->name);
    return 0;
}

int resolve_reference(struct resolver *r)
{
    struct spec *s = r->spec;
    const struct clause *c = NULL;
    const struct file *f = r->file;

    for (size_t i = 0; i < r->nclauses; i++)
        if (r->clauses[i].kind == CLAUSE_REFERENCE)
            c = &r->clauses[i];
    if (!c)
        return 0;
    s->reference.kind = c->kind_text;
    if (!c->symbol.text)
        return 0;
    s->reference.symbol = resolve_place_cxx(r, c, c->symbol);
    if (*c->kind_text) {
        s->reference.path = source_beside(r->arena, r->file->src, c->use_at.at, c->kind_text);
        f = reference_file(r, c, s->reference.path);
        if (!f)
            return -1;
    }
    read_declarations(r, f);
    return check_reference(r, c);
}
