/* copy.c - the closure of declarations that depend on a variant's values.
 *
 * What is repeated is as little as possible: a helper that no tunable can change stays one
 * function, a table in constant memory stays one table. Everything here goes by name (see uses.h),
 * so the set is sometimes larger than it must be, never smaller, except where the text does not
 * show what depends on what; those cases are looked for in copy_check.c. */
#include "driver/build/copy.h"

#include <string.h>
#include "driver/build/copy_check.h"
#include "driver/build/knob.h"
#include "runtime/base/arena.h"

const char *const *scope_path(struct arena *a, const struct decls *decls, size_t scope, size_t *n)
{
    const char **path;
    size_t depth = 0;

    for (size_t s = scope; s != 0; s = decls->scope[s].parent)
        depth += decls->scope[s].name && !decls->scope[s].is_inline;
    path = arena_array(a, const char *, depth + 1);
    *n = depth;
    for (size_t s = scope; s != 0; s = decls->scope[s].parent)
        if (decls->scope[s].name && !decls->scope[s].is_inline)
            path[--depth] = decls->scope[s].name;
    return path;
}

/* the names of the inline namespaces around a declaration */
static const char *const *scope_inlines(struct arena *a, const struct decls *decls, size_t scope,
                                        size_t *n)
{
    const char **names = NULL;

    *n = 0;
    for (size_t s = scope; s != 0; s = decls->scope[s].parent)
        if (decls->scope[s].name && decls->scope[s].is_inline)
            *arena_push(a, names, *n) = decls->scope[s].name;
    return names;
}

static size_t decl_id(const struct copy *c, const struct decl *d)
{
    return uses_id(c->uses, d->name, strlen(d->name));
}

/* does g mention one of the names, other than to declare it? */
static bool mentions_any(const struct copy *c, const struct group *g, const bool *ids)
{
    for (size_t i = 0; i < g->nnames; i++)
        if (ids[g->name[i]] && g->times[i] > uses_declares(c->uses, g, g->name[i]))
            return true;
    return false;
}

static bool is_tunable(const struct copy *c, const struct decl *d)
{
    int k = spec_find_tunable(c->spec, d->name);

    return k >= 0 && c->spec->tunables[k].kind != TUNABLE_TEMPLATE &&
           c->spec->tunables[k].kind != TUNABLE_KNOB;
}

static bool declares_tunable(const struct copy *c, const struct group *g)
{
    for (size_t i = 0; i < g->ndecls; i++)
        if (is_tunable(c, uses_decl(c->uses, g, i)))
            return true;
    return false;
}

/* marks what g declares, but for `not_this`; true when any of it is new */
static bool mark_declared(const struct copy *c, const struct group *g, size_t not_this, bool *ids)
{
    bool changed = false;

    for (size_t i = 0; i < g->ndecls; i++) {
        size_t id = decl_id(c, uses_decl(c->uses, g, i));
        if (id < c->uses->nids && id != not_this && !ids[id])
            changed = ids[id] = true;
    }
    return changed;
}

/* does call(...) name the entry itself, so that another name can take its place? */
static bool call_names_entry(const struct copy *c)
{
    const struct spec *s = c->spec;
    const struct decl *d = spec_decl(s);
    struct renames names;
    struct rename *r;

    if (!s->call.text)
        return true;
    renames_init(&names, c->arena);
    r = renames_add(&names, s->name, "");
    if (d)
        r->scope = scope_path(c->arena, s->file->decls, d->scope, &r->nscope);
    return strcmp(rename_text(s->call.text, &names), s->call.text) != 0;
}

/* what holds the place of a knob depends on it */
static void taint_at(struct copy *c, size_t at)
{
    const struct group *g = uses_group_at(c->uses, at);

    if (g)
        c->tainted[g - c->uses->group] = true;
}

/* The entry itself passes nothing on: what calls it depends on its result, not on how it is made.
 * Unless those that call it are to call its copy (`callers`). */
static void find_tainted(struct copy *c, bool callers)
{
    const struct uses *u = c->uses;
    bool *ids = arena_array(c->arena, bool, u->nids + 1);
    size_t entry = uses_id(u, c->spec->name, strlen(c->spec->name));
    size_t silent = callers ? u->nids : entry;
    bool changed = true;

    for (size_t i = 0; i < c->spec->ntunables; i++) {
        const struct tunable *t = &c->spec->tunables[i];
        if (t->kind == TUNABLE_KNOB)
            taint_at(c, t->knob->at.at);
        else if (t->kind != TUNABLE_TEMPLATE)
            ids[uses_id(u, t->name, strlen(t->name))] = true;
    }
    if (callers)
        ids[entry] = true;
    ids[u->nids] = false;
    while (changed) {
        changed = false;
        for (size_t i = 0; i < u->ngroups; i++) {
            if (!c->tainted[i] &&
                (declares_tunable(c, &u->group[i]) || mentions_any(c, &u->group[i], ids)))
                changed = c->tainted[i] = true;
            if (c->tainted[i] && mark_declared(c, &u->group[i], silent, ids))
                changed = true;
        }
    }
}

/* an enum that is there for a tunable's sake */
static bool enum_holds_tunable(const struct copy *c, const struct group *g)
{
    for (size_t i = 0; i < g->ndecls; i++)
        if (uses_decl(c->uses, g, i)->kind == DECL_ENUMERATOR &&
            is_tunable(c, uses_decl(c->uses, g, i)))
            return true;
    return false;
}

static void mark_text(const struct copy *c, const struct cxx *text, bool *ids)
{
    size_t *id = NULL, n = 0;

    if (!text->text)
        return;
    uses_of_text(c->uses, c->arena, text->text, &id, &n);
    for (size_t i = 0; i < n; i++)
        ids[id[i]] = true;
}

static void mark_launch(const struct copy *c, bool *ids)
{
    const struct spec *s = c->spec;

    mark_text(c, &s->launch.smem, ids);
    for (int i = 0; i < 3; i++) {
        mark_text(c, &s->launch.grid[i], ids);
        mark_text(c, &s->launch.block[i], ids);
        mark_text(c, &s->launch.cluster[i], ids);
    }
}

/* The entry's own name reaches its overloads only where it is called, by itself or by others. */
static void find_reached(struct copy *c)
{
    bool *ids = arena_array(c->arena, bool, c->uses->nids + 1);
    struct group *entry = uses_group_at(c->uses, c->spec->name_at.at);
    size_t own = uses_id(c->uses, c->spec->name, strlen(c->spec->name));

    mark_text(c, &c->spec->call, ids);
    mark_text(c, &c->spec->setup, ids);
    for (size_t i = 0; i < c->spec->nassumes; i++)
        mark_text(c, &(struct cxx){.text = c->spec->assumes[i].text}, ids);
    mark_launch(c, ids);
    if (entry)
        c->reached[entry - c->uses->group] = true;
    for (size_t k = 0; entry && k < entry->nnames; k++)
        if (entry->name[k] != own || entry->times[k] > 1)
            ids[entry->name[k]] = true;
    uses_reach(c->uses, ids, c->reached);
}

const bool *copy_launch_needs(const struct copy *c)
{
    bool *ids = arena_array(c->arena, bool, c->uses->nids + 1);
    bool *needs = arena_array(c->arena, bool, c->uses->ngroups + 1);

    mark_launch(c, ids);
    uses_reach(c->uses, ids, needs);
    for (size_t i = 0; i < c->uses->ngroups; i++)
        needs[i] = needs[i] && c->tainted[i];
    return needs;
}

/* is the macro defined in several places? Then only the preprocessor knows which definition holds
 */
static bool is_redefined(const struct copy *c, const struct decl *d)
{
    const struct decls *decls = c->uses->file->decls;
    size_t n = 0;

    for (size_t i = 0; i < decls->n; i++)
        n += decls->decl[i].kind == DECL_MACRO && strcmp(decls->decl[i].name, d->name) == 0;
    return n > 1;
}

static bool is_plain(const struct copy *c, const struct group *g, const struct decl *d)
{
    const struct source *src = c->uses->file->src;

    switch (d->kind) {
    case DECL_MACRO:
        return !is_redefined(c, d) ||
               !memmem(src->text + d->value.at, d->value.end - d->value.at, "::", 2);
    case DECL_TYPE:
        return enum_holds_tunable(c, g);
    case DECL_FUNCTION:
    case DECL_ALIAS:
        return false;
    default:
        return true;
    }
}

const struct decl *copy_launch_odd(const struct copy *c)
{
    const bool *needs = copy_launch_needs(c);

    for (size_t i = 0; i < c->uses->ngroups; i++)
        for (size_t k = 0; needs[i] && k < c->uses->group[i].ndecls; k++) {
            const struct decl *d = uses_decl(c->uses, &c->uses->group[i], k);
            if (!is_plain(c, &c->uses->group[i], d))
                return d;
        }
    return NULL;
}

bool copy_launch_is_direct(const struct copy *c)
{
    const bool *needs = copy_launch_needs(c);

    for (size_t i = 0; i < c->uses->ngroups; i++)
        for (size_t k = 0; needs[i] && k < c->uses->group[i].ndecls; k++)
            if (!is_tunable(c, uses_decl(c->uses, &c->uses->group[i], k)))
                return false;
    return true;
}

/* ---- names ---- */

/* `S::f` and operators have no name of their own that could be another */
static bool is_renamable(const struct copy *c, const struct decl *d)
{
    const struct source *src = c->uses->file->src;
    size_t at = d->name_at.at;

    if (d->kind == DECL_OTHER || !*d->name || strcmp(d->name, "operator") == 0)
        return false;
    while (at > d->span.at && strchr(" \t\n", src->text[at - 1]))
        at--;
    return d->kind == DECL_MACRO || at < 2 || memcmp(src->text + at - 2, "::", 2) != 0;
}

/* the enum around an enumerator */
static const char *enum_name(const struct copy *c, const struct group *g, const struct decl *d)
{
    for (size_t i = 0; i < g->ndecls; i++) {
        const struct decl *type = uses_decl(c->uses, g, i);
        if (d->kind == DECL_ENUMERATOR && type->kind == DECL_TYPE && *type->name &&
            type->body.at < d->span.at && d->span.end <= type->body.end)
            return type->name;
    }
    return NULL;
}

static void add_names(struct copy *c, const struct group *g)
{
    for (size_t i = 0; i < g->ndecls; i++) {
        const struct decl *d = uses_decl(c->uses, g, i);
        struct rename *r;
        if (!is_renamable(c, d) || renames_find(&c->names, d->name, strlen(d->name)))
            continue;
        r = renames_add(&c->names, d->name, NULL);
        r->scope = scope_path(c->arena, c->uses->file->decls, d->scope, &r->nscope);
        r->inlines = scope_inlines(c->arena, c->uses->file->decls, d->scope, &r->ninlines);
        r->also = enum_name(c, g, d);
    }
}

/* is d another declaration of a name that is copied: an earlier declaration, an overload, a
 * specialisation? Overloads of the entry only count when it is called by name in the copies. */
static bool is_partner(const struct copy *c, const struct decl *d, bool entry_called)
{
    const struct rename *r;
    size_t n;
    const char *const *path;

    if (!is_renamable(c, d) || !(r = renames_find(&c->names, d->name, strlen(d->name))))
        return false;
    path = scope_path(c->arena, c->uses->file->decls, d->scope, &n);
    if (n != r->nscope)
        return false;
    for (size_t i = 0; i < n; i++)
        if (strcmp(path[i], r->scope[i]) != 0)
            return false;
    if (strcmp(d->name, c->spec->name) != 0 || entry_called || d->kind != DECL_FUNCTION)
        return true;
    return d->body.at == d->body.end && copy_same_parameters(c, d);
}

/* static assertions, using-declarations and operators of what is copied are copied with it */
static bool is_companion(const struct copy *c, const struct group *g, const struct decl *d)
{
    const struct tokens *ts = c->uses->file->tokens;
    size_t t = g->first;

    if (d->kind == DECL_FUNCTION && strcmp(d->name, "operator") == 0) {
        for (; t < g->last && ts->token[t].span.end <= d->params.end; t++)
            if (ts->token[t].span.at >= d->params.at && copy_renames_token(c, t))
                return true;
        return false;
    }
    if (d->kind != DECL_OTHER || ts->token[t].kind == TOKEN_DIRECTIVE)
        return false;
    if (token_is(ts, t, "using") ? token_is(ts, t + 1, "namespace")
                                 : !token_is(ts, t, "static_assert"))
        return false;
    for (; t < g->last; t++)
        if (copy_renames_token(c, t))
            return true;
    return false;
}

/* is the entry named in the copies other than where it is declared? */
static bool entry_is_called(const struct copy *c)
{
    const struct uses *u = c->uses;
    size_t id = uses_id(u, c->spec->name, strlen(c->spec->name));
    struct group *entry = uses_group_at(u, c->spec->name_at.at);

    for (size_t i = 0; i < u->ngroups; i++)
        for (size_t k = 0; c->copied[i] && k < u->group[i].nnames; k++)
            if (u->group[i].name[k] == id && u->group[i].times[k] > (&u->group[i] == entry))
                return true;
    return false;
}

static void find_copied(struct copy *c)
{
    const struct uses *u = c->uses;
    struct group *entry = uses_group_at(u, c->spec->name_at.at);
    bool changed = true, called;

    for (size_t i = 0; i < u->ngroups; i++)
        if ((c->tainted[i] && c->reached[i]) || &u->group[i] == entry)
            c->copied[i] = true;
    for (size_t i = 0; i < u->ngroups; i++)
        if (c->copied[i])
            add_names(c, &u->group[i]);
    called = entry_is_called(c);
    while (changed) {
        changed = false;
        for (size_t i = 0; i < u->ngroups; i++) {
            const struct group *g = &u->group[i];
            for (size_t k = 0; k < g->ndecls && !c->copied[i]; k++) {
                const struct decl *d = uses_decl(c->uses, g, k);
                changed |= c->copied[i] = is_partner(c, d, called) || is_companion(c, g, d);
            }
            if (c->copied[i])
                add_names(c, g);
        }
    }
}

/* Would other values in place of the initialisers change more than this entry? */
static bool find_shared(const struct copy *c)
{
    const struct uses *u = c->uses;
    const struct file *f = u->file;

    for (size_t i = 0; i < u->ngroups; i++)
        if (c->tainted[i] && !c->reached[i] && !c->copied[i])
            return true;
    for (size_t i = 0; i < f->nspecs; i++) {
        struct group *other = uses_group_at(u, f->specs[i].name_at.at);
        if (&f->specs[i] != spec_plain(c->spec) && f->specs[i].ntunables && other &&
            c->tainted[other - u->group])
            return true;
    }
    return false;
}

static struct copy *make_plan(struct arena *a, const struct spec *spec, bool unit)
{
    struct copy *c = arena_alloc(a, sizeof *c);

    c->arena = a;
    c->spec = spec;
    c->uses = uses_read(a, spec->file);
    c->tainted = arena_array(a, bool, c->uses->ngroups + 1);
    c->reached = arena_array(a, bool, c->uses->ngroups + 1);
    c->copied = arena_array(a, bool, c->uses->ngroups + 1);
    renames_init(&c->names, a);
    find_tainted(c, unit && !call_names_entry(c));
    find_reached(c);
    find_copied(c);
    c->shared = find_shared(c);
    c->why = copy_check(c);
    return c;
}

struct copy *copy_plan(struct arena *a, const struct spec *spec)
{
    return make_plan(a, spec, false);
}

struct copy *copy_plan_unit(struct arena *a, const struct spec *spec)
{
    return make_plan(a, spec, true);
}

bool copy_is_called(const struct spec *spec)
{
    struct arena *a = arena_new();
    struct copy c = {.arena = a, .spec = spec, .uses = uses_read(a, spec->file)};
    struct group *entry = uses_group_at(c.uses, spec->name_at.at);
    bool *ids = arena_array(a, bool, c.uses->nids + 1), called = !spec->call.text;

    c.reached = arena_array(a, bool, c.uses->ngroups + 1);
    mark_text(&c, &spec->call, ids);
    uses_reach(c.uses, ids, c.reached);
    called |= entry && c.reached[entry - c.uses->group];
    arena_free(a);
    return called;
}
