/* driver/build/copy_text.c - the text of what a variant repeats (copy.h): under other names, with
 * the variant's values in it, and with markers that keep the user's lines. */
#include "driver/build/copy.h"

#include <string.h>
#include "driver/build/cxx.h"
#include "driver/build/knob.h"
#include "driver/build/marker.h"
#include "runtime/base/arena.h"

static const char *marker(struct arena *a, const struct source *src, size_t at, const char *word,
                          const char *flags)
{
    struct buf b;
    char *text;

    buf_init(&b, BUF_LIMIT);
    struct place place = source_place(src, at);
    buf_addf(&b, "\n#%s %d \"", word, place.row);
    marker_quote(&b, place.path);
    buf_addf(&b, "\"%s\n", flags);
    text = arena_copy(a, buf_text(&b), b.len);
    buf_release(&b);
    return text;
}

const char *line_marker(struct arena *a, const struct source *src, size_t at)
{
    return marker(a, src, at, "line", "");
}

/* 3: as in a system's header, of which compilers keep their warnings to themselves */
const char *quiet_marker(struct arena *a, const struct source *src, size_t at)
{
    return marker(a, src, at, "", " 3");
}

const char *loud_marker(struct arena *a, const struct source *src, size_t at)
{
    return marker(a, src, at, "", "");
}

struct renames copy_renames(const struct copy *c, const char *suffix)
{
    struct renames r;

    renames_init(&r, c->arena);
    for (size_t i = 0; i < c->names.n; i++) {
        struct rename *to = renames_add(&r, c->names.entry[i].name, NULL);
        *to = c->names.entry[i];
        to->to = arena_printf(c->arena, "%s%s", to->name, suffix);
    }
    return r;
}

void copy_defines(const struct copy *c, const int64_t *values, const char *suffix, struct buf *out)
{
    for (size_t i = 0; i < c->spec->ntunables; i++)
        if (c->spec->tunables[i].kind == TUNABLE_MACRO)
            buf_addf(out, "#define %s%s %s\n", c->spec->tunables[i].name, suffix,
                     cxx_number(c->arena, values[i]));
}

/* is d a definition of tunable t? Branches of #if may hold several, and all get the value */
static bool defines_tunable(const struct tunable *t, const struct decl *d, size_t scope)
{
    enum decl_kind kind = t->kind == TUNABLE_MACRO        ? DECL_MACRO
                          : t->kind == TUNABLE_ENUMERATOR ? DECL_ENUMERATOR
                                                          : DECL_VARIABLE;

    return t->kind != TUNABLE_TEMPLATE && d->kind == kind && d->value.at < d->value.end &&
           (kind == DECL_MACRO || d->scope == scope) && strcmp(d->name, t->name) == 0;
}

void copy_substitute(const struct spec *spec, const int64_t *values, const struct renames *names,
                     struct edits *e)
{
    const struct decls *decls = spec->file->decls;

    knobs_apply(spec, values, names, e);
    for (size_t i = 0; i < spec->ntunables; i++) {
        const struct tunable *t = &spec->tunables[i];
        size_t scope = 0;
        if (t->kind == TUNABLE_KNOB)
            continue;
        edits_add(e, t->value, cxx_number(e->arena, values[i]));
        for (size_t k = 0; k < decls->n; k++)
            if (decls->decl[k].name_at.at == t->name_at.at)
                scope = decls->decl[k].scope;
        for (size_t k = 0; k < decls->n; k++)
            if (defines_tunable(t, &decls->decl[k], scope))
                edits_add(e, decls->decl[k].value, cxx_number(e->arena, values[i]));
    }
}

static bool is_macro_tunable(const struct copy *c, const struct group *g)
{
    const struct decl *d = uses_decl(c->uses, g, 0);

    for (size_t i = 0; i < c->spec->ntunables; i++)
        if (d->kind == DECL_MACRO && c->spec->tunables[i].kind == TUNABLE_MACRO &&
            strcmp(d->name, c->spec->tunables[i].name) == 0)
            return true;
    return false;
}

void copy_guard(struct edits *e, const struct decl *d, const char *guard)
{
    struct span body = d->body;

    if (!d->is_global || body.at >= body.end)
        return;
    edits_insert(
        e, body.at + 1,
        arena_printf(e->arena, "\n#if %s%s", guard, line_marker(e->arena, e->src, body.at + 1)));
    edits_insert(e, body.end - 1,
                 arena_printf(e->arena, "\n#endif%s", line_marker(e->arena, e->src, body.end - 1)));
}

static void render(const struct copy *c, const struct group *g, const struct copy_variant *v,
                   struct buf *out)
{
    const struct file *f = c->uses->file;
    struct renames names = copy_renames(c, v->suffix);
    struct edits e;

    edits_init(&e, c->arena, f->src);
    for (size_t i = 0; i < f->nannotations; i++)
        edits_blank(&e, f->annotations[i]);
    for (size_t k = 0; v->guard && k < g->ndecls; k++)
        copy_guard(&e, uses_decl(c->uses, g, k), v->guard);
    copy_substitute(c->spec, v->values, &names, &e);
    rename_tokens(f->tokens, g->first, g->last, &names, &e);
    edits_apply(&e, g->span, out);
}

/* A copy may have no use for all that is declared with what it needs, as the B of `constexpr int A
 * = 1, B = 2;`, or for all overloads. No build is to hear of that, so it is marked, where the
 * declaration begins in a way that surely may have an attribute before it. */
static const char *attribute(const struct copy *c, const struct group *g)
{
    static const char *const FIRST[] = {"static",     "constexpr",    "const",    "inline",
                                        "__device__", "__constant__", "__host__", "__global__"};
    const struct decl *d = uses_decl(c->uses, g, 0);

    for (size_t i = 0; i < sizeof FIRST / sizeof *FIRST; i++)
        if ((d->kind == DECL_VARIABLE || d->kind == DECL_FUNCTION) &&
            token_is(c->uses->file->tokens, g->first, FIRST[i]))
            return "\n__attribute__((unused))";
    return "";
}

void copy_insert(const struct copy *c, const struct copy_variant *v, size_t n, bool entry_first,
                 struct edits *e)
{
    const struct group *entry = uses_group_at(c->uses, c->spec->name_at.at);
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    for (size_t i = 0; i < c->uses->ngroups; i++) {
        const struct group *g = &c->uses->group[i];
        if (!c->copied[i] || is_macro_tunable(c, g))
            continue;
        buf_clear(&b);
        for (size_t k = 0; k < n; k++) {
            buf_adds(&b, attribute(c, g));
            /* errors in a copy are at the lines that were copied; warnings the original gets */
            buf_adds(&b, quiet_marker(c->arena, e->src, g->span.at));
            render(c, g, &v[k], &b);
        }
        size_t at = g == entry && entry_first ? g->span.at : g->span.end;
        buf_adds(&b, loud_marker(c->arena, e->src, at));
        edits_insert(e, at, arena_copy(e->arena, buf_text(&b), b.len));
    }
    buf_release(&b);
}

static void push_kernel(const struct copy *c, const char ***list, size_t *n, const char *name,
                        const char *suffix)
{
    bool renamed = suffix && renames_find(&c->names, name, strlen(name));
    const char *full = renamed ? arena_printf(c->arena, "%s%s", name, suffix) : name;

    for (size_t i = 0; i < *n; i++)
        if (strcmp((*list)[i], full) == 0)
            return;
    *arena_push(c->arena, *list, *n) = full;
}

const char **copy_kernels(const struct copy *c, const char *suffix, size_t *n)
{
    const char **list = NULL;

    *n = 0;
    if (c->spec->kind == ENTRY_KERNEL)
        push_kernel(c, &list, n, c->spec->name, suffix);
    for (size_t i = 0; i < c->uses->ngroups; i++)
        for (size_t k = 0; c->reached[i] && k < c->uses->group[i].ndecls; k++) {
            const struct decl *d = uses_decl(c->uses, &c->uses->group[i], k);
            if (d->is_global && d->body.at < d->body.end)
                push_kernel(c, &list, n, d->name, suffix);
        }
    return list;
}
