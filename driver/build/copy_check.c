/* copy_check.c - cases in which a renamed copy would not be a copy.
 *
 * State would be there twice, a function's other part is in another file, or the preprocessor lets
 * something depend on a tunable where no token says so. Each gives a sentence for the user, and the
 * caller a variant made by substitution instead. */
#include "driver/build/copy_check.h"

#include <string.h>
#include "driver/lang/directive.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

static const struct decl *decl_at(const struct copy *c, size_t i)
{
    return &c->uses->file->decls->decl[i];
}

static const struct token *token_at(const struct copy *c, size_t t)
{
    return &c->uses->file->tokens->token[t];
}

static const struct rename *copied_name(const struct copy *c, const char *name)
{
    return renames_find(&c->names, name, strlen(name));
}

bool copy_renames_token(const struct copy *c, size_t t)
{
    const struct source *src = c->uses->file->src;
    const struct token *k = token_at(c, t);
    const struct rename *r;
    bool ours;

    if (k->kind != TOKEN_NAME ||
        !(r = renames_find(&c->names, src->text + k->span.at, k->span.end - k->span.at)))
        return false;
    name_chain(src, c->uses->file->tokens->token, t, r, &ours);
    return ours;
}

/* names that are words of types count, those of parameters do not: a name is a parameter's when a
 * `,`, `=`, `[`, `)` or the end follows and something else than a comma came before it */
static size_t next_type_token(const struct copy *c, size_t t, struct span params)
{
    const struct source *src = c->uses->file->src;

    for (; token_at(c, t)->span.end <= params.end; t++) {
        const struct token *k = token_at(c, t), *next = k + 1;
        bool last = next->span.at >= params.end;
        if (k->kind == TOKEN_NAME && k->span.at > params.at && !lex_punct(src, k - 1, ',') &&
            k[-1].span.at >= params.at &&
            (last || lex_punct(src, next, ',') || lex_punct(src, next, '=')))
            continue; /* the parameter's name */
        if (lex_punct(src, k, '=')) {
            while (token_at(c, t + 1)->span.end <= params.end &&
                   !lex_punct(src, token_at(c, t + 1), ','))
                t++;
            continue;
        }
        return t;
    }
    return t;
}

bool copy_alike(const struct copy *c, const struct decl *one, const struct decl *d)
{
    const struct source *src = c->uses->file->src;
    size_t a, b;

    if (one->is_template != d->is_template)
        return false;
    for (a = one->first; token_at(c, a)->span.at < one->params.at; a++)
        ;
    for (b = d->first; token_at(c, b)->span.at < d->params.at; b++)
        ;
    for (;; a++, b++) {
        a = next_type_token(c, a, one->params);
        b = next_type_token(c, b, d->params);
        bool a_ends = token_at(c, a)->span.end > one->params.end;
        bool b_ends = token_at(c, b)->span.end > d->params.end;
        if (a_ends || b_ends)
            return a_ends && b_ends;
        size_t n = token_at(c, a)->span.end - token_at(c, a)->span.at;
        if (n != token_at(c, b)->span.end - token_at(c, b)->span.at ||
            memcmp(src->text + token_at(c, a)->span.at, src->text + token_at(c, b)->span.at, n))
            return false;
    }
}

bool copy_same_parameters(const struct copy *c, const struct decl *d)
{
    const struct decl *entry = spec_decl(c->spec);

    return entry && copy_alike(c, entry, d);
}

/* ---- single declarations ---- */

static bool says(const struct copy *c, const struct decl *d, const char *word)
{
    for (size_t t = d->first; t < d->last && token_at(c, t)->span.at < d->name_at.at; t++)
        if (token_is(c->uses->file->tokens, t, word))
            return true;
    return false;
}

static const char *check_variable(const struct copy *c, const struct decl *d)
{
    if (d->is_constant || (d->is_device && !says(c, d, "const") && !d->is_constexpr))
        return arena_printf(c->arena,
                            "'%s' is device memory that depends on a tunable; a copy of it would "
                            "split its state",
                            d->name);
    if (!d->is_constexpr && !says(c, d, "const"))
        return arena_printf(c->arena,
                            "the variable '%s' depends on a tunable and is not constant; a copy of "
                            "it would split its state",
                            d->name);
    return NULL;
}

bool copy_is_specialisation(const struct copy *c, const struct decl *d)
{
    const struct source *src = c->uses->file->src;

    return token_is(c->uses->file->tokens, d->first, "template") &&
           lex_punct(src, token_at(c, d->first + 1), '<') &&
           lex_punct(src, token_at(c, d->first + 2), '>');
}

/* what else of the name the copies hold: a body for a declaration, a template for its
 * specialisation */
static bool has_other(const struct copy *c, const struct decl *d, bool body)
{
    const struct uses *u = c->uses;

    for (size_t i = 0; i < u->ngroups; i++)
        for (size_t k = 0; c->copied[i] && k < u->group[i].ndecls; k++) {
            const struct decl *o = decl_at(c, u->group[i].decl[k]);
            if (strcmp(o->name, d->name) != 0)
                continue;
            if (body ? o->body.at < o->body.end : o->is_template && !copy_is_specialisation(c, o))
                return true;
        }
    return false;
}

static const char *check_function(const struct copy *c, const struct decl *d)
{
    if (strcmp(d->name, "operator") == 0) {
        for (size_t t = d->first; t < d->last && token_at(c, t)->span.at < d->params.end; t++)
            if (token_at(c, t)->span.at >= d->params.at && copy_renames_token(c, t))
                return NULL;
        return "an operator depends on a tunable, and operators cannot be renamed";
    }
    if (d->body.at == d->body.end && !has_other(c, d, true))
        return arena_printf(c->arena, "'%s' depends on a tunable and is defined elsewhere",
                            d->name);
    return NULL;
}

/* a member of a copied class that is called like something copied would be renamed where it is
 * declared and not where it is used */
static const char *check_type(const struct copy *c, const struct decl *d)
{
    const struct source *src = c->uses->file->src;

    for (size_t t = d->first; t < d->last; t++) {
        const struct token *k = token_at(c, t), *before = k - 1, *behind = k + 1;
        if (k->span.at <= d->body.at || k->span.end >= d->body.end || !copy_renames_token(c, t))
            continue;
        const char *name = source_copy(c->arena, src, k->span);
        bool typed = before->kind == TOKEN_NAME || lex_punct(src, before, '*') ||
                     lex_punct(src, before, '&') || lex_punct(src, before, '>');
        if (typed && strcmp(name, d->name) != 0 && behind->kind == TOKEN_PUNCT &&
            strchr(";=[{(", src->text[behind->span.at]) && !lex_is(src, before, "return"))
            return arena_printf(c->arena,
                                "'%s' has a member called '%s', like a declaration that "
                                "depends on a tunable",
                                d->name, name);
    }
    return NULL;
}

static const char *check_decl(const struct copy *c, const struct decl *d)
{
    const struct rename *r = copied_name(c, d->name);
    size_t n, same = 0;
    const char *const *path = scope_path(c->arena, c->uses->file->decls, d->scope, &n);

    while (r && same < n && same < r->nscope && strcmp(path[same], r->scope[same]) == 0)
        same++;
    if (r && d->kind != DECL_OTHER && d->kind != DECL_MACRO && (n != r->nscope || same < n))
        return arena_printf(c->arena, "'%s' is declared in two namespaces", d->name);
    if (*d->name && copy_is_specialisation(c, d) && !has_other(c, d, false))
        return arena_printf(c->arena,
                            "a specialisation of '%s' depends on a tunable, and the template is "
                            "declared elsewhere",
                            d->name);
    switch (d->kind) {
    case DECL_VARIABLE:
        return check_variable(c, d);
    case DECL_FUNCTION:
        return check_function(c, d);
    case DECL_TYPE:
        return check_type(c, d);
    default:
        return NULL;
    }
}

/* do all conditions that the group opens end in it, and no others? */
static bool is_balanced(const struct copy *c, const struct group *g)
{
    int depth = 0;

    for (size_t t = g->first; t < g->last; t++) {
        enum directive_kind kind = directive_kind(c->uses->file->src, token_at(c, t));
        depth += (kind == DIRECTIVE_IF) - (kind == DIRECTIVE_ENDIF);
        if (depth < 0 || (kind == DIRECTIVE_ELSE && depth == 0))
            return false;
    }
    return depth == 0;
}

/* ---- the file ---- */

/* does a condition ask for the value of a copied macro? Whether it is defined makes no difference
 */
static const char *condition_on(const struct copy *c, const struct token *t)
{
    const struct source *src = c->uses->file->src;
    size_t n;
    const struct token *in = lexer_all(c->arena, src, t->span, &n);

    if (n < 2 || !(lex_is(src, &in[1], "if") || lex_is(src, &in[1], "elif")))
        return NULL;
    for (size_t i = 2; i < n; i++) {
        const char *name = source_copy(c->arena, src, in[i].span);
        if (in[i].kind == TOKEN_NAME && copied_name(c, name) &&
            !lex_is(src, &in[i - 1], "defined") &&
            !(lex_punct(src, &in[i - 1], '(') && lex_is(src, &in[i - 2], "defined")))
            return name;
    }
    return NULL;
}

/* The first definition of a tunable at file scope; the file's end when all are template parameters.
 * A knob changes how a function runs and not what it does: who keeps the original is none the worse
 */
static size_t first_tunable(const struct spec *s)
{
    size_t first = s->file->src->len;

    for (size_t i = 0; i < s->ntunables; i++)
        if (s->tunables[i].kind != TUNABLE_TEMPLATE && s->tunables[i].kind != TUNABLE_KNOB &&
            s->tunables[i].defined.at < first)
            first = s->tunables[i].defined.at;
    return first;
}

static const char *check_line(const struct copy *c, const struct token *t, size_t first)
{
    enum directive_kind kind = directive_kind(c->uses->file->src, t);
    const char *text = c->uses->file->src->text, *name;

    if (kind == DIRECTIVE_INCLUDE && t->span.at > first &&
        memchr(text + t->span.at, '"', t->span.end - t->span.at))
        return "a file is included behind the definition of a tunable and may depend on it";
    if ((kind == DIRECTIVE_IF || kind == DIRECTIVE_ELSE) && (name = condition_on(c, t)))
        return arena_printf(c->arena, "an #if asks for '%s', which depends on a tunable", name);
    return NULL;
}

/* lines before the end of the entry that are not inside of a copy */
static const char *check_lines(const struct copy *c)
{
    const struct uses *u = c->uses;
    size_t first = first_tunable(c->spec), g = 0;

    for (size_t t = 0; t < u->file->tokens->n; t++) {
        const struct token *k = token_at(c, t);
        const char *why;
        if (k->span.at >= c->spec->def.end)
            break;
        while (g < u->ngroups && u->group[g].span.end <= k->span.at)
            g++;
        if (k->kind != TOKEN_DIRECTIVE ||
            (g < u->ngroups && c->copied[g] && u->group[g].span.at <= k->span.at))
            continue;
        if ((why = check_line(c, k, first)))
            return why;
    }
    return NULL;
}

/* a type or constant in the signature that depends on a tunable makes it another signature */
static const char *check_signature(const struct copy *c)
{
    const struct decl *d = spec_decl(c->spec);

    if (!d)
        return "the entry's definition cannot be read";
    for (size_t t = d->first; t < d->last && token_at(c, t)->span.at < d->params.end; t++) {
        struct span at = token_at(c, t)->span;
        if (at.at >= d->params.at && copy_renames_token(c, t))
            return arena_printf(c->arena,
                                "the parameters of '%s' depend on a tunable, through '%s'",
                                c->spec->name, source_copy(c->arena, c->uses->file->src, at));
    }
    return NULL;
}

/* launches of a kernel entry are found behind an alias, too, and all else that names it means the
 * original */
static bool may_have_alias(const struct copy *c, const char *name)
{
    return c->spec->kind == ENTRY_KERNEL && strcmp(name, c->spec->name) == 0;
}

/* `a::N` where a is another name for a namespace would go unnoticed */
static const char *check_aliases(const struct copy *c)
{
    const struct source *src = c->uses->file->src;
    const struct decls *decls = c->uses->file->decls;

    for (size_t i = 0; i < decls->n; i++) {
        const struct decl *d = &decls->decl[i];
        if (d->kind != DECL_ALIAS || !token_is(c->uses->file->tokens, d->first, "namespace"))
            continue;
        for (size_t t = 0; t + 2 < c->uses->file->tokens->n; t++) {
            const char *name;
            if (!token_is(c->uses->file->tokens, t, d->name) ||
                !lex_is(src, token_at(c, t + 1), "::") || token_at(c, t + 2)->kind != TOKEN_NAME)
                continue;
            name = source_copy(c->arena, src, token_at(c, t + 2)->span);
            if (copied_name(c, name) && !may_have_alias(c, name))
                return arena_printf(c->arena, "'%s' is reached through the namespace alias '%s'",
                                    name, d->name);
        }
    }
    return NULL;
}

static const char *check_groups(const struct copy *c)
{
    const struct uses *u = c->uses;

    for (size_t i = 0; i < u->ngroups; i++) {
        const struct group *g = &u->group[i];
        for (size_t k = 0; k < g->ndecls && (c->copied[i] || c->tainted[i]); k++) {
            const struct decl *d = decl_at(c, g->decl[k]);
            bool is_operator = d->kind == DECL_FUNCTION && strcmp(d->name, "operator") == 0;
            const char *why = c->copied[i] || is_operator ? check_decl(c, d) : NULL;
            if (why)
                return why;
        }
        if (c->copied[i] && !is_balanced(c, g))
            return arena_printf(c->arena, "an #if reaches over the edge of '%s'",
                                decl_at(c, g->decl[0])->name);
    }
    return NULL;
}

static const char *check_launch(const struct copy *c)
{
    const struct decl *d = copy_launch_odd(c);

    return !d ? NULL
              : arena_printf(c->arena,
                             "launch() uses '%s', which depends on a tunable: write out what it "
                             "computes, with constants, macros and cdiv()",
                             d->name);
}

const char *copy_check(const struct copy *c)
{
    const char *why = check_signature(c);

    if (!why && c->spec->kind == ENTRY_KERNEL)
        why = check_launch(c);
    if (!why)
        why = check_groups(c);
    if (!why)
        why = check_lines(c);
    return why ? why : check_aliases(c);
}
