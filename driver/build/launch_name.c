#include "driver/build/launch_name.h"

#include <string.h>
#include "driver/build/copy_check.h"
#include "driver/lang/block.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

struct path { /* namespaces, outermost first; inline and anonymous ones left out */
    const char *const *name;
    size_t n;
};

static struct path path_of(const struct copy *c, size_t scope)
{
    struct path p;

    p.name = scope_path(c->arena, c->spec->file->decls, scope, &p.n);
    return p;
}

/* is p the first n names of `from`, and then all of `via`? */
static bool is_joined(const struct path *p, const struct path *from, size_t n,
                      const struct path *via)
{
    if (p->n != n + via->n)
        return false;
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->name[i], i < n ? from->name[i] : via->name[i - n]) != 0)
            return false;
    return true;
}

static struct path entry_path(const struct copy *c)
{
    const struct decl *d = spec_decl(c->spec);

    return d ? path_of(c, d->scope) : (struct path){NULL, 0};
}

static bool is_function(const struct copy *c, const struct decl *d)
{
    return d->kind == DECL_FUNCTION && strcmp(d->name, c->spec->name) == 0;
}

/* does the joined path have a function of the entry's name? */
static bool declares(const struct copy *c, const struct path *from, size_t n,
                     const struct path *via)
{
    const struct decls *decls = c->spec->file->decls;

    for (size_t i = 0; i < decls->n; i++) {
        struct path p;
        if (!is_function(c, &decls->decl[i]))
            continue;
        p = path_of(c, decls->decl[i].scope);
        if (is_joined(&p, from, n, via))
            return true;
    }
    return false;
}

static bool is_inline_namespace(const struct copy *c, const struct token *t)
{
    const struct decls *decls = c->spec->file->decls;

    for (size_t i = 1; i < decls->nscopes; i++)
        if (decls->scope[i].is_inline && decls->scope[i].name &&
            lex_is(c->spec->file->src, t, decls->scope[i].name))
            return true;
    return false;
}

/* the qualifiers before the name at token[t]; false when they are none of namespaces */
static bool qualifiers(const struct copy *c, const struct token *token, size_t t, size_t *first,
                       bool *global, struct path *via)
{
    const struct source *src = c->spec->file->src;
    const char **names = NULL;
    size_t n = 0;

    *global = false;
    for (*first = t; *first > 0 && lex_is(src, &token[*first - 1], "::"); *first -= 2) {
        if (*first < 2 || token[*first - 2].kind != TOKEN_NAME ||
            lex_is(src, &token[*first - 2], "return") || lex_is(src, &token[*first - 2], "else")) {
            *global = true;
            *first -= 1;
            if (*first > 0 && lex_punct(src, &token[*first - 1], '>'))
                return false;
            break;
        }
        if (!is_inline_namespace(c, &token[*first - 2]))
            *arena_push(c->arena, names, n) = source_copy(c->arena, src, token[*first - 2].span);
    }
    for (size_t i = 0; i < n / 2; i++) {
        const char *swap = names[i];
        names[i] = names[n - 1 - i];
        names[n - 1 - i] = swap;
    }
    *via = (struct path){names, n};
    return true;
}

/* The token behind `namespace NAME =` before byte `at`, in whatever block; 0 where there is none.
 */
static size_t alias_of(const struct tokens *ts, const char *name, size_t at)
{
    size_t found = 0;

    for (size_t t = 0; t + 3 < ts->n && ts->token[t].span.at < at; t++)
        if (token_is(ts, t, "namespace") && token_is(ts, t + 1, name) &&
            lex_punct(ts->src, &ts->token[t + 2], '='))
            found = t + 3;
    return found;
}

/* The first name becomes the path that it is an alias of, which may begin with one that came
 * before. */
static void resolve_alias(const struct copy *c, size_t at, struct path *via, bool *global)
{
    const struct tokens *ts = c->spec->file->tokens;
    size_t from;

    while (via->n && !*global && (from = alias_of(ts, via->name[0], at))) {
        const char **names = NULL;
        size_t n = 0;
        *global = lex_is(ts->src, &ts->token[from], "::");
        at = ts->token[from - 3].span.at;
        for (; from < ts->n && !lex_punct(ts->src, &ts->token[from], ';'); from++)
            if (ts->token[from].kind == TOKEN_NAME && !is_inline_namespace(c, &ts->token[from]))
                *arena_push(c->arena, names, n) =
                    source_copy(c->arena, ts->src, ts->token[from].span);
        for (size_t i = 1; i < via->n; i++)
            *arena_push(c->arena, names, n) = via->name[i];
        *via = (struct path){names, n};
    }
}

/* does a `using` before byte `at` say the entry's name, or its namespace's? */
static bool is_used(const struct copy *c, size_t at, const struct path *own)
{
    const struct tokens *ts = c->spec->file->tokens;

    for (size_t i = 0; i + 1 < ts->n && ts->token[i].span.at < at; i++) {
        if (!token_is(ts, i, "using"))
            continue;
        for (size_t k = i + 1; k + 1 < ts->n && !lex_punct(ts->src, &ts->token[k], ';'); k++)
            if (token_is(ts, k, c->spec->name) ||
                (own->n && token_is(ts, k, own->name[own->n - 1])))
                return true;
    }
    return false;
}

static bool is_alias(const struct copy *c, const char *name)
{
    const struct decls *decls = c->spec->file->decls;

    for (size_t i = 0; i < decls->n; i++)
        if (decls->decl[i].kind == DECL_ALIAS && strcmp(decls->decl[i].name, name) == 0)
            return true;
    return false;
}

/* is every function of the name in the entry's namespace? */
static bool is_only_one(const struct copy *c, const struct path *own)
{
    const struct decls *decls = c->spec->file->decls;

    for (size_t i = 0; i < decls->n; i++) {
        struct path p;
        if (!is_function(c, &decls->decl[i]))
            continue;
        p = path_of(c, decls->decl[i].scope);
        if (!is_joined(&p, own, own->n, &(struct path){NULL, 0}))
            return false;
    }
    return true;
}

enum launch_whose launch_name(const struct copy *c, const struct token *token, size_t t, size_t at,
                              size_t *first)
{
    const struct file *f = c->spec->file;
    struct path own = entry_path(c), from = path_of(c, blocks_scope(f, at)), via;
    bool global;

    if (!qualifiers(c, token, t, first, &global, &via))
        return LAUNCH_OTHER;
    if (*first > 0 &&
        (lex_punct(f->src, &token[*first - 1], '.') || lex_is(f->src, &token[*first - 1], "->")))
        return LAUNCH_OTHER;
    resolve_alias(c, at, &via, &global);
    for (size_t n = global ? 0 : from.n;; n--) {
        if (declares(c, &from, n, &via))
            return is_joined(&own, &from, n, &via) ? LAUNCH_OURS : LAUNCH_OTHER;
        if (n == 0)
            break;
    }
    if (via.n)
        return is_alias(c, via.name[0]) ? LAUNCH_UNCLEAR : LAUNCH_OTHER;
    if (global)
        return LAUNCH_OTHER;
    return is_used(c, at, &own) && is_only_one(c, &own) ? LAUNCH_OURS : LAUNCH_UNCLEAR;
}

const struct decl **launch_overloads(const struct copy *c, size_t *n)
{
    const struct decls *decls = c->spec->file->decls;
    const struct path own = entry_path(c), none = {NULL, 0};
    const struct decl **list = NULL;

    *n = 0;
    for (size_t i = 0; i < decls->n; i++) {
        const struct decl *d = &decls->decl[i];
        struct path p;
        bool known = false;
        if (!is_function(c, d) || copy_is_specialisation(c, d) || copy_same_parameters(c, d))
            continue;
        p = path_of(c, d->scope);
        for (size_t k = 0; k < *n; k++)
            known |= copy_alike(c, list[k], d);
        if (!known && is_joined(&p, &own, own.n, &none))
            *arena_push(c->arena, list, *n) = d;
    }
    return list;
}
