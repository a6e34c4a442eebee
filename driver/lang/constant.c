/* constant.c - finding and computing a file's constants.
 *
 * Lookup follows C++ as far as namespaces go: the innermost enclosing namespace that has the name
 * wins, what stands in an anonymous or inline namespace belongs to the one around it, and a macro
 * wins over everything. Values are computed when asked for and kept; a constant that depends on
 * itself, or on what this file does not show, has none. */
#include "driver/lang/constant.h"

#include <stdlib.h>
#include <string.h>
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

enum { DEPTH_LIMIT = 100, PATH_LIMIT = 64, KEY_LIMIT = 16384, EXPAND_LIMIT = 10000 };

enum state { UNKNOWN, BUSY, KNOWN, NO_VALUE };

/* A declaration under the name by which it is found: that of its namespaces, anonymous and inline
 * ones left out, and its own, "a::b::N"; "#N" for a macro. Sorted by that, and in the order of the
 * file. */
struct entry {
    const char *key;
    size_t decl;
};

struct constants {
    struct arena *arena;
    const struct file *file;
    struct gpu gpu;
    struct known {
        enum state state;
        int64_t value;
    } * known; /* one a declaration */
    unsigned depth;
    const char **path; /* of each namespace, "a::b"; NULL when they are nested deeper than anyone
                          does */
    struct entry *entry;
    size_t nentries;
    struct constants *outer; /* around this text; NULL: there is none */
    size_t outer_scope;
    size_t expanded; /* names that constants_expand has replaced */
};

/* --- lookup --- */

static bool holds_value(const struct decl *d)
{
    if (d->kind == DECL_ENUMERATOR)
        return true;
    if (d->kind == DECL_MACRO && d->params.end > d->params.at)
        return false;
    return (d->kind == DECL_VARIABLE || d->kind == DECL_MACRO) && d->value.end > d->value.at;
}

static const char *join(struct arena *a, const char *path, const char *name)
{
    return *path ? arena_printf(a, "%s::%s", path, name) : name;
}

static void find_paths(struct constants *k)
{
    const struct decls *decls = k->file->decls;
    unsigned *depth = arena_array(k->arena, unsigned, decls->nscopes);

    k->path = arena_array(k->arena, const char *, decls->nscopes);
    k->path[0] = "";
    for (size_t i = 1; i < decls->nscopes; i++) { /* a parent comes before its children */
        const struct scope *s = &decls->scope[i];
        const char *outer = k->path[s->parent];
        bool named = s->name && !s->is_inline;
        depth[i] = depth[s->parent] + named;
        if (outer && named)
            outer = depth[i] <= PATH_LIMIT && strlen(outer) < KEY_LIMIT
                        ? join(k->arena, outer, s->name)
                        : NULL;
        k->path[i] = outer;
    }
}

static int entry_order(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = strcmp(x->key, y->key);

    return order ? order : x->decl < y->decl ? -1 : x->decl > y->decl;
}

struct constants *constants_new(struct arena *a, const struct file *f, const struct gpu *gpu)
{
    struct constants *k = arena_alloc(a, sizeof *k);

    k->arena = a;
    k->file = f;
    k->gpu = *gpu;
    k->known = arena_array(a, struct known, f->decls->n);
    find_paths(k);
    for (size_t i = 0; i < f->decls->n; i++) {
        const struct decl *d = &f->decls->decl[i];
        const char *path = k->path[d->scope];
        if (d->is_inactive)
            continue;
        if (holds_value(d) && d->kind == DECL_MACRO)
            *arena_push(a, k->entry, k->nentries) =
                (struct entry){arena_printf(a, "#%s", d->name), i};
        else if (holds_value(d) && path)
            *arena_push(a, k->entry, k->nentries) = (struct entry){join(a, path, d->name), i};
    }
    if (k->nentries > 0)
        qsort(k->entry, k->nentries, sizeof *k->entry, entry_order);
    return k;
}

struct constants *constants_inside(struct constants *outer, size_t scope, const struct file *f)
{
    struct constants *k = constants_new(outer->arena, f, &outer->gpu);

    k->outer = outer;
    k->outer_scope = scope;
    return k;
}

/* the first entry whose key is not less, or greater, than `key` */
static size_t entry_bound(const struct constants *k, const char *key, bool greater)
{
    size_t low = 0, high = k->nentries;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(k->entry[mid].key, key);
        if (order < 0 || (greater && order == 0))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static const struct decl *find_key(const struct constants *k, const char *key, size_t *n)
{
    size_t first = entry_bound(k, key, false);

    *n = entry_bound(k, key, true) - first;
    return *n ? &k->file->decls->decl[k->entry[first].decl] : NULL;
}

/* seen from the namespace `path` */
static const struct decl *find_from(const struct constants *k, const char *path, const char *name,
                                    size_t *n)
{
    const struct decl *found = NULL;
    struct buf key;

    *n = 0;
    if (!path)
        return NULL;
    buf_init(&key, 2 * KEY_LIMIT);
    buf_addf(&key, "#%s", name);
    found = find_key(k, buf_text(&key), n);
    for (size_t len = strlen(path); !found; len--) { /* from the innermost outwards */
        if (path[len] != '\0' && strncmp(path + len, "::", 2) != 0 && len > 0)
            continue;
        buf_clear(&key);
        buf_add(&key, path, len);
        buf_addf(&key, "%s%s", len ? "::" : "", name);
        found = key.full ? NULL : find_key(k, buf_text(&key), n);
        if (len == 0)
            break;
    }
    buf_release(&key);
    return found;
}

const struct decl *constants_find(const struct constants *k, size_t scope, const char *name,
                                  size_t *n)
{
    return find_from(k, k->path[scope], name, n);
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

/* the constants of the headers; NULL when they cannot be had */
static struct constants *headers_constants(struct constants *k)
{
    struct headers *h = k->file->headers;
    const struct source *text = h && !h->asked ? h->text(h->arg) : NULL;

    if (h)
        h->asked = true;
    if (text)
        h->constants =
            constants_new(k->file->arena, annotations_none(k->file->arena, text), &k->gpu);
    return h ? h->constants : NULL;
}

int constants_lookup(void *view, const char *name, int64_t *value)
{
    const struct constants_view *v = view;
    struct constants *k = v->constants;
    const struct decl *d;
    size_t n;

    if (gpu_figure(&k->gpu, name, value))
        return *value != 0;
    d = constants_find(k, v->scope, name, &n);
    if (!d && k->outer) {
        struct constants_view outer = {k->outer, k->outer_scope};
        return constants_lookup(&outer, name, value);
    }
    if (!d) {
        const char *path = k->path[v->scope];
        k = headers_constants(k);
        d = k ? find_from(k, path, name, &n) : NULL;
    }
    return d && n == 1 && constants_value(k, d, value, NULL) == 0;
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
        if (spec->tunables[i].kind != TUNABLE_TEMPLATE && spec->tunables[i].kind != TUNABLE_KNOB &&
            spec->tunables[i].name_at.at == d->name_at.at)
            return &spec->tunables[i];
    return NULL;
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

    if (t || spec_find_tunable(spec, e->name) >= 0) {
        e->name = t ? t->name : e->name;
        return true;
    }
    if (!d || n != 1 || d->value.end == d->value.at)
        return false;
    if (k->depth >= DEPTH_LIMIT || ++k->expanded > EXPAND_LIMIT) { /* has no value, and says why */
        e->name = arena_printf(k->arena, "%s, made from too many constants", e->name);
        return true;
    }
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

/* An enumerator without a value is one more than the one before it, and the first is 0. The values
 * of those in between are kept, so that an enumeration is walked over once. */
static int enumerator_value(struct constants *k, const struct decl *d, int64_t *value,
                            struct error *err)
{
    const struct decl *first = k->file->decls->decl, *from = d;

    while (from->value.end == from->value.at && from > first && from[-1].kind == DECL_ENUMERATOR &&
           k->known[from - first].state != KNOWN)
        from--;
    *value = 0;
    if (k->known[from - first].state == KNOWN)
        *value = k->known[from - first].value;
    else if (from->value.end > from->value.at &&
             constants_eval_text(k, from->scope, from->value, value, err))
        return -1;
    for (; from < d; from++) {
        k->known[from - first] = (struct known){KNOWN, *value};
        if (__builtin_add_overflow(*value, (int64_t)1, value))
            return error_set(err, "it does not fit 64 bits");
    }
    return 0;
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
