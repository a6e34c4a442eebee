/* resolve_entry.c - what the function is, where it lives, and which instances of a template are
 * meant. */
#include <string.h>
#include "driver/lang/brackets.h"
#include "driver/lang/lex.h"
#include "driver/lang/resolve.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

static void fill_namespaces(struct resolver *r)
{
    const struct decls *decls = r->file->decls;
    struct spec *s = r->spec;
    struct buf qname;
    size_t n = 0;

    for (size_t i = r->decl->scope; i != 0; i = decls->scope[i].parent)
        n++;
    s->ns = arena_array(r->arena, struct ns, n);
    s->nns = n;
    for (size_t i = r->decl->scope; i != 0; i = decls->scope[i].parent)
        s->ns[--n] = (struct ns){decls->scope[i].name, decls->scope[i].is_inline};
    buf_init(&qname, BUF_LIMIT);
    for (size_t i = 0; i < s->nns; i++)
        buf_addf(&qname, "%s::", s->ns[i].name ? s->ns[i].name : "(anonymous)");
    buf_adds(&qname, s->name);
    s->qname = arena_dup(r->arena, buf_text(&qname));
    buf_release(&qname);
}

/* a parameter list that a macro of this file writes */
static int check_parameters(struct resolver *r)
{
    const struct decls *decls = r->file->decls;
    size_t n;
    const struct token *t = lexer_all(r->arena, r->file->src, r->decl->params, &n);

    for (size_t k = 0; k + 1 < n; k++)
        for (size_t i = 0; t[k].kind == TOKEN_NAME && i < decls->n; i++)
            if (decls->decl[i].kind == DECL_MACRO &&
                lex_is(r->file->src, &t[k], decls->decl[i].name) &&
                memchr(r->file->src->text + decls->decl[i].value.at, ',',
                       decls->decl[i].value.end - decls->decl[i].value.at))
                return resolve_error(r, NULL, t[k].span.at,
                                     "the parameters of '%s' cannot be read: write them out, not "
                                     "by the macro '%s'",
                                     r->spec->name, decls->decl[i].name);
    return 0;
}

/* the function is one that can be an entry at all */
static int check_kind(struct resolver *r)
{
    const struct decl *d = r->decl;
    const struct token *token = r->file->tokens->token;
    size_t t = d->first;

    if (strcmp(d->name, "operator") == 0)
        return resolve_error(r, NULL, d->name_at.at, "an operator cannot be an entry");
    while (token[t].span.at < d->name_at.at)
        t++;
    if (t > d->first && lex_is(r->file->src, &token[t - 1], "::"))
        return resolve_error(
            r, NULL, d->name_at.at,
            "an entry must stand at namespace scope, inside its namespace: '%s' is "
            "defined from outside; annotate a function that calls it",
            d->name);
    if (d->is_template && d->tparams.at == d->tparams.end)
        return resolve_error(
            r, NULL, d->name_at.at,
            "'%s' is a specialisation here, and variants are made of a template's own "
            "text: annotate a function that uses this",
            d->name);
    if (d->is_device && !d->is_global && !d->is_host)
        return resolve_error(
            r, NULL, d->name_at.at,
            "'%s' is a __device__ function: an entry is a kernel or a host function", d->name);
    return 0;
}

static bool has_clause(const struct resolver *r, enum clause_kind kind)
{
    for (size_t i = 0; i < r->nclauses; i++)
        if (r->clauses[i].kind == kind)
            return true;
    return false;
}

static const struct clause *find_clause(const struct resolver *r, enum clause_kind kind)
{
    for (size_t i = 0; i < r->nclauses; i++)
        if (r->clauses[i].kind == kind)
            return &r->clauses[i];
    return NULL;
}

/* a kernel must be launched, a host function launches by itself */
static int check_clauses(struct resolver *r)
{
    const struct clause *launch = find_clause(r, CLAUSE_LAUNCH),
                        *call = find_clause(r, CLAUSE_CALL);

    if (r->spec->kind == ENTRY_KERNEL && !launch)
        return resolve_error(r, NULL, r->block->at,
                             "'%s' is a __global__ function: add launch(grid = ..., block = ...)",
                             r->spec->name);
    if (r->spec->kind == ENTRY_KERNEL && call)
        return resolve_error(
            r, call, call->at.at,
            "call(...) is for host functions: a kernel is described by launch(...) "
            "and arg(...)");
    if (r->spec->kind == ENTRY_HOST && launch) {
        resolve_error(r, launch, launch->at.at,
                      "'%s' is a host function and launches its kernels itself: remove launch(...)",
                      r->spec->name);
        diag_note(r->diag, r->file->src, r->spec->name_at.at,
                  "a block belongs to the function that follows it, which is this one");
        return -1;
    }
    if (!has_clause(r, CLAUSE_WORKLOAD))
        return resolve_error(r, NULL, r->block->at,
                             "nothing to measure '%s' with: add workload(...), as in workload(n = "
                             "1024)",
                             r->spec->name);
    return 0;
}

/* no compiler takes it; but everything here goes by name */
static int check_names(struct resolver *r)
{
    const struct spec *s = r->spec;

    for (size_t i = 0; i < s->nparams; i++)
        for (size_t k = 0; k < i; k++)
            if (*s->params[i].name && strcmp(s->params[i].name, s->params[k].name) == 0)
                return resolve_error(r, NULL, s->params[i].at.at, "two parameters are called '%s'",
                                     s->params[i].name);
    return 0;
}

int resolve_entry(struct resolver *r)
{
    const struct decl *d = r->decl;
    struct spec *s = r->spec;

    s->file = r->file;
    s->kind = d->is_global ? ENTRY_KERNEL : ENTRY_HOST;
    s->name = d->name;
    s->block = (struct span){r->block->at, r->block->at};
    s->region = s->def = d->span;
    s->name_at = d->name_at;
    s->body = d->body;
    s->is_static = d->is_static;
    s->is_template = d->is_template;
    if (check_kind(r) || check_parameters(r))
        return -1;
    fill_namespaces(r);
    signature_read(r->arena, r->file, d, s, &r->shapes);
    if (s->nparams > CLAUSE_LIMIT || s->ntparams > CLAUSE_LIMIT)
        return resolve_error(r, NULL, d->name_at.at, "'%s' has more than %d parameters", s->name,
                             CLAUSE_LIMIT);
    return check_names(r) || check_clauses(r) ? -1 : 0;
}

/* --- instances --- */

static bool is_tuned(const struct resolver *r, const char *name)
{
    for (size_t i = 0; i < r->nclauses; i++)
        if (r->clauses[i].kind == CLAUSE_TUNE && strcmp(r->clauses[i].name, name) == 0)
            return true;
    return false;
}

/* one bind of an instance() clause */
static int add_bind(struct resolver *r, const struct clause *c, const struct named *named,
                    struct instance *instance)
{
    struct named *bind;

    if (spec_find_tparam(r->spec, named->name) < 0)
        return resolve_error(r, c, named->at.at, "'%s' has no template parameter '%s'",
                             r->spec->name, named->name);
    if (is_tuned(r, named->name))
        return resolve_error(r, c, named->at.at, "'%s' is given by tune(), not by instance()",
                             named->name);
    for (size_t i = 0; i < instance->nbinds; i++)
        if (strcmp(instance->binds[i].name, named->name) == 0)
            return resolve_error(r, c, named->at.at, "'%s' is given twice", named->name);
    bind = arena_push(r->arena, instance->binds, instance->nbinds);
    *bind = *named;
    bind->at = resolve_place(r, c, bind->at);
    bind->value = resolve_place_cxx(r, c, bind->value);
    instance->suffix = arena_printf(r->arena, "%s%s%s=%s", instance->suffix,
                                    *instance->suffix ? "," : "", named->name, named->value.text);
    return 0;
}

/* gives every other template parameter its default; one that has none is an error */
static int complete(struct resolver *r, struct instance *instance, const struct clause *c)
{
    for (size_t i = 0; i < r->spec->ntparams; i++) {
        const struct tparam *p = &r->spec->tparams[i];
        bool bound = is_tuned(r, p->name);
        for (size_t k = 0; k < instance->nbinds; k++)
            bound |= strcmp(instance->binds[k].name, p->name) == 0;
        if (bound)
            continue;
        if (strchr(p->kind, '.'))
            return resolve_error(r, NULL, p->whole.at,
                                 "a template parameter pack cannot be bound: make a function that "
                                 "calls the instance you mean the entry");
        if (!p->fallback.text && !*p->name)
            return resolve_error(r, NULL, p->whole.at,
                                 "this template parameter needs a name or a default");
        if (!p->fallback.text)
            return resolve_error(r, c, c ? c->at.at : r->block->at,
                                 "template parameter '%s' of '%s' has no value; add instance(%s = "
                                 "...)",
                                 p->name, r->spec->name, p->name);
        *arena_push(r->arena, instance->binds, instance->nbinds) =
            (struct named){p->name, p->fallback, p->at};
    }
    return 0;
}

static int check_distinct(struct resolver *r, const struct clause *c)
{
    const struct instance *last = &r->spec->instances[r->spec->ninstances - 1];

    for (const struct instance *i = r->spec->instances; i < last; i++)
        if (strcmp(i->suffix, last->suffix) == 0)
            return resolve_error(r, c, c->at.at, "instance(%s) is given twice", last->suffix);
    return 0;
}

/* ---- specialisations ---- */

/* the two without spaces are the same */
static bool is_same_text(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, " \t\n");
        b += strspn(b, " \t\n");
        if (*a != *b || !*a)
            return *a == *b;
    }
}

/* the arguments in `template <> void f<float, 2>(...)`; false where they are left to be deduced */
static bool read_arguments(struct resolver *r, const struct decl *d, const char ***list, size_t *n)
{
    const struct source *src = r->file->src;
    const struct tokens *ts = r->file->tokens;
    const size_t *match = brackets_match(r->arena, ts);
    size_t t = d->first, end, from;

    while (ts->token[t].span.at < d->name_at.end)
        t++;
    end = lex_punct(src, &ts->token[t], '<') ? brackets_angle(ts, match, t) : 0;
    *list = NULL;
    *n = 0;
    for (from = ++t; end && t < end; t++) {
        if (t + 1 == end || lex_punct(src, &ts->token[t], ',')) {
            struct span span = {ts->token[from].span.at, ts->token[t - (t > from)].span.end};
            *arena_push(r->arena, *list, *n) = source_copy(r->arena, src, span);
            from = t + 1;
        } else if (match[t] > t) {
            t = match[t];
        }
    }
    return end;
}

/* is d the instance's own text? */
static bool is_specialised(struct resolver *r, const struct decl *d,
                           const struct instance *instance)
{
    const char **arguments;
    size_t n;

    if (d->kind != DECL_FUNCTION || strcmp(d->name, r->spec->name) != 0 ||
        d->scope != r->decl->scope || !d->is_template || d->tparams.at < d->tparams.end ||
        !read_arguments(r, d, &arguments, &n))
        return false;
    for (size_t i = 0; i < r->spec->ntparams; i++) {
        const char *value = NULL;
        for (size_t k = 0; k < instance->nbinds; k++)
            if (strcmp(instance->binds[k].name, r->spec->tparams[i].name) == 0)
                value = instance->binds[k].value.text;
        const char *own = i < n ? arguments[i] : r->spec->tparams[i].fallback.text;
        if (!value || !own || !is_same_text(value, own))
            return false;
    }
    return true;
}

/* A variant repeats the template, and would be measured against something else. */
static int check_specialised(struct resolver *r, const struct instance *instance,
                             const struct clause *c)
{
    const struct decls *decls = r->file->decls;

    for (size_t i = 0; i < decls->n; i++) {
        if (!is_specialised(r, &decls->decl[i], instance))
            continue;
        resolve_error(
            r, c, c->at.at,
            "instance(%s) of '%s' is specialised, and variants are made of the template's "
            "own text: annotate a function that uses this instance",
            instance->suffix, r->spec->name);
        diag_note(r->diag, r->file->src, decls->decl[i].name_at.at, "specialised here");
        return -1;
    }
    return 0;
}

/* whether a T * points to integers is known only with the instances */
static void find_integers(struct resolver *r)
{
    for (size_t i = 0; i < r->spec->nparams; i++)
        r->spec->params[i].is_integer =
            signature_is_integer(r->arena, r->file, r->spec, r->spec->params[i].type);
}

static int read_instances(struct resolver *r)
{
    struct spec *s = r->spec;
    struct instance *instance;
    int rc = 0;

    for (size_t i = 0; i < r->nclauses; i++) {
        const struct clause *c = &r->clauses[i];
        int bad = 0;
        if (c->kind != CLAUSE_INSTANCE)
            continue;
        instance = arena_push(r->arena, s->instances, s->ninstances);
        instance->suffix = "";
        for (size_t k = 0; k < c->nnamed; k++)
            bad |= add_bind(r, c, &c->named[k], instance);
        if (!bad)
            bad = complete(r, instance, c) || check_distinct(r, c) ||
                  check_specialised(r, instance, c);
        rc |= bad;
    }
    if (s->ninstances > 0)
        return rc ? -1 : 0;
    instance = arena_push(r->arena, s->instances, s->ninstances);
    instance->suffix = "";
    return complete(r, instance, NULL);
}

int resolve_instances(struct resolver *r)
{
    int rc = read_instances(r);

    find_integers(r);
    return rc;
}
