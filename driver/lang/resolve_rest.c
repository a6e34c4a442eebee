/* resolve_rest.c - the launch, the settings, and the last step: all places in the annotated file.
 */
#include <string.h>
#include "driver/lang/lex.h"
#include "driver/lang/resolve.h"
#include "runtime/base/arena.h"

/* --- launch --- */

static bool is_of_thread(const char *name)
{
    static const char *const NAMES[] = {"threadIdx", "blockIdx", "blockDim", "gridDim", "warpSize"};

    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(name, NAMES[i]) == 0)
            return true;
    return false;
}

/* A launch site elsewhere in the file must be able to compute the geometry from what it passes, so
 * a dimension or let in it has to be a parameter. All other names are for the compiler to judge. */
static int check_names(struct resolver *r, const struct clause *c, const char *part,
                       const struct cxx *cxx)
{
    struct token last = {TOKEN_END, {0, 0}, 0}, t;
    struct lexer l;
    int rc = 0;

    lexer_init(&l, c->src, cxx->at, true);
    for (t = lexer_next(&l); t.kind != TOKEN_END; last = t, t = lexer_next(&l)) {
        const char *name = t.kind == TOKEN_NAME ? source_copy(r->arena, c->src, t.span) : "";
        bool dim = spec_find_dim(r->spec, name) >= 0;
        if (is_of_thread(name) && !dim && spec_find_param(r->spec, name) < 0 &&
            !lex_punct(c->src, &last, '.'))
            rc = resolve_error(r, c, t.span.at,
                               "launch(%s) uses '%s', which only a running kernel has: use the "
                               "constants that the launch is made from",
                               part, name);
        if (!*name || lex_punct(c->src, &last, '.') || lex_is(c->src, &last, "::") ||
            lex_is(c->src, &last, "->") || spec_find_param(r->spec, name) >= 0 ||
            (!dim && spec_find_let(r->spec, name) < 0))
            continue;
        rc = resolve_error(r, c, t.span.at,
                           "launch(%s) uses %s '%s', which is not a parameter of '%s': a launch "
                           "site could not compute it; make the host launcher the entry",
                           part, dim ? "dimension" : "let", name, r->spec->name);
    }
    return rc;
}

static int launch_part(struct resolver *r, const struct clause *c, const struct launch_dim *dim)
{
    struct launch *launch = &r->spec->launch;
    struct cxx *const parts[] = {launch->grid, launch->block, launch->cluster, &launch->smem};
    int rc = 0;

    if (parts[dim->part][0].text)
        return resolve_error(r, c, dim->at.at, "'%s' is given twice", launch_words[dim->part].word);
    for (size_t i = 0; i < dim->n; i++) {
        rc |= check_names(r, c, launch_words[dim->part].word, &dim->value[i]);
        parts[dim->part][i] = resolve_place_cxx(r, c, dim->value[i]);
    }
    return rc;
}

int resolve_launch(struct resolver *r)
{
    const struct clause *c = NULL;
    int rc = 0;

    for (size_t i = 0; i < r->nclauses; i++)
        if (r->clauses[i].kind == CLAUSE_LAUNCH)
            c = &r->clauses[i];
    if (!c)
        return 0;
    for (size_t i = 0; i < c->ndims; i++)
        rc |= launch_part(r, c, &c->dims[i]);
    r->spec->launch.at = resolve_place(r, c, c->at);
    if (rc == 0 && (!r->spec->launch.grid[0].text || !r->spec->launch.block[0].text))
        return resolve_error(r, c, c->at.at, "launch(...) needs both grid = ... and block = ...");
    return rc;
}

/* --- settings --- */

static int64_t tighter(int64_t a, int64_t b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void add_require(struct spec *s, const struct require *require)
{
    s->require.deterministic |= require->deterministic;
    s->require.graph |= require->graph;
    s->require.smem = tighter(s->require.smem, require->smem);
    s->require.regs = tighter(s->require.regs, require->regs);
    s->require.spills = tighter(s->require.spills, require->spills);
}

static void apply(struct resolver *r, const struct clause *c)
{
    struct spec *s = r->spec;

    switch (c->kind) {
    case CLAUSE_SETUP:
        s->setup = resolve_place_cxx(r, c, c->cxx);
        break;
    case CLAUSE_OBJECTIVE:
        s->objective_warm = c->warm;
        s->objective_p90 = c->p90;
        s->objective_energy = c->energy;
        break;
    case CLAUSE_BUDGET:
        s->budget.seconds = c->seconds;
        s->budget.evals = c->evals;
        s->budget.tokens = c->tokens;
        break;
    case CLAUSE_REQUIRE:
        add_require(s, &c->require);
        break;
    case CLAUSE_SCRATCH:
        s->scratch = c->scratch;
        break;
    case CLAUSE_ALLOW:
        s->allow_host = true;
        diag_warning(r->diag, c->src, c->at.at,
                     "allow(host) has no effect in this version: nothing in it writes host code");
        break;
    case CLAUSE_HINT:
        *arena_push(r->arena, s->hints, s->nhints) = c->text;
        break;
    case CLAUSE_NAME:
        s->label = c->name;
        break;
    default:
        break;
    }
}

/* launches whose energy is measured run over the same arrays again and again */
static int check_repeats(struct resolver *r, const struct clause *objective)
{
    const struct spec *s = r->spec;

    for (size_t i = 0; s->objective_energy && i < s->narrays; i++)
        if (s->arrays[i].role == ROLE_INOUT)
            return resolve_error(
                r, objective, objective->at.at,
                "'%s' is inout, and objective(energy) repeats launches on the same "
                "arrays: it is for entries that leave their inputs alone",
                s->arrays[i].name);
    return 0;
}

int resolve_settings(struct resolver *r)
{
    int rc = 0;

    r->spec->require.smem = r->spec->require.regs = r->spec->require.spills = -1;
    for (size_t i = 0; i < r->nclauses; i++) {
        apply(r, &r->clauses[i]);
        if (r->clauses[i].kind == CLAUSE_OBJECTIVE)
            rc |= check_repeats(r, &r->clauses[i]);
    }
    return rc;
}

/* --- places --- */

static void place_array(const struct resolver *r, const struct clause *c, struct array *array)
{
    array->at = resolve_place(r, c, array->at);
    array->as = resolve_place_cxx(r, c, array->as);
    array->gen.at = resolve_place(r, c, array->gen.at);
    for (size_t i = 0; i < array->nextents; i++)
        array->extents[i] = resolve_place_cxx(r, c, array->extents[i]);
    for (size_t i = 0; i < array->gen.nargs; i++)
        array->gen.args[i].value = resolve_place_cxx(r, c, array->gen.args[i].value);
}

static void place_named(const struct resolver *r, const struct clause *c, struct named *named)
{
    named->at = resolve_place(r, c, named->at);
    named->value = resolve_place_cxx(r, c, named->value);
}

void resolve_place_all(struct resolver *r)
{
    for (size_t i = 0; i < r->spec->narrays; i++)
        place_array(r, r->of_array[i], &r->spec->arrays[i]);
    for (size_t i = 0; i < r->spec->nlets; i++)
        place_named(r, r->of_let[i], &r->spec->lets[i]);
    for (size_t i = 0; i < r->spec->nargs; i++)
        place_named(r, r->of_arg[i], &r->spec->args[i]);
}
