/* resolve_points.c - workloads and tests multiplied out into points.
 *
 * The lists of one clause multiply, the first changing slowest. All names bound anywhere are the
 * dimensions, and every point must bind all of them, but for those that a let of the same name
 * gives. What tells points apart for people and records is the label: "prefill: rows=8192, d=4096",
 * with the generators a point brings, where that is what it differs in. */
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include "driver/lang/resolve.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

enum { LABEL_LIMIT = 2000 };

struct clause_values { /* one clause's binds, evaluated */
    const struct clause *clause;
    int64_t **values; /* one list a bind; NULL for generators and the weight */
    double weight;
};

/* --- dimensions --- */

static int bind_kind(struct resolver *r, const struct clause *c, const struct bind *bind)
{
    bool array = spec_find_array(r->spec, bind->name) >= 0;

    for (size_t i = 0; i < bind->nvalues; i++) {
        const struct bind_value *v = &bind->values[i];
        if (array && v->expr)
            return resolve_error(r, c, v->at.at,
                                 "'%s' is an array: it takes a generator here, as in %s = zeros",
                                 bind->name, bind->name);
        if (!array && !v->expr)
            return resolve_error(r, c, bind->at.at,
                                 "'%s' is no array of this block and cannot take a generator",
                                 bind->name);
    }
    if (array) {
        enum role role = r->spec->arrays[spec_find_array(r->spec, bind->name)].role;
        return role == ROLE_IN || role == ROLE_INOUT
                   ? 0
                   : resolve_error(r, c, bind->at.at,
                                   "'%s' is no input: a generator is for in and inout", bind->name);
    }
    for (size_t i = 0; i < r->nclauses; i++)
        if (r->clauses[i].kind == CLAUSE_TUNE && strcmp(r->clauses[i].name, bind->name) == 0)
            return resolve_error(r, c, bind->at.at, "'%s' is tuned and cannot be a dimension",
                                 bind->name);
    if (spec_find_dim(r->spec, bind->name) < 0)
        *arena_push(r->arena, r->spec->dims, r->spec->ndims) = bind->name;
    return 0;
}

static int bind_twice(struct resolver *r, const struct clause *c, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(c->binds[i].name, c->binds[index].name) == 0)
            return resolve_error(r, c, c->binds[index].at.at, "'%s' is given twice",
                                 c->binds[index].name);
    return 0;
}

static bool is_points(const struct clause *c)
{
    return c->kind == CLAUSE_WORKLOAD || c->kind == CLAUSE_TEST;
}

int resolve_dims(struct resolver *r)
{
    int rc = 0;

    for (size_t i = 0; i < r->nclauses; i++) {
        const struct clause *c = &r->clauses[i];
        for (size_t k = 0; is_points(c) && k < c->nbinds; k++) {
            rc |= bind_twice(r, c, k);
            if (c->binds[k].nvalues > 0)
                rc |= bind_kind(r, c, &c->binds[k]);
        }
    }
    return rc ? -1 : 0;
}

/* --- values --- */

/* integers that a size may be passed as, and what they hold; of other types nothing is known here
 */
static const struct integer {
    const char *name;
    int64_t least, most;
} INTEGERS[] = {
    {"int", INT_MIN, INT_MAX},
    {"signed", INT_MIN, INT_MAX},
    {"signed int", INT_MIN, INT_MAX},
    {"int32_t", INT32_MIN, INT32_MAX},
    {"std::int32_t", INT32_MIN, INT32_MAX},
    {"unsigned", 0, UINT_MAX},
    {"unsigned int", 0, UINT_MAX},
    {"uint32_t", 0, UINT32_MAX},
    {"std::uint32_t", 0, UINT32_MAX},
    {"short", SHRT_MIN, SHRT_MAX},
    {"int16_t", INT16_MIN, INT16_MAX},
    {"unsigned short", 0, USHRT_MAX},
    {"uint16_t", 0, UINT16_MAX},
    {"size_t", 0, INT64_MAX},
    {"std::size_t", 0, INT64_MAX},
    {"uint64_t", 0, INT64_MAX},
    {"unsigned long", 0, INT64_MAX},
    {"unsigned long long", 0, INT64_MAX},
};

/* a size that its parameter cannot hold would be passed as another */
static int check_fits(struct resolver *r, const struct clause *c, const struct bind *bind,
                      size_t which, int64_t value)
{
    int index = spec_find_param(r->spec, bind->name);
    const struct param *p = index >= 0 ? &r->spec->params[index] : NULL;
    const char *type = p ? p->type : "";

    if (strncmp(type, "const ", 6) == 0)
        type += 6;
    if (spec_find_arg(r->spec, bind->name) >= 0)
        return 0;
    for (size_t i = 0; i < sizeof INTEGERS / sizeof *INTEGERS; i++)
        if (strcmp(type, INTEGERS[i].name) == 0 &&
            (value < INTEGERS[i].least || value > INTEGERS[i].most))
            return resolve_error(r, c, bind->values[which].at.at,
                                 "'%s %s' of '%s' cannot hold %lld", p->type, p->name,
                                 r->spec->name, (long long)value);
    return 0;
}

static int evaluate(struct resolver *r, struct clause_values *v)
{
    struct constants_view view = {r->constants, r->decl->scope};
    const struct clause *c = v->clause;
    int rc = 0;

    v->weight = 1;
    v->values = arena_array(r->arena, int64_t *, c->nbinds);
    for (size_t i = 0; i < c->nbinds; i++) {
        const struct bind *bind = &c->binds[i];
        if (bind->nvalues == 0)
            v->weight = bind->weight;
        if (bind->nvalues == 0 || !bind->values[0].expr)
            continue;
        v->values[i] = arena_array(r->arena, int64_t, bind->nvalues);
        for (size_t k = 0; k < bind->nvalues; k++) {
            struct error err = {""};
            if (expr_eval(bind->values[k].expr, constants_lookup, &view, &v->values[i][k], &err))
                rc |=
                    resolve_error(r, c, bind->values[k].at.at,
                                  "the value of '%s' cannot be computed: %s", bind->name, err.text);
            else
                rc |= check_fits(r, c, bind, k, v->values[i][k]);
        }
    }
    return rc ? -1 : 0;
}

static int check_bound(struct resolver *r, const struct clause *c)
{
    int rc = 0;

    for (size_t i = 0; i < r->spec->ndims; i++) {
        bool bound = spec_find_let(r->spec, r->spec->dims[i]) >= 0;
        for (size_t k = 0; k < c->nbinds; k++)
            bound |= strcmp(c->binds[k].name, r->spec->dims[i]) == 0;
        if (!bound)
            rc |= resolve_error(r, c, c->at.at, "this %s does not bind dimension '%s'",
                                clause_word(c->kind), r->spec->dims[i]);
    }
    return rc ? -1 : 0;
}

/* --- points --- */

static struct gen place_gen(const struct resolver *r, const struct clause *c, struct gen gen)
{
    struct gen_arg *args = arena_array(r->arena, struct gen_arg, gen.nargs);

    for (size_t i = 0; i < gen.nargs; i++) {
        args[i] = gen.args[i];
        args[i].value = resolve_place_cxx(r, c, args[i].value);
    }
    gen.args = args;
    gen.at = resolve_place(r, c, gen.at);
    return gen;
}

static bool ends_in_colon(const struct buf *text)
{
    return text->len > 1 && strcmp(text->data + text->len - 2, ": ") == 0;
}

/* "t=uniform(0, 1), p=zeros" of the generators that a point brings */
static void add_generators(const struct resolver *r, const struct point *p, struct buf *out)
{
    const char *between = out->len > 0 && !ends_in_colon(out) ? ", " : "";

    for (size_t i = 0; i < r->spec->narrays && !out->full; i++) {
        const struct gen *gen = &p->gens[i];
        if (!gen->name)
            continue;
        buf_addf(out, "%s%s=%s", between, r->spec->arrays[i].name, gen->name);
        for (size_t k = 0; k < gen->nargs; k++)
            buf_addf(out, "%s%s%s", k ? ", " : "(",
                     gen->args[k].is_string ? gen->args[k].string : gen->args[k].value.text,
                     k + 1 == gen->nargs ? ")" : "");
        between = ", ";
    }
}

/* NULL, reported, when it would be too long to tell points apart by */
static const char *label_of(struct resolver *r, const struct clause *c, const struct point *p,
                            bool generators)
{
    const char *label = NULL;
    struct buf text;

    buf_init(&text, LABEL_LIMIT);
    if (*p->name)
        buf_addf(&text, "%s: ", p->name);
    for (size_t i = 0, n = 0; i < r->spec->ndims && !text.full; i++)
        if (p->bound[i])
            buf_addf(&text, "%s%s=%" PRId64, n++ ? ", " : "", r->spec->dims[i], p->dims[i]);
    if (generators)
        add_generators(r, p, &text);
    if (text.full)
        resolve_error(r, c, c->at.at,
                      "the dimensions of this %s, written out, have more than %d bytes: give them "
                      "shorter names",
                      clause_word(c->kind), LABEL_LIMIT);
    else if (text.len == 0)
        label = "default";
    else if (ends_in_colon(&text))
        label = p->name;
    else
        label = arena_dup(r->arena, buf_text(&text));
    buf_release(&text);
    return label;
}

static const struct point *find_label(const struct resolver *r, const char *label)
{
    for (size_t i = 0; i < r->spec->npoints; i++)
        if (strcmp(r->spec->points[i].label, label) == 0)
            return &r->spec->points[i];
    return NULL;
}

/* Gives the point its label and adds it. A test that repeats a timed point says nothing new (what
 * is timed is checked) and is dropped with a warning; any other repetition is a mistake. */
static int add_labelled(struct resolver *r, const struct clause *c, struct point *p)
{
    const struct point *same;

    p->label = label_of(r, c, p, false);
    same = p->label ? find_label(r, p->label) : NULL;
    if (same) {
        p->label = label_of(r, c, p, true);
        same = p->label ? find_label(r, p->label) : NULL;
    }
    if (!p->label)
        return -1;
    if (!same) {
        *arena_push(r->arena, r->spec->points, r->spec->npoints) = *p;
        return 0;
    }
    if (same->timed && !p->timed) {
        diag_warning(r->diag, c->src, c->at.at,
                     "test '%s' repeats a workload, which is checked anyway", p->label);
        return 0;
    }
    resolve_error(r, c, c->at.at, "%s '%s' is given twice", clause_word(c->kind), p->label);
    diag_note(r->diag, r->file->src, same->at.at, "first given here");
    return -1;
}

/* the point that takes value which[i] of each bind */
static int add_point(struct resolver *r, const struct clause_values *v, const size_t *which)
{
    const struct clause *c = v->clause;
    struct point p = {.name = c->name, .timed = c->kind == CLAUSE_WORKLOAD};

    if (r->spec->npoints == POINT_LIMIT)
        return resolve_error(r, c, c->at.at, "more than %d workloads and tests", POINT_LIMIT);
    p.weight = p.timed ? v->weight : 0;
    p.at = resolve_place(r, c, c->at);
    p.dims = arena_array(r->arena, int64_t, r->spec->ndims);
    p.bound = arena_array(r->arena, bool, r->spec->ndims);
    p.gens = arena_array(r->arena, struct gen, r->spec->narrays);
    for (size_t i = 0; i < c->nbinds; i++) {
        const struct bind *bind = &c->binds[i];
        int dim = spec_find_dim(r->spec, bind->name), array = spec_find_array(r->spec, bind->name);
        if (v->values[i] && dim >= 0) {
            p.dims[dim] = v->values[i][which[i]];
            p.bound[dim] = true;
        } else if (bind->nvalues > 0 && array >= 0) {
            p.gens[array] = place_gen(r, c, bind->values[which[i]].gen);
        }
    }
    return add_labelled(r, c, &p);
}

/* counts `which` up, the last bind fastest; false after the last combination */
static bool advance(const struct clause *c, size_t *which)
{
    for (size_t i = c->nbinds; i > 0; i--) {
        if (++which[i - 1] < c->binds[i - 1].nvalues)
            return true;
        which[i - 1] = 0;
    }
    return false;
}

static int add_points(struct resolver *r, const struct clause *c)
{
    struct clause_values v = {.clause = c};
    size_t *which = arena_array(r->arena, size_t, c->nbinds);

    if (check_bound(r, c) || evaluate(r, &v))
        return -1;
    do {
        if (add_point(r, &v, which))
            return -1;
    } while (advance(c, which));
    return 0;
}

int resolve_points(struct resolver *r)
{
    int rc = 0;

    /* workloads first, so that a test that repeats one is seen to, wherever it stands */
    for (int timed = 1; timed >= 0; timed--)
        for (size_t i = 0; i < r->nclauses; i++)
            if (r->clauses[i].kind == (timed ? CLAUSE_WORKLOAD : CLAUSE_TEST))
                rc |= add_points(r, &r->clauses[i]);
    return rc ? -1 : 0;
}
