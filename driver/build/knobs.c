/* knobs.c - which knobs there are, and whether copies can hold them.
 *
 * What is offered must be right wherever the original is, so each family has its own rules for what
 * it takes (knobs_loops.c, knobs_bounds.c, knobs_stores.c). Here are those that all share:
 *
 * The function with the knob, and all of the entry's code that reaches it, must be copyable. State
 * of its own, a static variable, would be there twice.
 *
 * A kernel that gets more registers may fail to launch with blocks that the original could be
 * launched with. Launches of a kernel entry fall back to the original then, unless it is a kernel
 * that launches it. A host entry's launches are the user's own code, so each of its kernels must
 * have launch bounds that cover whatever the user launches: its own, or those of a guard. That is
 * known only for kernels that this file defines, so host code may reach the function with the knob
 * only through them, and not, say, hand it to a kernel of a library. */
#include "driver/build/knobs_impl.h"

#include <stdlib.h>
#include <string.h>
#include "driver/build/copy_check.h"
#include "driver/lang/brackets.h"
#include "driver/lang/lex.h"
#include "runtime/base/arena.h"

/* Gains seen in practice are small and often none; the difficulty is that of trying a value. */
static const struct knob_family FAMILIES[] = {
    [KNOB_BLOCKS] = {"blocks", "blocks that fit on a multiprocessor", 0.95, 1.03, 1.3, 1},
    [KNOB_MAXREG] = {"maxreg", "registers a thread", 0.95, 1.02, 1.2, 1},
    [KNOB_UNROLL] = {"unroll", "times that a loop's body is repeated", 0.95, 1.03, 1.3, 1},
    [KNOB_STREAM] = {"stream", "stores that do not stay in the cache", 0.98, 1.01, 1.1, 1},
};

enum { MOST = 24 };

/* ---- tokens ---- */

bool knobs_punct(const struct knob_finder *k, size_t t, char c)
{
    return lex_punct(k->src, &k->token[t], c);
}

bool knobs_pair(const struct knob_finder *k, size_t t, char c, char d)
{
    return knobs_punct(k, t, c) && knobs_punct(k, t + 1, d) &&
           k->token[t].span.end == k->token[t + 1].span.at;
}

bool knobs_is_any(const struct knob_finder *k, size_t t, const char *const *words)
{
    for (; k->token[t].kind == TOKEN_NAME && *words; words++)
        if (lex_is(k->src, &k->token[t], *words))
            return true;
    return false;
}

const bool *knobs_statements(struct knob_finder *k, const struct knob_function *f)
{
    static const char *const HEADS[] = {"if", "for", "while", "switch", NULL};
    bool *begins = arena_array(k->scratch, bool, f->close + 2);

    for (size_t t = f->open; t < f->close; t++) {
        size_t open = t + 1;
        if (!knobs_is_any(k, t, HEADS))
            continue;
        if (lex_is(k->src, &k->token[open], "constexpr"))
            open++;
        if (knobs_punct(k, open, '(') && k->match[open] < f->close &&
            knobs_punct(k, k->match[open], ')'))
            begins[k->match[open] + 1] = true;
    }
    return begins;
}

/* ---- functions ---- */

static size_t token_before(const struct decl *d, const struct token *token, size_t at)
{
    size_t t = d->first;

    while (t < d->last && token[t].span.at < at)
        t++;
    return t;
}

/* "sum", "sum.2": names must be the same whatever else is offered, so all count that have a body */
static const char *function_name(struct knob_finder *k, const struct decl *d)
{
    const struct decls *decls = k->spec->file->decls;
    size_t n = 1;

    for (const struct decl *o = decls->decl; o < d; o++)
        n += o->kind == DECL_FUNCTION && o->body.at < o->body.end && strcmp(o->name, d->name) == 0;
    return n > 1 ? arena_printf(k->arena, "%s.%zu", d->name, n) : d->name;
}

static void add_function(struct knob_finder *k, const struct decl *d)
{
    struct knob_function f = {.decl = d};
    struct knob_function *list = (struct knob_function *)k->functions;

    if (d->kind != DECL_FUNCTION || d->body.at == d->body.end || d->is_inactive || d->is_host ||
        !(d->is_global || d->is_device) || strcmp(d->name, "operator") == 0)
        return;
    f.open = token_before(d, k->token, d->body.at);
    f.close = k->match[f.open];
    if (f.open >= d->last || !knobs_punct(k, f.open, '{') || !knobs_punct(k, f.close, '}'))
        return;
    f.name = function_name(k, d);
    *arena_push(k->scratch, list, k->nfunctions) = f;
    k->functions = list;
}

static void find_functions(struct knob_finder *k)
{
    const struct uses *u = k->copy->uses;

    for (size_t i = 0; i < u->ngroups; i++)
        for (size_t j = 0; k->copy->reached[i] && j < u->group[i].ndecls; j++)
            add_function(k, uses_decl(u, &u->group[i], j));
}

void knobs_add(struct knob_finder *k, enum knob_kind kind, const struct knob_function *f,
               size_t number, const int64_t *values, size_t nvalues, const struct knob_site *sites,
               size_t nsites)
{
    struct knob *n = arena_push(k->arena, k->knob, k->nknobs);

    *n = (struct knob){.family = &FAMILIES[kind],
                       .function = f->decl->name,
                       .at = sites[0].span,
                       .values = values,
                       .nvalues = nvalues,
                       .sites = sites,
                       .nsites = nsites};
    n->name = number ? arena_printf(k->arena, "%s:%s:%zu", n->family->name, f->name, number)
                     : arena_printf(k->arena, "%s:%s", n->family->name, f->name);
}

/* ---- can copies hold them? ---- */

/* a variable that lives longer than a call and may change */
static bool has_state(const struct copy *c, const struct decl *d)
{
    static const char *const HARMLESS[] = {"const", "constexpr", "__shared__"};
    const struct tokens *ts = c->uses->file->tokens;

    for (size_t t = d->first; t < d->last; t++) {
        bool harmless = false;
        if (ts->token[t].span.at < d->body.at || !token_is(ts, t, "static"))
            continue;
        for (size_t i = 0; i < sizeof HARMLESS / sizeof *HARMLESS; i++)
            harmless |= token_is(ts, t + 1, HARMLESS[i]);
        if (!harmless)
            return true;
    }
    return false;
}

/* the names that only device code may call, of functions that knobs change */
static bool *device_names(struct arena *a, const struct copy *c)
{
    bool *ids = arena_array(a, bool, c->uses->nids + 1);

    for (size_t i = 0; i < c->uses->ngroups; i++)
        for (size_t j = 0; c->tainted[i] && j < c->uses->group[i].ndecls; j++) {
            const struct decl *d = uses_decl(c->uses, &c->uses->group[i], j);
            if (d->kind == DECL_FUNCTION && d->is_device && !d->is_global)
                ids[uses_id(c->uses, d->name, strlen(d->name))] = true;
        }
    ids[c->uses->nids] = false;
    return ids;
}

/* Does device code change only behind kernels of this file? Types, variables and macros that have
 * to do with it may get it anywhere, as host code may */
static bool is_behind_kernels(struct arena *a, const struct copy *c)
{
    const bool *ids = device_names(a, c);

    for (size_t i = 0; i < c->uses->ngroups; i++) {
        const struct group *g = &c->uses->group[i];
        bool host = false;
        for (size_t j = 0; c->copied[i] && j < g->ndecls; j++) {
            const struct decl *d = uses_decl(c->uses, g, j);
            host |= !(d->is_device || d->is_global);
        }
        for (size_t j = 0; host && j < g->nnames; j++)
            if (ids[g->name[j]])
                return false;
    }
    return true;
}

static bool has_any_state(const struct copy *c)
{
    for (size_t i = 0; i < c->uses->ngroups; i++)
        for (size_t j = 0; c->copied[i] && j < c->uses->group[i].ndecls; j++) {
            const struct decl *d = uses_decl(c->uses, &c->uses->group[i], j);
            if (d->kind == DECL_FUNCTION && (d->is_device || d->is_global) && has_state(c, d))
                return true;
        }
    return false;
}

static bool can_hold(const struct spec *spec, const struct knob *const *set, size_t n)
{
    struct arena *a = arena_new();
    const struct spec *with = knobs_spec(a, spec, set, n);
    struct spec alone = *with; /* the knobs' own doing, without the entry's tunables */
    const struct copy *c = copy_plan(a, with);
    bool can = !c->why && !has_any_state(c);

    if (can && spec->kind == ENTRY_HOST) {
        alone.tunables += spec->ntunables;
        alone.ntunables = n;
        can = is_behind_kernels(a, copy_plan(a, &alone));
    }
    arena_free(a);
    return can;
}

/* All together where that is possible, as it nearly always is; else each that goes with those
 * before it. Returns how many are left at the front */
static size_t keep_possible(const struct spec *spec, struct knob *knob, size_t n)
{
    const struct knob *set[MOST];
    struct knob kept[MOST];
    size_t left = 0;

    for (size_t i = 0; i < n; i++)
        set[i] = &knob[i];
    if (n == 0 || can_hold(spec, set, n))
        return n;
    for (size_t i = 0; i < n; i++) {
        set[left] = &knob[i];
        if (can_hold(spec, set, left + 1))
            kept[left++] = knob[i];
    }
    memcpy(knob, kept, left * sizeof *kept);
    return left;
}

/* ---- the whole ---- */

static int by_place(const void *left, const void *right)
{
    const struct knob *a = left, *b = right;

    return a->at.at < b->at.at ? -1 : a->at.at > b->at.at;
}

static void find_all(struct knob_finder *k)
{
    k->token = k->spec->file->tokens->token;
    k->match = brackets_match(k->scratch, k->spec->file->tokens);
    find_functions(k);
    if (knobs_bounds(k)) {
        k->nknobs = 0;
        return;
    }
    knobs_unroll(k);
    knobs_stream(k);
    if (k->nknobs > MOST)
        k->nknobs = MOST;
    if (k->nknobs)
        qsort(k->knob, k->nknobs, sizeof *k->knob, by_place);
    for (size_t i = 0; i < k->nknobs; i++) {
        k->knob[i].guards = k->guards;
        k->knob[i].nguards = k->nguards;
    }
}

size_t knobs_find(struct arena *a, const struct spec *spec, struct knob **out)
{
    struct knob_finder k = {.arena = a, .spec = spec_plain(spec), .src = spec->file->src};

    *out = NULL;
    if (spec->structure)
        return 0;
    k.scratch = arena_new();
    k.copy = copy_plan(k.scratch, k.spec);
    if (!k.copy->why)
        find_all(&k);
    arena_free(k.scratch);
    *out = k.knob;
    return keep_possible(k.spec, k.knob, k.nknobs);
}

static void add_tunable(struct tunable *t, const struct knob *k)
{
    *t = (struct tunable){.name = k->name,
                          .kind = TUNABLE_KNOB,
                          .values = (int64_t *)k->values,
                          .nvalues = k->nvalues,
                          .at = k->at,
                          .value = k->at,
                          .defined = k->at,
                          .name_at = k->at,
                          .knob = k};
}

const struct spec *knobs_spec(struct arena *a, const struct spec *spec,
                              const struct knob *const *set, size_t n)
{
    const struct spec *plain = spec_plain(spec);
    struct spec *with;

    if (n == 0)
        return plain;
    with = arena_alloc(a, sizeof *with);
    *with = *plain;
    with->knobs_of = plain;
    with->ntunables = plain->ntunables + n;
    with->tunables = arena_array(a, struct tunable, with->ntunables);
    if (plain->ntunables)
        memcpy(with->tunables, plain->tunables, plain->ntunables * sizeof *with->tunables);
    for (size_t i = 0; i < n; i++)
        add_tunable(&with->tunables[plain->ntunables + i], set[i]);
    return with;
}

static bool is_named(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

const struct spec *knobs_spec_for(struct arena *a, const struct spec *spec,
                                  const char *const *names, size_t n, const char **missing)
{
    const struct spec *plain = spec_plain(spec), *with;
    const struct knob *set[MOST] = {NULL};
    struct knob *knob = NULL;
    size_t count = 0, nset = 0, unknown = 0;

    for (size_t i = 0; i < n; i++)
        unknown += spec_find_tunable(plain, names[i]) < 0;
    if (unknown) /* else nothing need be looked for */
        count = knobs_find(a, plain, &knob);
    for (size_t i = 0; i < count; i++)
        if (is_named(names, n, knob[i].name))
            set[nset++] = &knob[i];
    with = knobs_spec(a, plain, set, nset);
    if (missing)
        *missing = NULL;
    for (size_t i = 0; missing && !*missing && i < n; i++)
        if (spec_find_tunable(with, names[i]) < 0)
            *missing = names[i];
    return with;
}
