/* constant.c - finding and computing a file's constants.
 *
 * Lookup follows C++ as far as namespaces go: the innermost enclosing namespace that has the name
 * wins, what stands in an anonymous or inline namespace belongs to the one around it, and a macro
 * wins over everything. Values are computed when asked for and kept; a constant that depends on
 * itself, or on what this file does not show, has none. */
#include "driver/lang/constant.h"

#include <string.h>
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

enum { DEPTH_LIMIT = 100, PATH_LIMIT = 64 };

enum state { UNKNOWN, BUSY, KNOWN, NO_VALUE };

struct constants {
    struct arena *arena;
    const struct file *file;
    struct gpu gpu;
    struct known {
        enum state state;
        int64_t value;
    } * known; /* one a declaration */
    unsigned depth;
    struct constants *outer; /* around this text; NULL: there is none */
    size_t outer_scope;
};

struct path { /* names of namespaces, outermost first; anonymous and inline ones left out */
    const char *name[PATH_LIMIT];
    size_t n;
};

struct constants *constants_new(struct arena *a, const struct file *f, const struct gpu *gpu)
{
    struct constants *k = arena_alloc(a, sizeof *k);

    k->arena = a;
    k->file = f;
    k->gpu = *gpu;
    k->known = arena_array(a, struct known, f->decls->n);
    return k;
}

struct constants *constants_inside(struct constants *outer, size_t scope, const struct file *f)
{
    struct constants *k = constants_new(outer->arena, f, &outer->gpu);

    k->outer = outer;
    k->outer_scope = scope;
    return k;
}

/* --- lookup --- */

/* false when namespaces are nested deeper than anyone does */
static bool scope_path(const struct decls *decls, size_t scope, struct path *path)
{
    path->n = 0;
    for (; scope != 0; scope = decls->scope[scope].parent) {
        const struct scope *s = &decls->scope[scope];
        if (!s->name || s->is_inline)
            continue;
        if (path->n == PATH_LIMIT)
            return false;
        path->name[path->n++] = s->name;
    }
    for (size_t i = 0; i < path->n / 2; i++) {
        const char *swap = path->name[i];
        path->name[i] = path->name[path->n - 1 - i];
        path->name[path->n - 1 - i] = swap;
    }
    return true;
}

/* "a::b::N" into the path a, b; returns N */
static const char *split_name(struct arena *a, const char *name, struct path *path)
{
    char *part = arena_dup(a, name), *colons;

    path->n = 0;
    while ((colons = strstr(part, "::")) && path->n < PATH_LIMIT) {
        *colons = '\0';
        path->name[path->n++] = part;
        part = colons + 2;
    }
    return part;
}

/* Does the path `at` consist of a beginning of `from` and then all of `via`? Then how much of
 * `from`, plus one; else 0. */
static size_t visible(const struct path *at, const struct path *from, const struct path *via)
{
    size_t shared;

    if (at->n < via->n || at->n - via->n > from->n)
        return 0;
    shared = at->n - via->n;
    for (size_t i = 0; i < shared; i++)
        if (strcmp(at->name[i], from->name[i]) != 0)
            return 0;
    for (size_t i = 0; i < via->n; i++)
        if (strcmp(at->name[shared + i], via->name[i]) != 0)
            return 0;
    return shared + 1;
}

static bool holds_value(const struct decl *d)
{
    if (d->kind == DECL_ENUMERATOR)
        return true;
    if (d->kind == DECL_MACRO && d->params.end > d->params.at)
        return false;
    return (d->kind == DECL_VARIABLE || d->kind == DECL_MACRO) && d->value.end > d->value.at;
}

const struct decl *constants_find(const struct constants *k, size_t scope, const char *name,
                                  size_t *n)
{
    const struct decls *decls = k->file->decls;
    const struct decl *found = NULL;
    struct path from, via, at;
    size_t best = 0;

    *n = 0;
    name = split_name(k->arena, name, &via);
    if (!scope_path(decls, scope, &from))
        return NULL;
    for (size_t i = 0; i < decls->n; i++) {
        const struct decl *d = &decls->decl[i];
        size_t rank;
        if (strcmp(d->name, name) != 0 || !holds_value(d))
            continue;
        if (d->kind == DECL_MACRO)
            rank = via.n == 0 ? PATH_LIMIT + 2 : 0;
        else
            rank = scope_path(decls, d->scope, &at) ? visible(&at, &from, &via) : 0;
        if (rank == 0 || rank < best)
            continue;
        *n = rank > best ? 1 : *n + 1;
        if (rank > best)
            found = d;
        best = rank;
    }
    return found;
}

bool constants_is_constant(const struct file *f, const struct decl *d)
{
    if (d->kind != DECL_VARIABLE || d->is_constexpr)
        return d->kind == DECL_VARIABLE || d->kind == DECL_ENUMERATOR || d->kind == DECL_MACRO;
    for (size_t t = d->first; t < d->last && f->tokens->token[t].span.at < d->name_at.at; t++)
        if (token_is(f->tokens, t, "const"))
            return true;
    return false;
}

/* --- values --- */

int constants_lookup(void *view, const char *name, int64_t *value)
{
    const struct constants_view *v = view;
    const struct gpu *gpu = &v->constants->gpu;
    const struct {
        const char *name;
        int64_t value;
    } fields[] = {{"gpu.sms", gpu->sms},
                  {"gpu.smem", gpu->smem},
                  {"gpu.regs", gpu->regs},
                  {"gpu.l2", gpu->l2}};
    const struct decl *d;
    size_t n;

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (strcmp(name, fields[i].name) == 0) {
            *value = fields[i].value;
            return *value != 0;
        }
    }
    d = constants_find(v->constants, v->scope, name, &n);
    if (!d && v->constants->outer) {
        struct constants_view outer = {v->constants->outer, v->constants->outer_scope};
        return constants_lookup(&outer, name, value);
    }
    return d && n == 1 && constants_value(v->constants, d, value, NULL) == 0;
}

int constants_eval_text(struct constants *k, size_t scope, struct span text, int64_t *value,
                        struct error *err)
{
    struct constants_view view = {k, scope};
    struct cursor c;
    struct expr *e;

    cursor_init(&c, k->arena, NULL, k->file->src, text);
    e = expr_parse(&c);
    if (!e || !cursor_at_end(&c))
        return error_set(err, "'%s' is no integer expression that can be computed here",
                         cursor_text(k->arena, k->file->src, text));
    return expr_eval(e, constants_lookup, &view, value, err);
}

/* the tunable that a declaration defines, NULL when it defines none */
static const struct tunable *tunable_of(const struct spec *spec, const struct decl *d)
{
    for (size_t i = 0; i < spec->ntunables; i++)
        if (spec->tunables[i].kind != TUNABLE_TEMPLATE &&
            spec->tunables[i].name_at.at == d->name_at.at)
            return &spec->tunables[i];
    return NULL;
}

static bool is_tunable(const struct spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->ntunables; i++)
        if (strcmp(spec->tunables[i].name, name) == 0)
            return true;
    return false;
}

static bool expand_name(struct constants *k, size_t scope, const struct spec *spec, struct expr *e)
{
    size_t n;
    const struct decl *d = constants_find(k, scope, e->name, &n);
    const struct tunable *t = d && n == 1 ? tunable_of(spec, d) : NULL;
    struct cursor c;
    struct expr *made;
    struct span at = e->at;
    bool tuned;

    if (t || is_tunable(spec, e->name)) {
        e->name = t ? t->name : e->name;
        return true;
    }
    if (!d || n != 1 || d->value.end == d->value.at || k->depth >= DEPTH_LIMIT)
        return false;
    cursor_init(&c, k->arena, NULL, k->file->src, d->value);
    made = expr_parse(&c);
    if (!made || !cursor_at_end(&c))
        return false;
    k->depth++;
    tuned = constants_expand(k, d->kind == DECL_MACRO ? scope : d->scope, spec, made);
    k->depth--;
    if (tuned) {
        *e = *made;
        e->at = at;
    }
    return tuned;
}

bool constants_expand(struct constants *k, size_t scope, const struct spec *spec, struct expr *e)
{
    bool a, b, c;

    if (!e || e->op == EXPR_NUMBER)
        return false;
    if (e->op == EXPR_NAME)
        return expand_name(k, scope, spec, e);
    a = constants_expand(k, scope, spec, e->a);
    b = constants_expand(k, scope, spec, e->b);
    c = constants_expand(k, scope, spec, e->c);
    return a || b || c;
}

/* an enumerator without a value is one more than the one before it, and the first is 0 */
static int enumerator_value(struct constants *k, const struct decl *d, int64_t *value,
                            struct error *err)
{
    const struct decl *first = k->file->decls->decl;
    int64_t steps = 0;

    while (d->value.end == d->value.at && d > first && d[-1].kind == DECL_ENUMERATOR) {
        d--;
        steps++;
    }
    *value = 0;
    if (d->value.end > d->value.at && constants_eval_text(k, d->scope, d->value, value, err))
        return -1;
    return __builtin_add_overflow(*value, steps, value) ? error_set(err, "it does not fit 64 bits")
                                                        : 0;
}

int constants_value(struct constants *k, const struct decl *d, int64_t *value, struct error *err)
{
    struct known *known = &k->known[d - k->file->decls->decl];
    int rc;

    if (known->state == KNOWN) {
        *value = known->value;
        return 0;
    }
    if (known->state == BUSY)
        return error_set(err, "it depends on itself");
    if (k->depth >= DEPTH_LIMIT || !constants_is_constant(k->file, d))
        return error_set(err, "'%s' is no constant whose value can be computed", d->name);
    known->state = BUSY;
    k->depth++;
    rc = d->kind == DECL_ENUMERATOR ? enumerator_value(k, d, value, err)
                                    : constants_eval_text(k, d->scope, d->value, value, err);
    k->depth--;
    known->state = rc ? UNKNOWN : KNOWN;
    known->value = rc ? 0 : *value;
    return rc;
}
