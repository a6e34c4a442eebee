/* resolve_tune.c - tunables: where they are defined, what they are in the code, what they may be.
 *
 * The code is the source of truth: a tunable is a constant of the file, and its value there is the
 * default. So that default must be one of the values, and the values in the code must satisfy every
 * where(). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "driver/lang/lex.h"
#include "driver/lang/resolve.h"
#include "runtime/base/arena.h"

static void note_defined(struct resolver *r, struct span at)
{
    diag_note(r->diag, r->file->src, at.at, "defined here");
}

/* --- definitions --- */

static int define_template(struct resolver *r, const struct clause *c, struct tunable *t,
                           struct tparam *p)
{
    static const char *const TYPES[] = {"typename", "class", "auto", "float", "double"};

    if (r->spec->kind != ENTRY_KERNEL)
        return resolve_error(r, c, c->name_at.at,
                             "'%s' is a template parameter of a host function, which its callers "
                             "choose: tune a constant instead",
                             c->name);
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        if (strncmp(p->kind, TYPES[i], strlen(TYPES[i])) != 0 || strcmp(TYPES[i], "auto") == 0)
            continue;
        resolve_error(r, c, c->name_at.at, "template parameter '%s' is no integer", c->name);
        note_defined(r, p->whole);
        return -1;
    }
    if (!p->fallback.text) {
        resolve_error(r, c, c->name_at.at,
                      "template parameter '%s' needs a default, as in %s %s = 4, to be tuned",
                      c->name, p->kind, c->name);
        note_defined(r, p->whole);
        return -1;
    }
    t->kind = TUNABLE_TEMPLATE;
    t->value = p->fallback.at;
    t->defined = p->whole;
    t->name_at = p->at;
    p->tunable = (int)r->spec->ntunables - 1;
    return 0;
}

/* a header's constants stay as they are: other files have them too */
static void note_used(struct resolver *r, const struct clause *c)
{
    const struct tokens *ts = r->file->tokens;

    for (size_t t = 0; t < ts->n; t++)
        if (token_is(ts, t, c->name)) {
            diag_note(r->diag, r->file->src, ts->token[t].span.at,
                      "what is used here is defined elsewhere; a constant of this file that takes "
                      "its place can be tuned, as in `constexpr int OWN = %s;`",
                      c->name);
            return;
        }
}

/* `int threads = 256` inside of a declaration of the kind; SIZE_MAX: there is none */
static size_t inner_constant(const struct file *f, enum decl_kind kind, const char *name)
{
    const struct tokens *ts = f->tokens;

    for (size_t i = 0; i < f->decls->n; i++)
        for (size_t t = f->decls->decl[i].first + 1; t + 1 < f->decls->decl[i].last; t++)
            if (f->decls->decl[i].kind == kind && token_is(ts, t, name) &&
                ts->token[t - 1].kind == TOKEN_NAME && lex_punct(f->src, &ts->token[t + 1], '=') &&
                ts->token[t].span.at >= f->decls->decl[i].body.at)
                return ts->token[t].span.at;
    return SIZE_MAX;
}

/* false: there is none to speak of */
static bool note_inner(struct resolver *r, const struct clause *c)
{
    const char *colons = strrchr(c->name, ':'), *name = colons ? colons + 1 : c->name;
    size_t in_function = inner_constant(r->file, DECL_FUNCTION, name);
    size_t in_class = inner_constant(r->file, DECL_TYPE, name);

    if (!colons && in_function != SIZE_MAX)
        diag_note(r->diag, r->file->src, in_function,
                  "this one belongs to a function: declare it outside, as in constexpr int %s = "
                  "...;",
                  name);
    else if (in_class != SIZE_MAX)
        diag_note(r->diag, r->file->src, in_class,
                  "this one belongs to a class: tune a constant outside of it, and make this one "
                  "equal to that");
    return (!colons && in_function != SIZE_MAX) || in_class != SIZE_MAX;
}

/* no constant of that name is in sight; perhaps one is elsewhere */
static int undefined(struct resolver *r, const struct clause *c)
{
    resolve_error(r, c, c->name_at.at,
                  "tunable '%s' is neither a template parameter of '%s' nor a constant defined in "
                  "this file",
                  c->name, r->spec->name);
    if (diag_full(r->diag))
        return -1;
    for (size_t i = 0; i < r->file->decls->n; i++) {
        const struct decl *d = &r->file->decls->decl[i];
        if (strcmp(d->name, c->name) != 0 || d->value.end == d->value.at)
            continue;
        diag_note(r->diag, r->file->src, d->name_at.at, "this one is not visible from '%s'",
                  r->spec->name);
        return -1;
    }
    if (!note_inner(r, c))
        note_used(r, c);
    return -1;
}

static int define_constant(struct resolver *r, const struct clause *c, struct tunable *t)
{
    size_t n;
    const struct decl *d = constants_find(r->constants, r->decl->scope, c->name, &n);

    if (!d)
        return undefined(r, c);
    if (n > 1)
        resolve_error(r, c, c->name_at.at,
                      r->file->is_probed
                          ? "'%s' is defined %zu times in this file, and more than one holds: for "
                            "host code, say, and for device code"
                          : "'%s' is defined %zu times in this file: which one is meant, only the "
                            "preprocessor knows",
                      c->name, n);
    else if (!constants_is_constant(r->file, d))
        resolve_error(r, c, c->name_at.at, "'%s' is a variable: make it constexpr to tune it",
                      c->name);
    if (n > 1 || !constants_is_constant(r->file, d)) {
        note_defined(r, d->name_at);
        return -1;
    }
    t->kind = d->kind == DECL_MACRO        ? TUNABLE_MACRO
              : d->kind == DECL_ENUMERATOR ? TUNABLE_ENUMERATOR
                                           : TUNABLE_CONSTANT;
    t->value = d->value;
    t->defined = d->span;
    t->name_at = d->name_at;
    if (t->value.end > t->value.at)
        return 0;
    resolve_error(r, c, c->name_at.at, "enumerator '%s' needs a value of its own to be tuned",
                  c->name);
    note_defined(r, d->name_at);
    return -1;
}

/* --- values --- */

static int evaluate(struct resolver *r, const struct clause *c, const struct expr *e,
                    int64_t *value)
{
    struct constants_view view = {r->constants, r->decl->scope};
    struct error err = {""};

    if (expr_eval(e, constants_lookup, &view, value, &err) == 0)
        return 0;
    return resolve_error(r, c, expr_span(e).at, "this value cannot be computed: %s", err.text);
}

static int too_many(struct resolver *r, const struct clause *c)
{
    return resolve_error(r, c, c->domain.at.at, "more than %d values", VALUE_LIMIT);
}

static int list_values(struct resolver *r, const struct clause *c, struct tunable *t)
{
    if (c->domain.n > VALUE_LIMIT)
        return too_many(r, c);
    t->values = arena_array(r->arena, int64_t, c->domain.n);
    for (size_t i = 0; i < c->domain.n; i++) {
        if (evaluate(r, c, c->domain.exprs[i], &t->values[i]))
            return -1;
        t->nvalues++;
    }
    return 0;
}

static int range_values(struct resolver *r, const struct clause *c, struct tunable *t)
{
    int64_t low, high, step = 1;
    uint64_t count;

    if (evaluate(r, c, c->domain.exprs[0], &low) || evaluate(r, c, c->domain.exprs[1], &high) ||
        (c->domain.n > 2 && evaluate(r, c, c->domain.exprs[2], &step)))
        return -1;
    if (step <= 0)
        return resolve_error(r, c, expr_span(c->domain.exprs[2]).at,
                             "the step must be more than 0");
    if (high < low)
        return resolve_error(r, c, c->domain.at.at, "an empty range: from %" PRId64 " to %" PRId64,
                             low, high);
    count = ((uint64_t)high - (uint64_t)low) / (uint64_t)step + 1;
    if (count > VALUE_LIMIT || count == 0)
        return too_many(r, c);
    t->is_range = true;
    t->nvalues = (size_t)count;
    t->values = arena_array(r->arena, int64_t, count);
    for (size_t i = 0; i < t->nvalues; i++)
        t->values[i] = low + (int64_t)i * step;
    return 0;
}

static int pow2_values(struct resolver *r, const struct clause *c, struct tunable *t)
{
    int64_t low, high;

    if (evaluate(r, c, c->domain.exprs[0], &low) || evaluate(r, c, c->domain.exprs[1], &high))
        return -1;
    t->is_pow2 = true;
    t->values = arena_array(r->arena, int64_t, 64);
    for (int bit = 0; bit < 63; bit++)
        if ((int64_t)1 << bit >= low && (int64_t)1 << bit <= high)
            t->values[t->nvalues++] = (int64_t)1 << bit;
    if (t->nvalues > 0 && low > 0)
        return 0;
    return resolve_error(r, c, c->domain.at.at,
                         "no power of two lies between %" PRId64 " and %" PRId64, low, high);
}

static int compare_values(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static int check_distinct(struct resolver *r, const struct clause *c, const struct tunable *t)
{
    int64_t *sorted = arena_array(r->arena, int64_t, t->nvalues);

    memcpy(sorted, t->values, t->nvalues * sizeof *sorted);
    qsort(sorted, t->nvalues, sizeof *sorted, compare_values);
    for (size_t i = 1; i < t->nvalues; i++) {
        if (sorted[i] != sorted[i - 1])
            continue;
        for (size_t k = t->nvalues; k > 0; k--) /* the last of them is the superfluous one */
            if (t->values[k - 1] == sorted[i])
                return resolve_error(r, c, expr_span(c->domain.exprs[k - 1]).at,
                                     "%" PRId64 " is among the values twice", sorted[i]);
    }
    return 0;
}

static int find_default(struct resolver *r, const struct clause *c, struct tunable *t)
{
    struct error err = {""};
    int64_t value;

    if (constants_eval_text(r->constants, r->decl->scope, t->value, &value, &err)) {
        resolve_error(r, c, c->name_at.at, "the value of '%s' in the code is not known: %s",
                      t->name, err.text);
        note_defined(r, t->value);
        return -1;
    }
    for (t->def = 0; t->def < t->nvalues; t->def++)
        if (t->values[t->def] == value)
            return 0;
    resolve_error(r, c, c->name_at.at,
                  "the value of '%s' in the code, %" PRId64 ", is not among its tune() values",
                  t->name, value);
    note_defined(r, t->value);
    return -1;
}

/* a constant whose definition here is under a condition that does not hold in this compile: #ifndef
 * BLOCK, say, where the command line has -DBLOCK=128 */
static bool comes_from_elsewhere(const struct resolver *r, const struct clause *c)
{
    size_t n;

    if (constants_find(r->constants, r->decl->scope, c->name, &n))
        return false;
    for (size_t i = 0; i < r->file->decls->n; i++)
        if (r->file->decls->decl[i].is_inactive &&
            strcmp(r->file->decls->decl[i].name, c->name) == 0)
            return true;
    return false;
}

static int add_tunable(struct resolver *r, const struct clause *c)
{
    static int (*const VALUES[])(struct resolver *, const struct clause *,
                                 struct tunable *) = {list_values, range_values, pow2_values};
    int old = spec_find_tunable(r->spec, c->name), param = spec_find_tparam(r->spec, c->name);
    struct tunable *t;

    if (old >= 0) {
        resolve_error(r, c, c->name_at.at, "'%s' is tuned twice", c->name);
        diag_note(r->diag, r->file->src, r->spec->tunables[old].at.at, "first tuned here");
        return -1;
    }
    if (param < 0 && comes_from_elsewhere(r, c)) {
        diag_warning(r->diag, c->src, c->name_at.at,
                     "'%s' is not tuned: in this compile it is not what this file defines",
                     c->name);
        return 0;
    }
    t = arena_push(r->arena, r->spec->tunables, r->spec->ntunables);
    t->name = c->name;
    t->at = resolve_place(r, c, c->name_at);
    if (param >= 0 ? define_template(r, c, t, &r->spec->tparams[param]) : define_constant(r, c, t))
        return -1;
    if (VALUES[c->domain.kind](r, c, t) || check_distinct(r, c, t))
        return -1;
    return find_default(r, c, t);
}

int resolve_tunables(struct resolver *r)
{
    int rc = 0;

    for (size_t i = 0; i < r->nclauses; i++)
        if (r->clauses[i].kind == CLAUSE_TUNE)
            rc |= add_tunable(r, &r->clauses[i]);
    return rc ? -1 : 0;
}

/* --- where --- */

enum { COMBINATIONS_MOST = 100000 }; /* of values that are tried */

struct where_names { /* what an expression speaks of */
    struct resolver *r;
    const struct clause *clause;
    bool *used;   /* one a tunable */
    bool gpu;     /* something of the GPU */
    bool unknown; /* a figure of the GPU that is not known here */
    int rc;
};

static void visit_name(void *arg, const char *name, struct span at)
{
    struct where_names *w = arg;
    struct resolver *r = w->r;
    struct constants_view view = {r->constants, r->decl->scope};
    int tunable = spec_find_tunable(r->spec, name);
    const char **names, *near;
    int64_t value;

    if (tunable >= 0) {
        w->used[tunable] = true;
        return;
    }
    w->gpu |= strncmp(name, "gpu.", 4) == 0;
    if (constants_lookup(&view, name, &value))
        return;
    if (strncmp(name, "gpu.", 4) == 0) {
        w->unknown = true;
        return;
    }
    names = arena_array(r->arena, const char *, r->spec->ntunables);
    for (size_t i = 0; i < r->spec->ntunables; i++)
        names[i] = r->spec->tunables[i].name;
    near = diag_nearest(name, names, r->spec->ntunables);
    if (spec_find_dim(r->spec, name) >= 0 || spec_find_param(r->spec, name) >= 0)
        w->rc = resolve_error(r, w->clause, at.at,
                              "where() relates tunables to each other and to the GPU; '%s' differs "
                              "from call to call",
                              name);
    else
        w->rc = resolve_error(r, w->clause, at.at,
                              "'%s' is neither a tunable nor an integer constant%s%s%s", name,
                              near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int lookup_default(void *arg, const char *name, int64_t *value)
{
    struct resolver *r = arg;
    struct constants_view view = {r->constants, r->decl->scope};
    int tunable = spec_find_tunable(r->spec, name);

    if (tunable < 0)
        return constants_lookup(&view, name, value);
    *value = r->spec->tunables[tunable].values[r->spec->tunables[tunable].def];
    return 1;
}

/* "BM = 64, BN = 64" of the tunables used, in the order in which they were declared */
static const char *defaults_text(const struct resolver *r, const bool *used)
{
    const char *text = "";

    for (size_t i = 0; i < r->spec->ntunables; i++) {
        const struct tunable *t = &r->spec->tunables[i];
        if (used[i])
            text = arena_printf(r->arena, "%s%s%s = %" PRId64, text, *text ? ", " : "", t->name,
                                t->values[t->def]);
    }
    return text;
}

struct trying { /* values for the tunables, by their indices */
    struct resolver *r;
    size_t *index;
};

static int lookup_tried(void *arg, const char *name, int64_t *value)
{
    struct trying *t = arg;
    struct constants_view view = {t->r->constants, t->r->decl->scope};
    int tunable = spec_find_tunable(t->r->spec, name);

    if (tunable < 0)
        return constants_lookup(&view, name, value);
    *value = t->r->spec->tunables[tunable].values[t->index[tunable]];
    return 1;
}

/* do any values satisfy the constraints from `first` to the last one so far? Those are what no
 * value can be had of satisfy none. true also where that takes too long to find out */
static bool any_values(struct resolver *r, size_t first)
{
    struct trying t = {r, arena_array(r->arena, size_t, r->spec->ntunables + 1)};
    size_t i = 0;

    for (int tries = 0; tries < COMBINATIONS_MOST; tries++) {
        bool holds = true;
        for (size_t k = first; k < r->spec->nwheres && holds; k++) {
            int64_t value = 0;
            holds =
                expr_eval(r->spec->wheres[k].expr, lookup_tried, &t, &value, NULL) == 0 && value;
        }
        if (holds)
            return true;
        for (i = 0; i < r->spec->ntunables && ++t.index[i] == r->spec->tunables[i].nvalues; i++)
            t.index[i] = 0;
        if (i == r->spec->ntunables)
            return false;
    }
    return true;
}

/* the values in the code do not do: would others? */
static void note_no_values(struct resolver *r, const struct clause *c, const struct constraint *k)
{
    if (!any_values(r, r->spec->nwheres - 1))
        diag_note(r->diag, c->src, k->at.at, "no values of its tunables satisfy it");
    else if (!any_values(r, 0))
        diag_note(r->diag, c->src, k->at.at,
                  "no values satisfy it together with the constraints before it: they contradict "
                  "each other");
}

/* The values in the code must do. What the constraint says about the GPU is another matter: the
 * same file may be compiled for a smaller one, where only a search would have to leave them. */
static int check_defaults(struct resolver *r, const struct clause *c, const struct constraint *k,
                          const struct where_names *w)
{
    struct error err = {""};
    const char *text = defaults_text(r, w->used);
    int64_t value;

    if (w->unknown)
        return 0;
    if (expr_eval(k->expr, lookup_default, r, &value, &err))
        return resolve_error(r, c, k->at.at,
                             "with the values in the code this constraint cannot be computed: %s",
                             err.text);
    if (value)
        return 0;
    if (w->gpu) {
        diag_warning(r->diag, c->src, k->at.at,
                     "on this GPU the values in the code do not satisfy this constraint: %s", text);
        return 0;
    }
    resolve_error(r, c, k->at.at, "the values in the code do not satisfy this constraint%s%s",
                  *text ? ": " : "", text);
    if (*text)
        note_no_values(r, c, k);
    return -1;
}

int resolve_wheres(struct resolver *r)
{
    int rc = 0;

    for (size_t i = 0; i < r->nclauses; i++) {
        const struct clause *c = &r->clauses[i];
        for (size_t k = 0; c->kind == CLAUSE_WHERE && k < c->nexprs; k++) {
            struct constraint *where = arena_push(r->arena, r->spec->wheres, r->spec->nwheres);
            struct where_names w = {.r = r, .clause = c};
            w.used = arena_array(r->arena, bool, r->spec->ntunables);
            constants_expand(r->constants, r->decl->scope, r->spec, c->exprs[k].expr);
            expr_names(c->exprs[k].expr, visit_name, &w);
            *where = c->exprs[k];
            rc |= w.rc ? w.rc : check_defaults(r, c, &c->exprs[k], &w);
            where->at = resolve_place(r, c, where->at);
        }
    }
    return rc ? -1 : 0;
}
