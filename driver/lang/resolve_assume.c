/* resolve_assume.c - what a variant may take for granted.
 *
 * The emitted function tests an assumption at run time, so it may speak only of what that function
 * sees: its own scalar parameters and constants. A timed point that violates one would measure the
 * original against itself, and is an error. */
#include <string.h>
#include "driver/lang/resolve.h"
#include "runtime/base/arena.h"

struct assume_names {
    struct resolver *r;
    const struct clause *clause;
    int rc;
};

enum let_state { LET_UNKNOWN, LET_BUSY, LET_KNOWN, LET_NO_VALUE };

struct let_value { /* at one point; computed once, however often it is used */
    enum let_state state;
    int64_t value;
};

enum { LET_DEPTH = 16 };

struct point_view { /* names as a point sees them */
    struct resolver *r;
    const struct point *point;
    struct let_value *lets; /* one a let */
    unsigned depth;         /* of lets that use lets */
};

static void visit_name(void *arg, const char *name, struct span at)
{
    struct assume_names *w = arg;
    struct resolver *r = w->r;
    struct constants_view view = {r->constants, r->decl->scope};
    int param = spec_find_param(r->spec, name);
    int64_t value;

    if (param >= 0 && !r->spec->params[param].is_pointer)
        return;
    if (param >= 0)
        w->rc = resolve_error(r, w->clause, at.at, "'%s' is a pointer: assume() is about numbers",
                              name);
    else if (spec_find_dim(r->spec, name) >= 0 || spec_find_let(r->spec, name) >= 0)
        w->rc = resolve_error(r, w->clause, at.at,
                              "'%s' is not a parameter of '%s': the compiled function could not "
                              "test this",
                              name, r->spec->name);
    else if (strncmp(name, "gpu.", 4) != 0 && spec_find_tunable(r->spec, name) < 0 &&
             !constants_lookup(&view, name, &value))
        w->rc = resolve_error(
            r, w->clause, at.at,
            "'%s' is neither a parameter of '%s' nor a constant that can be computed here%s", name,
            r->spec->name, resolve_param_hint(r, name));
}

static int lookup(void *arg, const char *name, int64_t *value);

/* a let's value, where it is simple enough to be computed here */
static int lookup_let(struct point_view *v, int let, int64_t *value)
{
    const struct clause *c = v->r->of_let[let];
    struct let_value *known = &v->lets[let];
    struct cursor cursor;
    struct expr *e;

    if (known->state == LET_UNKNOWN && v->depth < LET_DEPTH) {
        known->state = LET_BUSY;
        v->depth++;
        cursor_init(&cursor, v->r->arena, NULL, c->src, v->r->spec->lets[let].value.at);
        e = expr_parse(&cursor);
        known->state =
            e && cursor_at_end(&cursor) && expr_eval(e, lookup, v, &known->value, NULL) == 0
                ? LET_KNOWN
                : LET_NO_VALUE;
        v->depth--;
    }
    *value = known->value;
    return known->state == LET_KNOWN;
}

static int lookup(void *arg, const char *name, int64_t *value)
{
    struct point_view *v = arg;
    struct constants_view view = {v->r->constants, v->r->decl->scope};
    int dim = spec_find_dim(v->r->spec, name), let = spec_find_let(v->r->spec, name);

    if (spec_find_arg(v->r->spec, name) >= 0) /* the parameter's value is any C++ */
        return 0;
    if (dim >= 0 && v->point->bound[dim]) {
        *value = v->point->dims[dim];
        return 1;
    }
    if (let >= 0)
        return lookup_let(v, let, value);
    if (spec_find_tunable(v->r->spec, name) >= 0)
        return 0;
    return constants_lookup(&view, name, value);
}

static int check_points(struct resolver *r, const struct clause *c, const struct constraint *k)
{
    for (size_t i = 0; i < r->spec->npoints; i++) {
        struct point_view view = {r, &r->spec->points[i], NULL, 0};
        int64_t value;
        if (!view.point->timed)
            continue;
        view.lets = arena_array(r->arena, struct let_value, r->spec->nlets);
        if (expr_eval(k->expr, lookup, &view, &value, NULL) || value)
            continue;
        resolve_error(r, c, k->at.at, "workload '%s' does not satisfy this assumption",
                      view.point->label);
        diag_note(r->diag, r->file->src, view.point->at.at, "given here");
        return -1;
    }
    return 0;
}

int resolve_assumes(struct resolver *r)
{
    int rc = 0;

    for (size_t i = 0; i < r->nclauses; i++) {
        const struct clause *c = &r->clauses[i];
        for (size_t k = 0; c->kind == CLAUSE_ASSUME && k < c->nexprs; k++) {
            struct constraint *assume = arena_push(r->arena, r->spec->assumes, r->spec->nassumes);
            struct assume_names w = {r, c, 0};
            *assume = c->exprs[k];
            assume->at = resolve_place(r, c, assume->at);
            expr_names(c->exprs[k].expr, visit_name, &w);
            rc |= w.rc ? w.rc : check_points(r, c, &c->exprs[k]);
        }
    }
    return rc ? -1 : 0;
}
